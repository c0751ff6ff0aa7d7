/* SPDX-License-Identifier: MIT */
/* Opens and runs towers of small models that other libraries made, whatever reads their texts. */
#include "family.h"
#include "clip/config-file.h"

Family *
family_open (const char *path, const char *precision)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_build_filename (TEST_DATA, path, NULL);
  Family *family = g_new0 (Family, 1);
  FewBackend *backend = few_backend_cuda_new (0, precision, TRUE, 1, &error);
  g_assert_no_error (error);
  few_clip_config_load (folder, &family->config, &error);
  g_assert_no_error (error);
  g_autoptr (FewWeights) weights = few_weights_open (folder, &error);
  g_assert_no_error (error);
  few_clip_config_measure (&family->config, weights, &error);
  g_assert_no_error (error);
  const FewTransformerConfig *vision = &family->config.vision;
  few_weights_pair_halves (weights, vision->rope_theta > 0 ? vision->head_width : 0);
  few_loaded_open (&family->loaded, backend, &family->config, weights, &error);
  g_assert_no_error (error);
  return family;
}

void
family_free (Family *family)
{
  few_loaded_clear (&family->loaded);
  g_free (family);
}

void
family_encode (Family *family, guint seed, guint b, float *features)
{
  FewLoaded *loaded = &family->loaded;
  guint side = family->config.image_size;
  gsize n = (gsize) b * 3 * side * side;
  g_autoptr (GError) error = NULL;
  g_autofree float *pixels = g_new (float, n);
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  const FewPass pass = { .config = &family->config,
                         .backend = loaded->backend,
                         .stream = loaded->backend->stream,
                         .activations = &loaded->whole };
  for (gsize i = 0; i < n; i++)
    pixels[i] = (float) g_rand_double_range (random, -1, 1);
  loaded->tower->forward (loaded->image, &pass, b, pixels, features, &error);
  g_assert_no_error (error);
}
