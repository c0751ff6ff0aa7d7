/* SPDX-License-Identifier: MIT */
/* Models: opened, described and closed. */
#include "clip/model.h"
#include "clip/model-private.h"
#include "clip/config-file.h"
#include "clip/fingerprint.h"
#include "backend/devices.h"
#include "base/error.h"
#include <fewshot/error.h>
#include <math.h>
#include <string.h>

/* What pictures may take in memory while all lanes decode: one of 200 megapixels has 800 MB. */
static const guint64 DECODE_BYTES = G_GUINT64_CONSTANT (1) << 30;

/* Of models that read no texts, for methods that are told one: what CLIP's training ends at. */
static const double TEXTLESS_SCALE = 100;

/* ---- opening */

static gboolean
read_logit_scale (FewModel *model, const FewWeights *weights, GError **error)
{
  g_auto (FewWeightView) scale = { NULL };
  model->info.logit_scale = TEXTLESS_SCALE;
  if (model->config.context_length == 0)
    return TRUE;
  if (!few_weights_view (weights, &scale, error, "logit_scale", 0, NULL))
    return FALSE;
  model->info.logit_scale = exp (CLAMP (*scale.floats, -10.0f, 10.0f));
  if (!few_weights_find (weights, "logit_bias"))
    return TRUE;
  g_auto (FewWeightView) bias = { NULL };
  if (!few_weights_view (weights, &bias, error, "logit_bias", 0, NULL))
    return FALSE;
  model->info.logit_bias = *bias.floats;
  model->info.independent = TRUE;
  return TRUE;
}

/* Config, tokenizer (none where it reads no texts) and weights of a model folder, or of one weights
 * file and what lies beside it. */
static FewWeights *
open_files (const char *path, FewClipConfig *config, FewTokenizer **tokenizer, GError **error)
{
  gboolean lone = g_file_test (path, G_FILE_TEST_IS_REGULAR);
  g_autofree char *folder = lone ? g_path_get_dirname (path) : g_strdup (path);
  g_autoptr (FewWeights) weights = NULL;
  gboolean described = few_clip_config_exists (folder);
  if (described && !few_clip_config_load (folder, config, error))
    return NULL;
  weights = few_weights_open (path, error);
  if (!weights
      || !(described ? few_clip_config_measure (config, weights, error)
                     : few_clip_config_from_weights (weights, config, error)))
    return NULL;
  few_weights_pair_halves (weights, config->vision.rope_theta > 0 ? config->vision.head_width : 0);
  if (config->context_length == 0)
    return g_steal_pointer (&weights);
  *tokenizer = few_tokenizer_open (folder, config->vocab_size, error);
  return *tokenizer ? g_steal_pointer (&weights) : NULL;
}

/* Onto the backend, which it takes over; where “auto” chose a GPU that has too little memory for
 * the model, or fails, onto the CPU, with a notice. */
static gboolean
load_weights (FewModel *model, const char *device, FewBackend *backend, const FewWeights *weights,
              GError **error)
{
  g_autoptr (GError) why = NULL;
  gboolean may_leave =
      g_str_equal (backend->name, "cuda") && (!device || g_str_has_prefix (device, "auto"));
  if (few_loaded_open (&model->loaded, backend, &model->config, weights, &why))
    return TRUE;
  if (!may_leave || !few_error_is_of_device (why))
    {
      g_propagate_error (error, g_steal_pointer (&why));
      return FALSE;
    }
  few_loaded_clear (&model->loaded);
  g_free (model->notice);
  model->notice = g_strdup (why->message);
  g_autofree char *unused = NULL;
  FewBackend *cpu = few_backend_open (model->cpu, &unused, error);
  return cpu && few_loaded_open (&model->loaded, cpu, &model->config, weights, error);
}

