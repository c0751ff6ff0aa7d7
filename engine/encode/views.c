/* SPDX-License-Identifier: MIT */
/* Features of augmented views. A view is drawn from its picture's content, so that it is the
 * same on every run and can be cached. */
#include "base/error.h"
#include "base/memory.h"
#include "image/picture.h"
#include "clip/model.h"
#include <fewshot/encode.h>
#include <string.h>

enum { FORWARD_VIEWS = 8 };

typedef struct
{
  FewModel *model;
  const char *const *paths;
  guint n, n_views;
  guint64 seed;
  const char *cache_folder; /* NULL: none */
  FewFeatureCache *cache;
  float *features;
  GCancellable *cancellable;
  void (*progress) (gpointer user, guint done, guint total);
  gpointer user;
  GMutex lock;
  guint done;
  GError *error;
} Views;

/* View number `index` of the picture of that hash. */
static gboolean
take_view (GdkPixbuf *picture, const guint8 *hash, guint64 seed, guint index,
           const FewPreprocess *preprocess, guint8 *resized)
{
  FewImageView view;
  few_image_view_draw (hash, seed, index, (guint) gdk_pixbuf_get_width (picture),
                       (guint) gdk_pixbuf_get_height (picture), &view);
  return few_image_view (picture, &view, preprocess, resized);
}

/* Which views the cache does not know; how many. */
static guint
find_missing (Views *views, const guint8 *hash, float *features, guint *missing)
{
  guint8 key[FEW_HASH_BYTES];
  guint d = few_model_dim (views->model);
  guint n = 0;
  for (guint v = 0; v < views->n_views; v++)
    {
      few_image_view_hash (hash, views->seed, v, key);
      if (!views->cache || !few_feature_cache_get (views->cache, key, features + (gsize) v * d))
        missing[n++] = v;
    }
  return n;
}

static gboolean
encode_picture (Views *views, guint index, guint lane, FewStream *stream, GError **error)
{
  const FewPreprocess *preprocess = &few_model_config (views->model)->preprocess;
  guint d = few_model_dim (views->model);
  guint side = preprocess->size;
  guint missing[views->n_views];
  gsize one = (gsize) 3 * side * side;
  float *features = views->features + (gsize) index * views->n_views * d;
  guint8 hash[FEW_HASH_BYTES], key[FEW_HASH_BYTES];
  const FewPictureLimits limits =
      few_image_limits (few_model_picture_limits (views->model), views->paths[index]);
  g_autoptr (GBytes) bytes = few_image_read (views->paths[index], hash, error);
  if (!bytes)
    return FALSE;
  few_crop_key (&limits.crop, hash, hash);
  guint n_missing = find_missing (views, hash, features, missing);
  if (n_missing == 0)
    return TRUE;
  g_autofree char *name = few_address_shown (views->paths[index]);
  /* a view may be a third of the picture's side */
  g_autoptr (GdkPixbuf) picture =
      few_image_decode (bytes, name, &limits, few_preprocess_enough (preprocess, 4), error);
  if (!picture)
    return FALSE;
  g_autofree guint8 *resized = few_try_bytes (one, name, error);
  g_autofree float *pixels = resized ? few_try_floats (FORWARD_VIEWS, one + d, name, error) : NULL;
  if (!pixels)
    return FALSE;
  float *out = pixels + FORWARD_VIEWS * one;
  for (guint first = 0; first < n_missing; first += FORWARD_VIEWS)
    {
      guint m = MIN (FORWARD_VIEWS, n_missing - first);
      for (guint i = 0; i < m; i++)
        {
          if (!take_view (picture, hash, views->seed, missing[first + i], preprocess, resized))
            {
              few_fail (error, MEMORY, "%s does not fit into memory.", name);
              return FALSE;
            }
          few_image_normalise (resized, preprocess, pixels + i * one);
        }
      if (g_cancellable_set_error_if_cancelled (views->cancellable, error)
          || !few_model_forward (views->model, stream, lane, m, pixels, out, error))
        return FALSE;
      for (guint i = 0; i < m; i++)
        {
          guint v = missing[first + i];
          memcpy (features + (gsize) v * d, out + (gsize) i * d, d * sizeof (float));
          few_image_view_hash (hash, views->seed, v, key);
          if (views->cache)
            /* a full disk only makes the next run slower */
            few_feature_cache_put (views->cache, key, out + (gsize) i * d, NULL);
        }
    }
  return TRUE;
}

static void
encode_one (gpointer user, guint index, guint lane, FewStream *stream)
{
  Views *views = user;
  g_autoptr (GError) error = NULL;
  gboolean ok = !g_cancellable_is_cancelled (views->cancellable)
                && encode_picture (views, index, lane, stream, &error);
  g_mutex_lock (&views->lock);
  if (!ok && error && !views->error)
    views->error = g_steal_pointer (&error);
  if (views->progress)
    views->progress (views->user, ++views->done, views->n);
  g_mutex_unlock (&views->lock);
}

static gboolean
encode_views (FewModel *model, gpointer user, GError **error)
{
  Views *views = user;
  FewBackend *backend = few_model_backend (model);
  views->done = 0;
  views->cache = views->cache_folder ? few_model_feature_cache (model, views->cache_folder) : NULL;
  backend->run_lanes (backend, views->n, encode_one, views);
  if (!views->error)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&views->error));
  return FALSE;
}

gboolean
few_model_encode_views (FewModel *model, const char *const *paths, guint n, guint n_views,
                        guint64 seed, const char *cache_folder, float *features,
                        void (*progress) (gpointer user, guint done, guint total), gpointer user,
                        GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (model != NULL && (n == 0 || (paths && features)), FALSE);
  g_return_val_if_fail (n_views > 0 && n_views <= FEW_MAX_VIEWS, FALSE);
  Views views = { .model = model,
                  .paths = paths,
                  .n = n,
                  .n_views = n_views,
                  .seed = seed,
                  .cache_folder = cache_folder,
                  .features = features,
                  .cancellable = cancellable,
                  .progress = progress,
                  .user = user };
  g_mutex_init (&views.lock);
  gboolean ok = few_model_retry (model, encode_views, &views, error);
  g_mutex_clear (&views.lock);
  return ok && !g_cancellable_set_error_if_cancelled (cancellable, error);
}
