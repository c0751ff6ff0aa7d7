/* SPDX-License-Identifier: MIT */
#include "clip/model-private.h"
#include "backend/devices.h"
#include "base/error.h"
#include "base/file.h"
#include <fewshot/encode.h>
#include <fewshot/error.h>
#include <math.h>
#include <nettle/sha2.h>
#include <string.h>
#include <sys/stat.h>

enum { TEXT_BATCH = 16 };

/* ---- opening */

/* SHA-256 of a file. Hashing 600 MB takes seconds: the digest is remembered beside the feature
 * cache under the file's path, size and modification time. */
static char *
file_sha256 (const char *path, GCancellable *cancellable, GError **error)
{
  struct stat info;
  if (stat (path, &info) != 0)
    {
      few_fail (error, INPUT, "%s has vanished.", path);
      return NULL;
    }
  g_autofree char *folder = few_default_cache_folder ();
  g_autofree char *notes = g_build_filename (folder, "models.ini", NULL);
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autofree char *stamp =
      g_strdup_printf ("%" G_GUINT64_FORMAT "-%" G_GINT64_FORMAT ".%09ld", (guint64) info.st_size,
                       (gint64) info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
  g_autoptr (GKeyFile) known = g_key_file_new ();
  g_autofree char *group = g_compute_checksum_for_string (G_CHECKSUM_SHA256, absolute, -1);
  if (few_file_load_keys (known, notes, NULL))
    {
      g_autofree char *old = g_key_file_get_string (known, group, "stamp", NULL);
      g_autofree char *digest = g_key_file_get_string (known, group, "sha256", NULL);
      if (digest && strlen (digest) == 64 && g_strcmp0 (old, stamp) == 0)
        return g_steal_pointer (&digest);
    }
  g_autoptr (FewFile) file = few_file_open (path, G_MAXUINT64, error);
  if (!file)
    return NULL;
  enum { PIECE = 1 << 20 };
  struct sha256_ctx context;
  guint8 sum[SHA256_DIGEST_SIZE];
  g_autofree guint8 *data = g_malloc (PIECE);
  guint64 size = few_file_size (file);
  sha256_init (&context);
  for (guint64 at = 0; at < size; at += PIECE)
    {
      gsize n = (gsize) MIN (size - at, PIECE);
      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !few_file_read_at (file, data, n, at, error))
        return NULL;
      sha256_update (&context, n, data);
    }
  sha256_digest (&context, sizeof sum, sum);
  GString *hex = g_string_new (NULL);
  for (guint i = 0; i < sizeof sum; i++)
    g_string_append_printf (hex, "%02x", sum[i]);
  char *digest = g_string_free (hex, FALSE);
  g_key_file_set_string (known, group, "stamp", stamp);
  g_key_file_set_string (known, group, "sha256", digest);
  g_mkdir_with_parents (folder, 0700);
  g_autoptr (GError) ignored = NULL; /* only the next opening is slower */
  if (!few_file_save_keys (known, notes, &ignored))
    g_debug ("%s: %s", notes, ignored->message);
  return digest;
}

/* One file: its digest. Shards: the digest of theirs, one a line, in order. */
static char *
weights_sha256 (const FewWeights *weights, GCancellable *cancellable, GError **error)
{
  const char *const *files = few_weights_files (weights);
  if (!files[1])
    return file_sha256 (files[0], cancellable, error);
  g_autoptr (GChecksum) all = g_checksum_new (G_CHECKSUM_SHA256);
  for (; *files; files++)
    {
      g_autofree char *digest = file_sha256 (*files, cancellable, error);
      if (!digest)
        return NULL;
      g_checksum_update (all, (const guint8 *) digest, -1);
      g_checksum_update (all, (const guint8 *) "\n", 1);
    }
  return g_strdup (g_checksum_get_string (all));
}

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
  char *digest = weights_sha256 (weights, cancellable, error);
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

void
few_model_set_tap (FewModel *model, FewTapFunc func, gpointer user)
{
  model->tap = func;
  model->tap_user = user;
}

/* ---- text */