FewModel *
few_model_open (const char *path, const char *device, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);
  g_autoptr (FewModel) model = g_new0 (FewModel, 1);
  g_atomic_ref_count_init (&model->refs);
  model->limits.max_pixels = FEW_MAX_PIXELS;
  model->limits.budget = few_decode_budget_new (DECODE_BYTES);
  g_autofree char *trimmed = g_canonicalize_filename (path, NULL);
  model->cpu = few_device_on_cpu (device);
  g_autoptr (FewBackend) backend = few_backend_open (device, &model->notice, error);
  if (!backend)
    return NULL;
  g_autoptr (FewWeights) weights = open_files (trimmed, &model->config, &model->tokenizer, error);
  if (!weights || !load_weights (model, device, g_steal_pointer (&backend), weights, error)
      || !read_logit_scale (model, weights, error))
    return NULL;
  char *digest = few_weights_sha256 (weights, cancellable, error);
  if (!digest)
    return NULL;
  model->info.folder = g_strdup (trimmed);
  model->info.name = g_filename_display_basename (trimmed);
  model->info.architecture = model->config.tower->describe (&model->config);
  model->info.sha256 = digest;
  model->info.fingerprint = few_fingerprint_model (&model->config, digest, model->tokenizer);
  model->images = few_fingerprint_images (&model->config, digest);
  model->info.dim = model->config.embed_dim;
  model->info.context_length = model->config.context_length;
  model->info.vocab_size = model->config.vocab_size;
  model->info.parameters = few_weights_parameters (weights);
  model->info.preprocess = model->config.preprocess;
  model->info.reads_texts = model->tokenizer != NULL;
  guint columns;
  model->info.tells_parts = few_model_n_parts (model, &columns) > 0;
  if (model->tokenizer)
    few_tokenizer_scripts (model->tokenizer, model->info.scripts);
  model->info.device = model->loaded.backend->description;
  model->info.precision = model->loaded.backend->precision;
  if (model->tokenizer)
    few_loaded_keep_unread (&model->loaded, g_steal_pointer (&weights));
  return g_steal_pointer (&model);
}

gboolean
few_model_identify (const char *path, char **sha256, char **fingerprint, GCancellable *cancellable,
                    GError **error)
{
  g_return_val_if_fail (path != NULL && sha256 != NULL && fingerprint != NULL, FALSE);
  g_autofree char *trimmed = g_canonicalize_filename (path, NULL);
  FewClipConfig config = { 0 };
  FewTokenizer *tokenizer = NULL;
  g_autoptr (FewWeights) weights = open_files (trimmed, &config, &tokenizer, error);
  char *digest = weights ? few_weights_sha256 (weights, cancellable, error) : NULL;
  if (digest)
    {
      *fingerprint = few_fingerprint_model (&config, digest, tokenizer);
      *sha256 = digest;
    }
  g_clear_pointer (&tokenizer, few_tokenizer_free);
  return digest != NULL;
}

FewModel *
few_model_ref (FewModel *model)
{
  g_return_val_if_fail (model != NULL, NULL);
  g_atomic_ref_count_inc (&model->refs);
  return model;
}

void
few_model_unref (FewModel *model)
{
  g_return_if_fail (model != NULL);
  if (!g_atomic_ref_count_dec (&model->refs))
    return;
  few_loaded_clear (&model->loaded);
  g_clear_pointer (&model->left, few_model_unref);
  g_free (model->notice);
  g_free (model->cpu);
  g_clear_pointer (&model->limits.budget, few_decode_budget_unref);
  g_clear_pointer (&model->tokenizer, few_tokenizer_free);
  g_clear_pointer (&model->cache, few_feature_cache_free);
  g_free (model->cache_name);
  g_free (model->unkept);
  g_free ((char *) model->info.folder);
  g_free ((char *) model->info.name);
  g_free ((char *) model->info.architecture);
  g_free ((char *) model->info.sha256);
  g_free ((char *) model->info.fingerprint);
  g_free (model->images);
  g_free (model);
}

