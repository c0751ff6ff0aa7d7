/* SPDX-License-Identifier: MIT */
/* Encoding pictures and keeping their features. */
#include "base/error.h"
#include "base/hex.h"
#include "clip/model.h"
#include "worker/jobs.h"
#include <fewshot/crop.h>
#include <fewshot/encode.h>

typedef struct
{
  FewWorker *worker;
  const FewEncodeCommand *command;
  guint done;
} Encoding;

static gboolean
parse_hash (const char *hex, guint8 hash[32])
{
  for (guint i = 0; i < 32; i++)
    {
      int high = g_ascii_xdigit_value (hex[2 * i]);
      int low = high < 0 ? -1 : g_ascii_xdigit_value (hex[2 * i + 1]);
      if (low < 0)
        return FALSE;
      hash[i] = (guint8) (high << 4 | low);
    }
  return TRUE;
}

/* The feature of a picture whose file is gone, by the content that it had; NULL when the cache
 * does not know it. */
static float *
find_missing_feature (FewWorker *worker, const FewEncodeCommand *c, guint index, guint8 hash[32])
{
  if (!c->hashes || !parse_hash (c->hashes[index], hash))
    return NULL;
  FewFeatureCache *cache = few_model_open_cache (worker->model);
  g_autofree float *feature = g_new (float, few_model_dim (worker->model));
  FewCrop crop;
  guint8 key[32];
  g_free (few_address_split (c->paths[index], &crop));
  few_crop_key (&crop, hash, key);
  return cache && few_feature_cache_get (cache, key, feature) ? g_steal_pointer (&feature) : NULL;
}

static void
picture_encoded (gpointer user, guint index, const float *feature, const guint8 *hash,
                 gboolean from_cache, const GError *error)
{
  Encoding *e = user;
  guint id = e->command->ids[index];
  guint8 known[32];
  g_autofree char *path = few_address_split (e->command->paths[index], NULL);
  gboolean missing = error && !g_file_test (path, G_FILE_TEST_EXISTS);
  g_autofree float *cached =
      missing ? find_missing_feature (e->worker, e->command, index, known) : NULL;
  if (cached)
    {
      feature = cached;
      hash = known;
      error = NULL;
    }
  g_autofree char *sha256 = hash ? g_malloc (65) : NULL;
  if (hash)
    few_hex (hash, 32, sha256);
  if (feature)
    g_hash_table_replace (e->worker->features, GUINT_TO_POINTER (id),
                          g_memdup2 (feature, few_model_dim (e->worker->model) * sizeof (float)));
  few_worker_post (e->worker, (FewEvent) { .kind = FEW_EVENT_PICTURE,
                                           .id = id,
                                           .from_cache = from_cache,
                                           .missing = missing,
                                           .sha256 = g_steal_pointer (&sha256),
                                           .error = error ? g_error_copy (error) : NULL });
  few_worker_post (
      e->worker,
      (FewEvent) { .kind = FEW_EVENT_PROGRESS, .done = ++e->done, .total = e->command->n });
}

void
few_job_encode (FewWorker *worker, const FewEncodeCommand *c, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  Encoding e = { worker, c, 0 };
  if (!worker->model)
    few_fail (&error, INPUT, "Open a model first.");
  else
    few_model_encode_files (worker->model, (const char *const *) c->paths, c->n,
                            worker->cache_folder, picture_encoded, &e, cancellable, &error);
  const char *unkept = worker->model ? few_model_unkept (worker->model) : NULL;
  few_worker_post (worker, (FewEvent) { .kind = FEW_EVENT_IDLE,
                                        .unkept = g_strdup (unkept),
                                        .error = g_steal_pointer (&error) });
}
