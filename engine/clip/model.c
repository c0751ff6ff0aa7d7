#include "model.h"
#include "../error.h"
#include "../image/picture.h"
#include "../text/tokenizer.h"
#include <math.h>
#include <nettle/sha2.h>
#include <string.h>
#include <sys/stat.h>

enum { TEXT_BATCH = 16, IMAGE_BATCH = 8 };

struct FewModel
{
  gatomicrefcount refs;
  FewModelInfo info;
  FewClipConfig config;
  FewBackend *backend;
  FewTokenizer *tokenizer;
  GPtrArray *vectors, *matrices;
  FewVit vit;
  FewResnet *resnet;
  FewTextTower text;
  FewActivations *lanes; /* one a lane */
  FewActivations whole;
  guint64 max_pixels;
  FewFeatureCache *cache; /* the last one used; NULL before */
  char *cache_name;       /* its folder and key */
  FewTapFunc tap;
  gpointer tap_user;
};

/* ---- opening */

/* SHA-256 of a file. Hashing 600 MB takes seconds: the digest is remembered beside the feature cache under the file's path, size
 * and modification time. */
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
  g_autofree char *stamp = g_strdup_printf ("%" G_GUINT64_FORMAT "-%" G_GINT64_FORMAT ".%09ld", (guint64) info.st_size, (gint64) info.st_mtim.tv_sec,
                                            info.st_mtim.tv_nsec);
  g_autoptr (GKeyFile) known = g_key_file_new ();
  g_autofree char *group = g_compute_checksum_for_string (G_CHECKSUM_SHA256, absolute, -1);
  if (g_key_file_load_from_file (known, notes, G_KEY_FILE_NONE, NULL))
    {
      g_autofree char *old = g_key_file_get_string (known, group, "stamp", NULL), *digest = g_key_file_get_string (known, group, "sha256", NULL);
      if (digest && strlen (digest) == 64 && g_strcmp0 (old, stamp) == 0)
        return g_steal_pointer (&digest);
    }
  g_autoptr (GMappedFile) map = g_mapped_file_new (path, FALSE, error);
  if (!map)
    return NULL;
  struct sha256_ctx context;
  guint8 sum[SHA256_DIGEST_SIZE];
  sha256_init (&context);
  const guint8 *data = (const guint8 *) g_mapped_file_get_contents (map);
  gsize size = g_mapped_file_get_length (map);
  for (gsize at = 0; at < size; at += 4u << 20)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
      sha256_update (&context, MIN (size - at, 4u << 20), data + at);
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
  if (!g_key_file_save_to_file (known, notes, &ignored))
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
    return g_strdup_printf ("ModifiedResNet %u-%u-%u-%u, width %u, %u px", c->resnet_layers[0], c->resnet_layers[1], c->resnet_layers[2],
                            c->resnet_layers[3], c->resnet_width, c->image_size);
  return g_strdup_printf ("ViT %u/%u, %u × %u", c->patch_size, c->image_size, c->vision.layers, c->vision.width);
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
  return TRUE;
}

static FewBackend *
open_backend (const char *device, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (device ? device : "auto", ",", 2);
  guint64 threads = 0;
  gboolean known = !parts[1] || (g_str_has_prefix (parts[1], "threads=") && g_ascii_string_to_unsigned (parts[1] + 8, 10, 1, 1024, &threads, NULL));
  const char *level = g_str_has_prefix (parts[0], "cpu:") ? parts[0] + 4 : NULL; /* bf16, or one to force for tests and bug reports */
  if (known && (level || g_str_equal (parts[0], "auto") || g_str_equal (parts[0], "cpu")))
    return few_backend_cpu_new ((guint) threads, level, error);
  few_fail (error, DEVICE, "There is no device “%s”; this build runs on “cpu”, and on “cpu:bf16” where the processor can.", device);
  return NULL;
}

