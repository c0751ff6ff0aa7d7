/* SPDX-License-Identifier: MIT */
/* Models: opened, left by a GPU that failed, described and closed. */
#include "clip/model-private.h"
#include "clip/fingerprint.h"
#include "backend/devices.h"
#include "base/error.h"
#include <fewshot/error.h>
#include <math.h>
#include <string.h>

/* ---- opening */

static char *
describe (const FewClipConfig *c)
{
  if (c->is_resnet)
    return g_strdup_printf ("ModifiedResNet %u-%u-%u-%u, width %u, %u px", c->resnet_layers[0],
                            c->resnet_layers[1], c->resnet_layers[2], c->resnet_layers[3],
                            c->resnet_width, c->image_size);
  return g_strdup_printf ("ViT %u/%u, %u × %u", c->patch_size, c->image_size, c->vision.layers,
                          c->vision.width);
}

static gboolean
load_weights (FewModel *model, const FewWeights *weights, GError **error)
{
  FewLoader loader = { model->backend, weights, model->vectors, model->matrices, NULL };
  if (model->config.is_resnet)
    model->resnet = few_resnet_load (&model->config, &loader);
  else
    few_vit_load (&model->vit, &model->config, &loader);
  few_text_load (&model->text, &model->config, &loader);
  if (loader.error)
    {
      g_propagate_error (error, loader.error);
      return FALSE;
    }
  g_auto (FewWeightView) scale = { NULL };
  if (!few_weights_view (weights, &scale, error, "logit_scale", 0, NULL))
    return FALSE;
  model->info.logit_scale = exp (CLAMP (*scale.floats, -10.0f, 10.0f));
  /* other streams may read the weights now */
  return model->backend->ops->check (model->backend->stream, error);
}

static void
unload_weights (FewModel *model)
{
  FewBackend *backend = model->backend;
  for (guint i = 0; model->lanes && i < backend->lanes; i++)
    few_activations_clear (&model->lanes[i]);
  few_activations_clear (&model->whole);
  few_unload (backend, model->vectors, model->matrices);
  few_vit_clear (&model->vit);
  few_text_clear (&model->text);
  g_clear_pointer (&model->resnet, few_resnet_free);
  g_clear_pointer (&model->lanes, g_free);
}

#define SWAP(a, b)                                                                                 \
  G_STMT_START                                                                                     \
  {                                                                                                \
    __typeof__ (a) swapped = (a);                                                                  \
    (a) = (b), (b) = swapped;                                                                      \
  }                                                                                                \
  G_STMT_END

gboolean
few_model_fall_back (FewModel *model, GError **error)
{
  GError *why = *error;
  gboolean failed = g_error_matches (why, FEW_ERROR, FEW_ERROR_DEVICE)
                    || g_error_matches (why, FEW_ERROR, FEW_ERROR_MEMORY);
  if (!failed || !g_str_equal (model->backend->name, "cuda"))
    return FALSE;
  g_autoptr (GError) second = NULL;
  FewModel *other = few_model_open (model->info.folder, model->cpu, NULL, &second);
  if (!other)
    {
      g_prefix_error (error, "%s On the GPU: ", second->message);
      return FALSE;
    }
  SWAP (model->backend, other->backend);
  SWAP (model->vectors, other->vectors);
  SWAP (model->matrices, other->matrices);
  SWAP (model->vit, other->vit);
  SWAP (model->resnet, other->resnet);
  SWAP (model->text, other->text);
  SWAP (model->lanes, other->lanes);
  SWAP (model->whole, other->whole);
  SWAP (model->info.device, other->info.device);
  SWAP (model->info.precision, other->info.precision);
  unload_weights (other);
  model->left = other;
  g_free (model->notice);
  model->notice = g_strdup (why->message);
  g_clear_error (error);
  return TRUE;
}

char *
few_model_take_notice (FewModel *model)
{
  return g_steal_pointer (&model->notice);
}

/* Config, tokenizer and weights of a model folder, or of one weights file and what lies beside
 * it. */
static FewWeights *
open_files (FewModel *model, const char *path, GError **error)
{
  gboolean lone = g_file_test (path, G_FILE_TEST_IS_REGULAR);
  g_autofree char *folder = lone ? g_path_get_dirname (path) : g_strdup (path);
  g_autoptr (FewWeights) weights = NULL;
  if (few_clip_config_exists (folder))
    {
      if (!few_clip_config_load (folder, &model->config, error))
        return NULL;
    }
  else
    {
      weights = few_weights_open (path, error);
      if (!weights || !few_clip_config_from_weights (weights, &model->config, error))
        return NULL;
    }
  model->tokenizer = few_tokenizer_open (folder, model->config.vocab_size, error);
  if (!model->tokenizer)
    return NULL;
  return weights ? g_steal_pointer (&weights) : few_weights_open (path, error);
}

