/* SPDX-License-Identifier: MIT */
/* Pictures to features: pixels, one file, many files on all lanes. */
#include "base/error.h"
#include "base/memory.h"
#include "image/picture.h"
#include "clip/model.h"
#include "encode/pictures.h"
#include "encode/ring.h"
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
  guint side_by_side = backend->in_flight > 0 ? backend->in_flight : backend->lanes;
  job->part = MIN (backend->batch, (n + side_by_side - 1) / side_by_side);
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

static gboolean
encode_bytes (FewModel *model, GBytes *bytes, const char *name, const FewPictureLimits *limits,
              float *feature, GCancellable *cancellable, GError **error)
{
  const FewPreprocess *preprocess = &few_model_config (model)->preprocess;
  gsize one = (gsize) 3 * preprocess->size * preprocess->size;
  g_autofree float *pixels = few_try_floats (one, 1, "a picture's pixels", error);
  g_autofree guint8 *resized = pixels ? few_try_bytes (one, "a picture's pixels", error) : NULL;
  return resized && few_image_preprocess (bytes, name, preprocess, limits, resized, pixels, error)
         && few_model_encode_pixels (model, pixels, 1, feature, cancellable, error);
}

gboolean
few_model_encode_bytes (FewModel *model, GBytes *bytes, const char *name, float *feature,
                        GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (model != NULL && bytes != NULL && name != NULL && feature != NULL, FALSE);
  const FewPictureLimits limits = few_image_limits (few_model_picture_limits (model), name);
  g_autofree char *shown = few_address_shown (name);
  return encode_bytes (model, bytes, shown, &limits, feature, cancellable, error);
}

gboolean
few_model_encode_file (FewModel *model, const char *path, float *feature, GCancellable *cancellable,
                       GError **error)
{
  g_return_val_if_fail (model != NULL && path != NULL && feature != NULL, FALSE);
  const FewPictureLimits limits = few_image_limits (few_model_picture_limits (model), path);
  g_autofree char *name = few_address_shown (path);
  g_autoptr (GBytes) bytes = few_image_read (path, NULL, error);
  return bytes && encode_bytes (model, bytes, name, &limits, feature, cancellable, error);
}

/* ---- folders of pictures, a handful at a time. On the CPU each lane reads, decodes and encodes
 * its own, so that all processors do all of it; for a GPU the lanes decode, and hand over. */

typedef struct
{
  FewModel *model;
  const FewPictureFiles *files;
  FewFeatureCache *cache;
  FewRing *ring;      /* NULL: who decodes encodes */
  GMutex lock;
  guint *order;       /* of pictures; pieces are parts of it */
  GArray *starts;     /* guint, of the pieces, and n */
  GArray *again;      /* guint: pictures that a failing device has left undone */
  FewReadBuffer *buffers; /* one a lane */
  gboolean hashed;
  GError *failure;    /* of the device */
  GError *unkept;     /* of the cache */
} FileJob;

static void
report_picture (FileJob *job, guint index, const float *feature, const guint8 *hash,
                gboolean from_cache, const GError *error)
{
  g_mutex_lock (&job->lock);
  job->files->func (job->files->user, index, feature, hash, from_cache, error);
  g_mutex_unlock (&job->lock);
}

static void
keep_feature (FileJob *job, const guint8 *key, const float *feature)
{
  g_autoptr (GError) error = NULL;
  if (!job->cache || few_feature_cache_put (job->cache, key, feature, &error))
    return;
  g_debug ("%s", error->message);
  g_mutex_lock (&job->lock);
  if (!job->unkept)
    job->unkept = g_steal_pointer (&error);
  g_mutex_unlock (&job->lock);
}