/* Config, tokenizer and weights of a model folder, or of one weights file and what lies beside it. */
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
  model->backend = open_backend (device, error);
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
  model->info.device = model->backend->description;
  model->info.precision = model->backend->precision;
  model->info.dim = model->config.embed_dim;
  model->info.context_length = model->config.context_length;
  model->info.vocab_size = model->config.vocab_size;
  model->info.parameters = few_weights_parameters (weights);
  model->info.preprocess = model->config.preprocess;
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
      for (guint i = 0; model->lanes && i < model->backend->lanes; i++)
        few_activations_clear (&model->lanes[i]);
      few_activations_clear (&model->whole);
      few_unload (model->backend, model->vectors, model->matrices);
      few_vit_clear (&model->vit);
      few_text_clear (&model->text);
      g_clear_pointer (&model->resnet, few_resnet_free);
      few_backend_free (model->backend);
    }
  g_clear_pointer (&model->tokenizer, few_tokenizer_free);
  g_clear_pointer (&model->cache, few_feature_cache_free);
  g_free (model->cache_name);
  g_ptr_array_unref (model->vectors);
  g_ptr_array_unref (model->matrices);
  g_free (model->lanes);
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

gboolean
few_model_encode_texts (FewModel *model, const char *const *texts, guint n, float *features, GCancellable *cancellable, GError **error)
{
  guint context = model->config.context_length;
  g_autofree gint32 *ids = g_new (gint32, (gsize) TEXT_BATCH * context);
  for (guint first = 0; first < n; first += TEXT_BATCH)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      guint b = MIN (TEXT_BATCH, n - first), longest = 0;
      guint32 ends[TEXT_BATCH] = { 0 };
      gint32 rows[TEXT_BATCH][1024];
      for (guint i = 0; i < b; i++)
        {
          guint length = few_model_tokenize (model, texts[first + i], rows[i], NULL);
          /* the FIRST position of the largest id: an end token that the text itself contains counts */
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
      if (!few_text_forward (&model->text, &model->config, model->backend, model->backend->stream, &model->whole, b, longest, ids, ends,
                             features + (gsize) first * model->info.dim, model->tap, model->tap_user, error))
        return FALSE;
    }
  return TRUE;
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
few_model_encode_classes (FewModel *model, const char *const *names, const char *const *prompts, guint n_classes,
                          const char *const *templates, float *out, GCancellable *cancellable, GError **error)
{
  guint d = model->info.dim, n_templates = g_strv_length ((char **) templates);
  if (n_templates == 0)
    {
      few_fail (error, INPUT, "There is no prompt template.");
      return FALSE;
    }
  g_autofree float *features = g_new (float, (gsize) n_classes * d);
  memset (out, 0, (gsize) n_classes * d * sizeof (float));
  for (guint t = 0; t < n_templates; t++)
    {
      g_auto (GStrv) texts = g_new0 (char *, n_classes + 1);
      for (guint k = 0; k < n_classes; k++)
        texts[k] = prompts && prompts[k] && *prompts[k] ? fill_template (prompts[k], names[k]) : fill_template (templates[t], names[k]);
      if (!few_model_encode_texts (model, (const char *const *) texts, n_classes, features, cancellable, error))
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

/* ---- pictures */

static gboolean
forward (FewModel *model, FewStream *stream, FewActivations *activations, guint n, const float *pixels, float *features, GError **error)
{
  if (model->config.is_resnet)
    return few_resnet_forward (model->resnet, &model->config, model->backend, stream, activations, n, pixels, features, model->tap,
                               model->tap_user, error);
  return few_vit_forward (&model->vit, &model->config, model->backend, stream, activations, n, pixels, features, model->tap, model->tap_user,
                          error);
}

gboolean
few_model_forward (FewModel *model, FewStream *stream, guint lane, guint n, const float *pixels, float *features, GError **error)
{
  return forward (model, stream, &model->lanes[lane], n, pixels, features, error);
}

typedef struct
{
  FewModel *model;
  const float *pixels;
  float *features;
  guint n;
  guint part; /* pictures a lane call */
  GCancellable *cancellable;
  GMutex lock;
  GError *error;
} PixelJob;

static void
encode_part (gpointer user, guint index, guint lane, FewStream *stream)
{
  PixelJob *job = user;
  FewModel *model = job->model;
  guint r = model->config.image_size, first = index * job->part;
  gsize one = (gsize) 3 * r * r;
  g_autoptr (GError) error = NULL;
  if (g_cancellable_set_error_if_cancelled (job->cancellable, &error)
      || !forward (model, stream, &model->lanes[lane], MIN (job->part, job->n - first), job->pixels + first * one,
                   job->features + (gsize) first * model->info.dim, &error))
    {
      g_mutex_lock (&job->lock);
      if (!job->error)
        job->error = g_steal_pointer (&error);
      g_mutex_unlock (&job->lock);
    }
}

gboolean
few_model_encode_pixels (FewModel *model, const float *pixels, guint n, float *features, GCancellable *cancellable, GError **error)
{
  FewBackend *backend = model->backend;
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (n < 2 * backend->lanes || model->tap) /* too few to give every lane its own: split the ops instead */
    {
      for (guint i = 0; i < n; i += IMAGE_BATCH)
        if (!forward (model, backend->stream, &model->whole, MIN (IMAGE_BATCH, n - i), pixels + (gsize) i * 3 * model->config.image_size * model->config.image_size,
                      features + (gsize) i * model->info.dim, error))
          return FALSE;
      return TRUE;
    }
  PixelJob job = { .model = model, .pixels = pixels, .features = features, .n = n, .cancellable = cancellable };
  job.part = MIN (IMAGE_BATCH, (n + backend->lanes - 1) / backend->lanes);
  g_mutex_init (&job.lock);
  backend->run_lanes (backend, (n + job.part - 1) / job.part, encode_part, &job);
  g_mutex_clear (&job.lock);
  if (job.error)
    g_propagate_error (error, job.error);
  return job.error == NULL;
}

gboolean
few_model_encode_file (FewModel *model, const char *path, float *feature, GCancellable *cancellable, GError **error)
{
  const FewPreprocess *preprocess = &model->config.preprocess;
  gsize one = (gsize) 3 * preprocess->size * preprocess->size;
  g_autofree float *pixels = g_new (float, one);
  g_autofree guint8 *resized = g_malloc (one);
  g_autofree char *name = g_filename_display_name (path);
  g_autoptr (GBytes) bytes = few_picture_read (path, NULL, error);
  if (!bytes || !few_picture_preprocess (bytes, name, preprocess, model->max_pixels, resized, pixels, error))
    return FALSE;
  return few_model_encode_pixels (model, pixels, 1, feature, cancellable, error);
}

/* ---- folders of pictures: each lane reads, decodes and encodes a handful at a time, so that all processors do all of it */

typedef struct
{
  FewModel *model;
  const char *const *paths;
  guint n;
  FewFeatureCache *cache;
  FewEncodeFunc func;
  gpointer user;
  GCancellable *cancellable;
  GMutex lock;
  GArray *starts; /* guint, of the pieces, and n */
} FileJob;

typedef struct
{
  guint index;
  guint8 hash[FEW_HASH_BYTES];
} Pending;

static void
report (FileJob *job, guint index, const float *feature, const guint8 *hash, gboolean from_cache, const GError *error)
{
  g_mutex_lock (&job->lock);
  job->func (job->user, index, feature, hash, from_cache, error);
  g_mutex_unlock (&job->lock);
}

static void
encode_handful (gpointer user, guint index, guint lane, FewStream *stream)
{
  FileJob *job = user;
  FewModel *model = job->model;
  guint d = model->info.dim, r = model->config.image_size, n_pending = 0;
  gsize one = (gsize) 3 * r * r;
  g_autofree float *pixels = g_new (float, IMAGE_BATCH * one), *features = g_new (float, (gsize) IMAGE_BATCH * d);
  g_autofree guint8 *resized = g_malloc (one);
  Pending pending[IMAGE_BATCH];
  for (guint i = g_array_index (job->starts, guint, index); i < g_array_index (job->starts, guint, index + 1); i++)
    {
      g_autoptr (GError) error = NULL;
      Pending *p = &pending[n_pending];
      p->index = i;
      if (g_cancellable_is_cancelled (job->cancellable))
        return;
      g_autoptr (GBytes) bytes = few_picture_read (job->paths[i], p->hash, &error);
      if (bytes && job->cache && few_feature_cache_get (job->cache, p->hash, features))
        {
          report (job, i, features, p->hash, TRUE, NULL);
          continue;
        }
      g_autofree char *name = g_filename_display_name (job->paths[i]);
      if (!bytes
          || !few_picture_preprocess (bytes, name, &model->config.preprocess, model->max_pixels, resized, pixels + n_pending * one, &error))
        {
          report (job, i, NULL, NULL, FALSE, error);
          continue;
        }
      n_pending++;
    }
  g_autoptr (GError) error = NULL;
  if (n_pending == 0 || g_cancellable_is_cancelled (job->cancellable))
    return;
  gboolean ok = forward (model, stream, &model->lanes[lane], n_pending, pixels, features, &error);
  for (guint i = 0; i < n_pending; i++)
    {
      const float *feature = features + (gsize) i * d;
      g_autoptr (GError) cache_error = NULL;
      if (ok && job->cache && !few_feature_cache_put (job->cache, pending[i].hash, feature, &cache_error))
        g_debug ("%s", cache_error->message);
      report (job, pending[i].index, ok ? feature : NULL, pending[i].hash, FALSE, error);
    }
}

char *
few_default_cache_folder (void)
{
  return g_build_filename (g_get_user_cache_dir (), "fewshot", "features", NULL);
}

/* The feature cache of this model in a folder. It stays open for the next call: opening reads and checks every record. NULL when
 * there can be none; encoding again is slower, not wrong. */
FewFeatureCache *
few_model_feature_cache (FewModel *model, const char *folder)
{
  gboolean half = g_str_equal (model->info.precision, "bf16");
  g_autofree char *key = g_strdup_printf ("%.32s-p%d%s%s", model->info.sha256, FEW_PREPROCESS_VERSION,
                                          model->config.preprocess.exact ? "-exact" : "", half ? "-bf16" : "");
  g_autofree char *name = g_build_filename (folder, key, NULL);
  if (model->cache && g_str_equal (model->cache_name, name) && few_feature_cache_is_current (model->cache))
    return model->cache;
  g_clear_pointer (&model->cache, few_feature_cache_free);
  g_free (model->cache_name);
  model->cache_name = g_steal_pointer (&name);
  g_autoptr (GError) error = NULL;
  model->cache = few_feature_cache_open (folder, key, model->info.dim, &error);
  if (!model->cache)
    g_debug ("no feature cache: %s", error->message);
  return model->cache;
}

gboolean
few_model_encode_files (FewModel *model, const char *const *paths, guint n, const char *cache_folder, FewEncodeFunc func, gpointer user,
                        GCancellable *cancellable, GError **error)
{
  FileJob job = { .model = model, .paths = paths, .n = n, .func = func, .user = user, .cancellable = cancellable };
  job.cache = cache_folder ? few_model_feature_cache (model, cache_folder) : NULL;
  g_mutex_init (&job.lock);
  /* Handfuls get smaller towards the end, so that no lane is left with eight pictures while the others have none. */
  g_autoptr (GArray) starts = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < n; i += CLAMP ((n - i) / (2 * model->backend->lanes), 1, IMAGE_BATCH))
    g_array_append_val (starts, i);
  g_array_append_val (starts, n);
  job.starts = starts;
  model->backend->run_lanes (model->backend, starts->len - 1, encode_handful, &job);
  g_mutex_clear (&job.lock);
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}