FewModelMatch
few_model_match (const FewModelInfo *info, const char *sha256, const char *fingerprint)
{
  if (fingerprint && g_strcmp0 (fingerprint, info->fingerprint) == 0)
    return FEW_MODEL_SAME;
  if (sha256 && *sha256 && g_strcmp0 (sha256, info->sha256) != 0)
    return FEW_MODEL_OTHER;
  return fingerprint && *fingerprint ? FEW_MODEL_OTHER_SETTINGS : FEW_MODEL_UNVERIFIED;
}

gboolean
few_model_reads (const FewModelInfo *info, const char *text)
{
  g_return_val_if_fail (info != NULL && text != NULL, FALSE);
  if (!info->reads_texts)
    return FALSE;
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  for (const char *p = valid; *p; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      GUnicodeScript script = g_unichar_get_script (c);
      gboolean counts = g_unichar_isalpha (c) && script > G_UNICODE_SCRIPT_INHERITED
                        && script != G_UNICODE_SCRIPT_LATIN
                        && (guint) script < 32 * G_N_ELEMENTS (info->scripts);
      if (counts && !(info->scripts[script / 32] & 1u << script % 32))
        return FALSE;
    }
  return TRUE;
}

/* Of scripts that are one, as Latin is. */
static gboolean
reads_one_script (const FewModelInfo *info)
{
  guint n = 0;
  for (gint i = G_UNICODE_SCRIPT_INHERITED + 1; i < 32 * (gint) G_N_ELEMENTS (info->scripts); i++)
    n += info->scripts[i / 32] >> i % 32 & 1;
  return n <= 1;
}

gboolean
few_model_knows_letters (const FewModelInfo *info, const char *text)
{
  g_return_val_if_fail (info != NULL && text != NULL, FALSE);
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autofree char *whole = g_utf8_normalize (valid, -1, G_NORMALIZE_NFC);
  gboolean plain = TRUE;
  for (const char *p = whole; *p; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      plain = plain && (c < 128 || !g_unichar_isalpha (c));
    }
  return plain || !info->reads_texts || !reads_one_script (info);
}

const FewModelInfo *
few_model_info (const FewModel *model)
{
  g_return_val_if_fail (model != NULL, NULL);
  return &model->info;
}

guint
few_model_dim (const FewModel *model)
{
  g_return_val_if_fail (model != NULL, 0);
  return model->info.dim;
}

FewBackend *
few_model_backend (const FewModel *model)
{
  return model->loaded.backend;
}

const FewClipConfig *
few_model_config (const FewModel *model)
{
  return &model->config;
}

const FewTextTower *
few_model_text (FewModel *model, GError **error)
{
  return few_loaded_text (&model->loaded, &model->config, error);
}

const FewTower *
few_model_tower (const FewModel *model, gconstpointer *state)
{
  *state = model->loaded.image;
  return model->loaded.tower;
}

const FewPictureLimits *
few_model_picture_limits (const FewModel *model)
{
  return &model->limits;
}

void
few_model_set_max_pixels (FewModel *model, guint64 max_pixels)
{
  g_return_if_fail (model != NULL);
  model->limits.max_pixels = max_pixels;
}

void
few_model_set_exact (FewModel *model, gboolean exact)
{
  g_return_if_fail (model != NULL);
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
  g_return_if_fail (model != NULL);
  model->tap = func;
  model->tap_user = user;
}

gint32
few_model_padding (const FewModel *model)
{
  return model->tokenizer ? few_tokenizer_padding (model->tokenizer) : 0;
}

guint
few_model_tokenize (const FewModel *model, const char *text, gint32 *ids, gboolean *cut)
{
  g_return_val_if_fail (model != NULL && text != NULL, 0);
  if (cut)
    *cut = FALSE;
  if (!model->tokenizer)
    return 0;
  g_return_val_if_fail (ids != NULL, 0);
  return few_tokenizer_encode (model->tokenizer, text, model->config.context_length, ids, cut);
}