guint
few_model_tokenize (const FewModel *model, const char *text, gint32 *ids, gboolean *cut)
{
  return few_tokenizer_encode (model->tokenizer, text, model->config.context_length, ids, cut);
}

static gboolean
encode_texts (FewModel *model, const char *const *texts, guint n, float *features,
              GCancellable *cancellable, GError **error)
{
  guint context = model->config.context_length;
  g_autofree gint32 *ids = g_new (gint32, (gsize) TEXT_BATCH * context);
  for (guint first = 0; first < n; first += TEXT_BATCH)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      guint b = MIN (TEXT_BATCH, n - first);
      guint longest = 0;
      guint32 ends[TEXT_BATCH] = { 0 };
      gint32 rows[TEXT_BATCH][1024];
      for (guint i = 0; i < b; i++)
        {
          guint length = few_model_tokenize (model, texts[first + i], rows[i], NULL);
          /* the FIRST position of the largest id: an end token that the text itself contains
           * counts */
          for (guint j = 1; j < length; j++)
            if (rows[i][j] > rows[i][ends[i]])
              ends[i] = j;
          longest = MAX (longest, ends[i] + 1);
          for (guint j = length; j < context; j++)
            rows[i][j] = 0;
        }
      for (guint i = 0; i < b; i++)
        {
          memcpy (ids + (gsize) i * longest, rows[i], longest * sizeof (gint32));
          ends[i] += i * longest;
        }
      if (!few_text_forward (&model->text, &model->config, model->backend, model->backend->stream,
                             &model->whole, b, longest, ids, ends,
                             features + (gsize) first * model->info.dim, model->tap,
                             model->tap_user, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
few_model_encode_texts (FewModel *model, const char *const *texts, guint n, float *features,
                        GCancellable *cancellable, GError **error)
{
  GError *local = NULL;
  if (encode_texts (model, texts, n, features, cancellable, &local)
      || (few_model_fall_back (model, &local)
          && encode_texts (model, texts, n, features, cancellable, &local)))
    return TRUE;
  g_propagate_error (error, local);
  return FALSE;
}

static void
normalise (float *row, guint d)
{
  double sum = 0;
  for (guint i = 0; i < d; i++)
    sum += (double) row[i] * row[i];
  float scale = sum > 0 ? (float) (1 / sqrt (sum)) : 0;
  for (guint i = 0; i < d; i++)
    row[i] *= scale;
}

static char *
fill_template (const char *template, const char *name)
{
  g_autofree char *spoken = g_strdelimit (g_strdup (name), "_", ' ');
  const char *hole = strstr (template, "{}");
  if (!hole)
    return g_strdup (template);
  return g_strdup_printf ("%.*s%s%s", (int) (hole - template), template, spoken, hole + 2);
}

gboolean
few_model_encode_classes (FewModel *model, const char *const *names, const char *const *prompts,
                          guint n_classes, const char *const *templates, float *out,
                          GCancellable *cancellable, GError **error)
{
  guint d = model->info.dim;
  guint n_templates = g_strv_length ((char **) templates);
  if (n_templates == 0)
    {
      few_fail (error, INPUT, "There is no prompt template.");
      return FALSE;
    }
  g_autofree float *features = g_new (float, (gsize) n_classes *d);
  memset (out, 0, (gsize) n_classes * d * sizeof (float));
  for (guint t = 0; t < n_templates; t++)
    {
      g_auto (GStrv) texts = g_new0 (char *, n_classes + 1);
      for (guint k = 0; k < n_classes; k++)
        texts[k] = prompts && prompts[k] && *prompts[k] ? fill_template (prompts[k], names[k])
                                                        : fill_template (templates[t], names[k]);
      if (!few_model_encode_texts (model, (const char *const *) texts, n_classes, features,
                                   cancellable, error))
        return FALSE;
      for (guint k = 0; k < n_classes; k++)
        {
          normalise (features + (gsize) k * d, d);
          for (guint i = 0; i < d; i++)
            out[(gsize) k * d + i] += features[(gsize) k * d + i];
        }
    }
  for (guint k = 0; k < n_classes; k++)
    normalise (out + (gsize) k * d, d);
  return TRUE;
}
