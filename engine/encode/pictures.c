/* SPDX-License-Identifier: MIT */
/* Pictures to features: pixels, one file, many files on all lanes. */
#include "base/error.h"
#include "base/memory.h"
#include "image/picture.h"
#include "clip/model.h"
#include <fewshot/encode.h>
#include <fewshot/error.h>
#include <string.h>

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
  guint r = few_model_config (model)->image_size;
  guint first = index * job->part;
  gsize one = (gsize) 3 * r * r;
  g_autoptr (GError) error = NULL;
  if (g_cancellable_set_error_if_cancelled (job->cancellable, &error)
      || !few_model_forward (model, stream, lane, MIN (job->part, job->n - first),
                             job->pixels + first * one,
                             job->features + (gsize) first * few_model_length (model), &error))
    {
      g_mutex_lock (&job->lock);
      if (!job->error)
        job->error = g_steal_pointer (&error);
      g_mutex_unlock (&job->lock);
    }
}

static gboolean
encode_pixels (FewModel *model, gpointer user, GError **error)
{
  PixelJob *job = user;
  guint n = job->n;
  FewBackend *backend = few_model_backend (model);
  gsize one =
      (gsize) 3 * few_model_config (model)->image_size * few_model_config (model)->image_size;
  if (g_cancellable_set_error_if_cancelled (job->cancellable, error))
    return FALSE;
  /* too few to give every lane its own: split the ops instead */
  if (n < 2 * backend->lanes || few_model_is_tapped (model))
    {
      for (guint i = 0; i < n; i += backend->batch)
        if (!few_model_forward (model, backend->stream, FEW_WHOLE_DEVICE,
                                MIN (backend->batch, n - i), job->pixels + i * one,
                                job->features + (gsize) i * few_model_length (model), error))
          return FALSE;
      return TRUE;
    }
  job->part = MIN (backend->batch, (n + backend->lanes - 1) / backend->lanes);
  g_mutex_init (&job->lock);
  backend->run_lanes (backend, (n + job->part - 1) / job->part, encode_part, job);
  g_mutex_clear (&job->lock);
  if (!job->error)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&job->error));
  return FALSE;
}

gboolean
few_model_encode_pixels (FewModel *model, const float *pixels, guint n, float *features,
                         GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (model != NULL && (n == 0 || (pixels && features)), FALSE);
  PixelJob job = {
    .model = model, .pixels = pixels, .features = features, .n = n, .cancellable = cancellable
  };
  return few_model_retry (model, encode_pixels, &job, error);
}

gboolean
few_model_encode_bytes (FewModel *model, GBytes *bytes, const char *name, float *feature,
                        GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (model != NULL && bytes != NULL && name != NULL && feature != NULL, FALSE);
  const FewPreprocess *preprocess = &few_model_config (model)->preprocess;
  gsize one = (gsize) 3 * preprocess->size * preprocess->size;
  g_autofree float *pixels = few_try_floats (one, 1, "a picture's pixels", error);
  g_autofree guint8 *resized = pixels ? few_try_bytes (one, "a picture's pixels", error) : NULL;
  return resized
         && few_image_preprocess (bytes, name, preprocess, few_model_picture_limits (model),
                                  resized, pixels, error)
         && few_model_encode_pixels (model, pixels, 1, feature, cancellable, error);
}

gboolean
few_model_encode_file (FewModel *model, const char *path, float *feature, GCancellable *cancellable,
                       GError **error)
{
  g_return_val_if_fail (model != NULL && path != NULL && feature != NULL, FALSE);
  g_autofree char *name = g_filename_display_name (path);
  g_autoptr (GBytes) bytes = few_image_read (path, NULL, error);
  return bytes && few_model_encode_bytes (model, bytes, name, feature, cancellable, error);
}

/* ---- folders of pictures: each lane reads, decodes and encodes a handful at a time, so that
 * all processors do all of it */

typedef struct
{
  FewModel *model;
  const char *const *paths;
  guint n;
  const char *cache_folder; /* NULL: none */
  FewFeatureCache *cache;
  FewEncodeFunc func;
  gpointer user;
  GCancellable *cancellable;
  GMutex lock;
  guint *order;       /* of pictures; pieces are parts of it */
  GArray *starts;     /* guint, of the pieces, and n */
  GArray *again;      /* guint: pictures that a failing device has left undone */
  GError *failure;    /* of the device */
} FileJob;

typedef struct
{
  guint index;
  guint8 hash[FEW_HASH_BYTES];
} Pending;

static void
report_picture (FileJob *job, guint index, const float *feature, const guint8 *hash,
                gboolean from_cache, const GError *error)
{
  g_mutex_lock (&job->lock);
  job->func (job->user, index, feature, hash, from_cache, error);
  g_mutex_unlock (&job->lock);
}

/* Takes the error. TRUE when it is the device's: the pictures are encoded again elsewhere. */
static gboolean
leave_undone (FileJob *job, const Pending *pending, guint n, GError **error)
{
  if (!g_error_matches (*error, FEW_ERROR, FEW_ERROR_DEVICE)
      && !g_error_matches (*error, FEW_ERROR, FEW_ERROR_MEMORY))
    return FALSE;
  g_mutex_lock (&job->lock);
  for (guint i = 0; i < n; i++)
    g_array_append_val (job->again, pending[i].index);
  if (!job->failure)
    job->failure = g_steal_pointer (error);
  g_mutex_unlock (&job->lock);
  return TRUE;
}