/* Takes the error. TRUE when it is the device's: the pictures are encoded again elsewhere. */
static gboolean
leave_undone (FileJob *job, const FewHandful *handful, GError **error)
{
  if (!few_error_is_of_device (*error))
    return FALSE;
  g_mutex_lock (&job->lock);
  for (guint i = 0; i < handful->n; i++)
    g_array_append_val (job->again, handful->pictures[i].index);
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

/* What a lane has for one picture after the other. */
typedef struct
{
  FewReadBuffer *file;
  guint8 *resized;
  float *feature;
} Desk;

/* NULL: none is made. */
static guint8 *
hash_of (const FileJob *job, FewPendingPicture *picture)
{
  return job->hashed ? picture->hash : NULL;
}

/* Whether the picture is one of the handful now; those of the cache, and those that cannot be read,
 * are reported. */
static gboolean
decode_picture (FileJob *job, guint i, const Desk *desk, FewHandful *handful)
{
  FewModel *model = job->model;
  const FewPreprocess *preprocess = &few_model_config (model)->preprocess;
  gsize one =
      (gsize) 3 * few_model_config (model)->image_size * few_model_config (model)->image_size;
  const char *path = job->files->paths[i];
  FewPendingPicture *p = &handful->pictures[handful->n];
  const FewPictureLimits limits = few_image_limits (few_model_picture_limits (model), path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = few_image_read_into (desk->file, path, hash_of (job, p), &error);
  p->index = i;
  if (bytes && job->hashed)
    few_crop_key (&limits.crop, p->hash, p->key);
  if (bytes && job->cache && few_feature_cache_get (job->cache, p->key, desk->feature))
    {
      report_picture (job, i, desk->feature, p->hash, TRUE, NULL);
      return FALSE;
    }
  g_autofree char *name = few_address_shown (path);
  if (bytes
      && few_image_preprocess (bytes, name, preprocess, &limits, desk->resized,
                               handful->pixels + handful->n * one, &error))
    return TRUE;
  report_picture (job, i, NULL, NULL, FALSE, error);
  return FALSE;
}

/* FALSE: there is no room, or nobody wants it any more. */
static gboolean
decode_handful (FileJob *job, guint lane, guint start, guint most, FewHandful *handful)
{
  guint d = few_model_length (job->model);
  guint r = few_model_config (job->model)->image_size;
  g_autoptr (GError) no_room = NULL;
  g_autofree float *feature = few_try_floats (d, 1, "a feature", &no_room);
  g_autofree guint8 *resized =
      feature ? few_try_bytes ((gsize) 3 * r * r, "a picture", &no_room) : NULL;
  const Desk desk = { &job->buffers[lane], resized, feature };
  handful->n = 0;
  if (!resized)
    {
      refuse_piece (job, start, most, no_room);
      return FALSE;
    }
  for (guint at = 0; at < most; at++)
    {
      if (g_cancellable_is_cancelled (job->files->cancellable))
        return FALSE;
      if (at + 1 < most) /* a disk reads it while this one is decoded */
        few_image_expect (job->files->paths[job->order[start + at + 1]]);
      handful->n += decode_picture (job, job->order[start + at], &desk, handful);
    }
  return handful->n > 0;
}

static void
forward_handful (gpointer user, const FewHandful *handful, guint lane, FewStream *stream)
{
  FileJob *job = user;
  FewModel *model = job->model;
  guint d = few_model_length (model);
  g_autoptr (GError) error = NULL;
  if (g_cancellable_is_cancelled (job->files->cancellable))
    return;
  g_autofree float *features = few_try_floats (handful->n, d, "the features of pictures", &error);
  gboolean ok =
      features
      && few_model_forward (model, stream, lane, handful->n, handful->pixels, features, &error);
  if (features && !ok && leave_undone (job, handful, &error))
    return;
  for (guint i = 0; i < handful->n; i++)
    {
      FewPendingPicture *p = &handful->pictures[i];
      const float *feature = ok ? features + (gsize) i * d : NULL;
      if (ok)
        keep_feature (job, p->key, feature);
      report_picture (job, p->index, feature, hash_of (job, p), FALSE, error);
    }
}

static void
encode_handful (gpointer user, guint index, guint lane, FewStream *stream)
{
  FileJob *job = user;
  guint r = few_model_config (job->model)->image_size;
  guint start = g_array_index (job->starts, guint, index);
  guint most = g_array_index (job->starts, guint, index + 1) - start;
  if (job->ring)
    {
      FewHandful *handful = few_ring_take (job->ring);
      if (!decode_handful (job, lane, start, most, handful))
        handful->n = 0;
      few_ring_give (job->ring, handful);
      return;
    }
  g_autoptr (GError) no_room = NULL;
  g_autofree float *pixels =
      few_try_floats (most, (gsize) 3 * r * r, "the pixels of pictures", &no_room);
  g_autofree FewPendingPicture *pictures =
      pixels ? few_try_copy (NULL, most, sizeof *pictures, "the pictures", &no_room) : NULL;
  FewHandful handful = { 0, pictures, pixels };
  if (!pictures)
    refuse_piece (job, start, most, no_room);
  else if (decode_handful (job, lane, start, most, &handful))
    forward_handful (job, &handful, lane, stream);
}

/* Handfuls get smaller towards the end, so that no lane is left with many pictures while the others
 * have none; a GPU does little worse with a few than with one. */
static GArray *
cut_pieces (const FewBackend *backend, guint n)
{
  enum { FEW = 8 };
  guint least = backend->in_flight > 0 ? MIN (FEW, backend->batch) : 1;
  guint piece;
  GArray *starts = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < n; i += piece)
    {
      g_array_append_val (starts, i);
      piece = CLAMP ((n - i) / (2 * backend->lanes), MIN (least, n - i), backend->batch);
    }
  g_array_append_val (starts, n);
  return starts;
}

gboolean
few_encode_files_here (FewModel *model, const FewPictureFiles *files, guint *order, guint *n,
                       GError **error)
{
  FewBackend *backend = few_model_backend (model);
  guint r = few_model_config (model)->image_size;
  g_autoptr (GArray) starts = cut_pieces (backend, *n);
  g_autoptr (GArray) again = g_array_new (FALSE, FALSE, sizeof (guint));
  FileJob job = {
    .model = model, .files = files, .order = order, .starts = starts, .again = again
  };
  g_autofree FewReadBuffer *buffers = g_new0 (FewReadBuffer, backend->lanes);
  job.buffers = buffers;
  g_mutex_init (&job.lock);
  /* asked anew on the CPU, whose f32 features have a cache of their own */
  job.cache = files->cache_folder ? few_model_feature_cache (model, files->cache_folder) : NULL;
  job.hashed = job.cache || !files->without_hash;
  guint pieces = starts->len - 1;
  guint largest = MIN (*n, backend->batch);
  job.ring = few_ring_new (backend, pieces, largest, (gsize) 3 * r * r, forward_handful, &job);
  backend->run_lanes (backend, pieces, encode_handful, &job);
  g_clear_pointer (&job.ring, few_ring_free);
  for (guint lane = 0; lane < backend->lanes; lane++)
    few_read_buffer_clear (&buffers[lane]);
  g_mutex_clear (&job.lock);
  *n = again->len;
  if (*n > 0)
    memcpy (order, again->data, *n * sizeof *order);
  if (job.unkept)
    few_model_set_unkept (model, job.unkept->message);
  g_clear_error (&job.unkept);
  if (job.failure)
    g_propagate_error (error, job.failure);
  return *n == 0;
}

typedef struct
{
  const FewPictureFiles *files;
  guint *order;
  guint n;
} Order;

static gboolean
encode_order (FewModel *model, gpointer user, GError **error)
{
  Order *order = user;
  return few_encode_files_here (model, order->files, order->order, &order->n, error);
}

gboolean
few_encode_files (FewModel *model, const FewPictureFiles *files, guint n, GError **error)
{
  g_autofree guint *order = few_try_copy (NULL, n, sizeof *order, "the pictures", error);
  if (!order)
    return FALSE;
  g_autoptr (GError) failure = NULL;
  Order whole = { files, order, n };
  for (guint i = 0; i < n; i++)
    order[i] = i;
  if (!few_model_retry (model, encode_order, &whole, &failure))
    for (guint i = 0; i < whole.n; i++)
      files->func (files->user, order[i], NULL, NULL, FALSE, failure);
  return !g_cancellable_set_error_if_cancelled (files->cancellable, error);
}

gboolean
few_model_encode_files (FewModel *model, const char *const *paths, guint n,
                        const char *cache_folder, FewEncodeFunc func, gpointer user,
                        GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (model != NULL && func != NULL && (n == 0 || paths), FALSE);
  const FewPictureFiles files = { paths, cache_folder, func, user, cancellable, FALSE };
  return few_encode_files (model, &files, n, error);
}