FewModel *
few_model_open (const char *path, const char *device, GCancellable *cancellable, GError **error)
{
  g_autoptr (FewModel) model = g_new0 (FewModel, 1);
  g_atomic_ref_count_init (&model->refs);
  model->max_pixels = FEW_MAX_PIXELS;
  model->vectors = g_ptr_array_new ();
  model->matrices = g_ptr_array_new ();
  g_autofree char *trimmed = g_canonicalize_filename (path, NULL);
  const char *threads = device ? strchr (device, ',') : NULL;
  model->cpu = g_strconcat ("cpu", threads ? threads : "", NULL);
  model->backend = few_backend_open (device, &model->notice, error);
  if (!model->backend)
    return NULL;
  g_autoptr (FewWeights) weights = open_files (model, trimmed, error);
  if (!weights || !load_weights (model, weights, error))
    return NULL;
  char *digest = few_weights_sha256 (weights, cancellable, error);
  if (!digest)
    return NULL;
  model->info.folder = g_strdup (trimmed);
  model->info.name = g_path_get_basename (trimmed);
  model->info.architecture = describe (&model->config);
  model->info.sha256 = digest;
  model->info.dim = model->config.embed_dim;
  model->info.context_length = model->config.context_length;
  model->info.vocab_size = model->config.vocab_size;
  model->info.parameters = few_weights_parameters (weights);
  model->info.preprocess = model->config.preprocess;
  model->info.device = model->backend->description;
  model->info.precision = model->backend->precision;
  model->whole.backend = model->backend;
  model->lanes = g_new0 (FewActivations, model->backend->lanes);
  for (guint i = 0; i < model->backend->lanes; i++)
    model->lanes[i].backend = model->backend;
  return g_steal_pointer (&model);
}

FewModel *
few_model_ref (FewModel *model)
{
  g_atomic_ref_count_inc (&model->refs);
  return model;
}

void
few_model_unref (FewModel *model)
{
  if (!g_atomic_ref_count_dec (&model->refs))
    return;
  if (model->backend)
    {
      unload_weights (model);
      few_backend_free (model->backend);
    }
  g_clear_pointer (&model->left, few_model_unref);
  g_free (model->notice);
  g_free (model->cpu);
  g_clear_pointer (&model->tokenizer, few_tokenizer_free);
  g_clear_pointer (&model->cache, few_feature_cache_free);
  g_free (model->cache_name);
  g_ptr_array_unref (model->vectors);
  g_ptr_array_unref (model->matrices);
  g_free ((char *) model->info.folder);
  g_free ((char *) model->info.name);
  g_free ((char *) model->info.architecture);
  g_free ((char *) model->info.sha256);
  g_free (model);
}

const FewModelInfo *
few_model_info (const FewModel *model)
{
  return &model->info;
}

guint
few_model_dim (const FewModel *model)
{
  return model->info.dim;
}

FewBackend *
few_model_backend (const FewModel *model)
{
  return model->backend;
}

const FewClipConfig *
few_model_config (const FewModel *model)
{
  return &model->config;
}

const FewTextTower *
few_model_text (const FewModel *model)
{
  return &model->text;
}

const FewVit *
few_model_vit (const FewModel *model)
{
  return model->config.is_resnet ? NULL : &model->vit;
}

guint64
few_model_max_pixels (const FewModel *model)
{
  return model->max_pixels;
}

void
few_model_set_max_pixels (FewModel *model, guint64 max_pixels)
{
  model->max_pixels = max_pixels;
}

void
few_model_set_exact (FewModel *model, gboolean exact)
{
  model->config.preprocess.exact = model->info.preprocess.exact = exact;
}

gboolean
few_model_is_tapped (const FewModel *model)
{
  return model->tap != NULL;
}

void
few_model_set_tap (FewModel *model, FewTapFunc func, gpointer user)
{
  model->tap = func;
  model->tap_user = user;
}

guint
few_model_tokenize (const FewModel *model, const char *text, gint32 *ids, gboolean *cut)
{
  return few_tokenizer_encode (model->tokenizer, text, model->config.context_length, ids, cut);
}