/* Where a piece of job->order does not fit into memory. */
static void
refuse_piece (FileJob *job, guint start, guint n, const GError *error)
{
  for (guint at = 0; at < n; at++)
    report_picture (job, job->order[start + at], NULL, NULL, FALSE, error);
}

static void
encode_handful (gpointer user, guint index, guint lane, FewStream *stream)
{
  FileJob *job = user;
  FewModel *model = job->model;
  guint d = few_model_length (model);
  guint r = few_model_config (model)->image_size;
  guint n_pending = 0;
  gsize one = (gsize) 3 * r * r;
  guint start = g_array_index (job->starts, guint, index);
  guint most = g_array_index (job->starts, guint, index + 1) - start;
  g_autoptr (GError) no_room = NULL;
  g_autofree float *pixels = few_try_floats (most, one + d, "the pixels of pictures", &no_room);
  g_autofree guint8 *resized = pixels ? few_try_bytes (one, "a picture", &no_room) : NULL;
  g_autofree Pending *pending =
      resized ? few_try_copy (NULL, most, sizeof *pending, "the pictures", &no_room) : NULL;
  if (!pending)
    return refuse_piece (job, start, most, no_room);
  float *features = pixels + most * one;
  for (guint at = 0; at < most; at++)
    {
      g_autoptr (GError) error = NULL;
      guint i = job->order[start + at];
      Pending *p = &pending[n_pending];
      p->index = i;
      if (g_cancellable_is_cancelled (job->cancellable))
        return;
      g_autoptr (GBytes) bytes = few_image_read (job->paths[i], p->hash, &error);
      if (bytes && job->cache && few_feature_cache_get (job->cache, p->hash, features))
        {
          report_picture (job, i, features, p->hash, TRUE, NULL);
          continue;
        }
      g_autofree char *name = g_filename_display_name (job->paths[i]);
      if (!bytes
          || !few_image_preprocess (bytes, name, &few_model_config (model)->preprocess,
                                    few_model_picture_limits (model), resized,
                                    pixels + n_pending * one, &error))
        {
          report_picture (job, i, NULL, NULL, FALSE, error);
          continue;
        }
      n_pending++;
    }
  g_autoptr (GError) error = NULL;
  if (n_pending == 0 || g_cancellable_is_cancelled (job->cancellable))
    return;
  gboolean ok = few_model_forward (model, stream, lane, n_pending, pixels, features, &error);
  if (!ok && leave_undone (job, pending, n_pending, &error))
    return;
  for (guint i = 0; i < n_pending; i++)
    {
      const float *feature = features + (gsize) i * d;
      g_autoptr (GError) cache_error = NULL;
      if (ok && job->cache
          && !few_feature_cache_put (job->cache, pending[i].hash, feature, &cache_error))
        g_debug ("%s", cache_error->message);
      report_picture (job, pending[i].index, ok ? feature : NULL, pending[i].hash, FALSE, error);
    }
}

/* The pictures of job->order, by all lanes; FALSE when the device has left some undone, which
 * are those of job->order then. */
static gboolean
encode_pictures (FewModel *model, gpointer user, GError **error)
{
  FileJob *job = user;
  FewBackend *backend = few_model_backend (model);
  guint n = job->n;
  /* Handfuls get smaller towards the end, so that no lane is left with many pictures while the
   * others have none. */
  g_autoptr (GArray) starts = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < n; i += CLAMP ((n - i) / (2 * backend->lanes), 1, backend->batch))
    g_array_append_val (starts, i);
  g_array_append_val (starts, n);
  job->starts = starts;
  /* asked anew on the CPU, whose f32 features have a cache of their own */
  job->cache = job->cache_folder ? few_model_feature_cache (model, job->cache_folder) : NULL;
  backend->run_lanes (backend, starts->len - 1, encode_handful, job);
  job->starts = NULL;
  job->n = job->again->len;
  if (job->n == 0)
    return TRUE;
  memcpy (job->order, job->again->data, job->n * sizeof *job->order);
  g_array_set_size (job->again, 0);
  g_propagate_error (error, g_steal_pointer (&job->failure));
  return FALSE;
}

gboolean
few_model_encode_files (FewModel *model, const char *const *paths, guint n,
                        const char *cache_folder, FewEncodeFunc func, gpointer user,
                        GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (model != NULL && func != NULL && (n == 0 || paths), FALSE);
  g_autofree guint *order = few_try_copy (NULL, n, sizeof *order, "the pictures", error);
  if (!order)
    return FALSE;
  g_autoptr (GArray) again = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GError) failure = NULL;
  FileJob job = { .model = model,
                  .paths = paths,
                  .n = n,
                  .cache_folder = cache_folder,
                  .func = func,
                  .user = user,
                  .cancellable = cancellable,
                  .order = order,
                  .again = again };
  for (guint i = 0; i < n; i++)
    order[i] = i;
  g_mutex_init (&job.lock);
  if (!few_model_retry (model, encode_pictures, &job, &failure))
    for (guint i = 0; i < job.n; i++)
      report_picture (&job, order[i], NULL, NULL, FALSE, failure);
  g_mutex_clear (&job.lock);
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}
