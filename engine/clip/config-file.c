/* SPDX-License-Identifier: MIT */
/* The config of a model: which source there is, and the checks after reading it. */
#include "clip/config-file.h"
#include "base/error.h"
#include "clip/config-reader.h"
#include "clip/shapes.h"
#include "clip/text.h"
#include "clip/towers.h"

/* Fills what follows from the rest, and checks all but the image tower; `path` names the source in
 * errors. */
static gboolean
finish_config (FewClipConfig *c, const char *path, GError **error)
{
  if (c->context_length > 0 && !few_clip_check_transformer (&c->text, "text", path, error))
    return FALSE;
  for (int i = 0; i < 3; i++)
    if (!(c->preprocess.std[i] > 1e-6))
      {
        few_fail (error, FORMAT, "%s: a standard deviation of the preprocessing is not positive.",
                  path);
        return FALSE;
      }
  c->preprocess.size = c->image_size;
  return TRUE;
}

static char *
config_path (const char *folder, gboolean *open_clip)
{
  g_autofree char *first = g_build_filename (folder, "open_clip_config.json", NULL);
  g_autofree char *second = g_build_filename (folder, "config.json", NULL);
  *open_clip = g_file_test (first, G_FILE_TEST_EXISTS);
  if (*open_clip)
    return g_steal_pointer (&first);
  return g_file_test (second, G_FILE_TEST_EXISTS) ? g_steal_pointer (&second) : NULL;
}

gboolean
few_clip_config_exists (const char *folder)
{
  gboolean open_clip;
  g_autofree char *path = config_path (folder, &open_clip);
  return path != NULL;
}

gboolean
few_clip_config_load (const char *folder, FewClipConfig *c, GError **error)
{
  gboolean open_clip;
  g_autofree char *path = config_path (folder, &open_clip);
  *c = (FewClipConfig) { .preprocess = few_clip_preprocess };
  if (!path)
    {
      few_fail (error, INPUT, "%s holds no model: open_clip_config.json or config.json is missing.",
                folder);
      return FALSE;
    }
  return (open_clip ? few_config_read_open_clip (path, c, error)
                    : few_config_read_hugging_face (folder, path, c, error))
         && finish_config (c, path, error)
         && (c->tower->measure || c->tower->check_config (c, path, error));
}

gboolean
few_clip_config_measure (FewClipConfig *c, const FewWeights *weights, GError **error)
{
  const char *path = few_weights_files (weights)[0];
  if (!few_text_measure (c, weights, path, error))
    return FALSE;
  return !c->tower->measure
         || (c->tower->measure (c, weights, path, error)
             && c->tower->check_config (c, path, error));
}

/* ---- from the weights */

gboolean
few_clip_config_from_weights (const FewWeights *weights, FewClipConfig *c, GError **error)
{
  const char *path = few_weights_files (weights)[0];
  *c = (FewClipConfig) { .preprocess = few_clip_preprocess };
  if (few_weights_find (weights, "visual.transformer.resblocks.0.ls_1.gamma"))
    return few_dino_from_weights (weights, path, c, error) && finish_config (c, path, error)
           && c->tower->check_config (c, path, error);
  if (!few_weights_find (weights, "input_resolution")
      || !few_weights_find (weights, "context_length") || !few_weights_find (weights, "vocab_size"))
    {
      few_fail (error, INPUT,
                "%s does not say how its model is built, and is none of OpenAI's archives: put the "
                "model's open_clip_config.json beside it.",
                path);
      return FALSE;
    }
  c->embed_dim = few_shape_dim (weights, "text_projection", 1);
  c->context_length = few_shape_dim (weights, "positional_embedding", 0);
  c->vocab_size = few_shape_dim (weights, "token_embedding.weight", 0);
  c->text = few_shape_transformer (weights, "", few_shape_dim (weights, "ln_final.weight", 0));
  c->tower = few_tower_for_weights (weights);
  gboolean sane = c->tower && c->tower->read_weights (c, weights) && c->embed_dim > 0
                  && c->embed_dim <= FEW_MAX_WIDTH && c->context_length >= 2
                  && c->context_length <= FEW_MAX_CONTEXT && c->vocab_size > 0
                  && c->vocab_size <= FEW_MAX_VOCABULARY && c->image_size > 0
                  && c->image_size <= FEW_MAX_IMAGE_SIZE;
  if (!sane)
    {
      few_fail (error, FORMAT, "%s: the shapes of its tensors do not make a CLIP model.", path);
      return FALSE;
    }
  return finish_config (c, path, error) && c->tower->check_config (c, path, error);
}
