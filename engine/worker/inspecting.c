/* SPDX-License-Identifier: MIT */
/* What Inspect asks for: pictures as points, and the training pictures most like one. */
#include "clip/model.h"
#include "worker/jobs.h"
#include <fewshot/dataset.h>
#include <math.h>
#include <string.h>

void
few_job_map (FewWorker *worker, guint ticket, const FewMapCommand *c)
{
  const FewSnapshotInfo *info = few_snapshot_info (c->snapshot);
  g_mutex_lock (&worker->lock);
  gboolean stale = c->serial != worker->newest_map;
  g_mutex_unlock (&worker->lock);
  if (stale || !worker->model || info->dim != few_model_dim (worker->model))
    return;
  guint d = info->dim;
  guint step = 1 + info->n / (FEW_MAP_PICTURES + 1);
  guint n = 0;
  g_autofree float *f = g_try_new (float, (gsize) (info->n / step + 1) * d);
  g_autofree float *a = g_try_new (float, (gsize) (info->n / step + 1) * d);
  g_autofree guint32 *ids = g_try_new (guint32, info->n / step + 1);
  if (!f || !a || !ids)
    return; /* no map, as where its own memory is short */
  for (guint i = 0; i < info->n; i += step)
    {
      const float *feature =
          g_hash_table_lookup (worker->features, GUINT_TO_POINTER (info->ids[i]));
      if (!feature)
        continue;
      memcpy (f + (gsize) n * d, feature, d * sizeof *f);
      ids[n++] = info->ids[i];
    }
  if (info->inserted)
    for (guint i = 0, row = 0; row < n; i += step) /* the order is kept */
      {
        if (info->ids[i] == ids[row])
          memcpy (a + (gsize) row++ * d, info->inserted + (gsize) i * d, d * sizeof *a);
      }
  else if (info->classifier)
    few_classifier_apply (info->classifier, f, n, a);
  else
    memcpy (a, f, (gsize) n * d * sizeof *a);
  FewMap *points = n > 0 ? few_map_new (f, a, ids, n, d, worker->quitting, NULL) : NULL;
  if (points)
    few_worker_post (worker, (FewEvent) { .kind = FEW_EVENT_MAPPED, .id = ticket, .map = points });
}

static double
cosine_of (const float *a, const float *b, guint d)
{
  double ab = 0;
  double aa = 0;
  double bb = 0;
  for (guint j = 0; j < d; j++)
    {
      ab += (double) a[j] * b[j];
      aa += (double) a[j] * a[j];
      bb += (double) b[j] * b[j];
    }
  return aa > 0 && bb > 0 ? ab / sqrt (aa * bb) : 0;
}

static int
compare_nearness (gconstpointer a, gconstpointer b)
{
  const FewNear *x = a;
  const FewNear *y = b;
  return (x->cosine < y->cosine) - (x->cosine > y->cosine);
}

void
few_job_nearest (FewWorker *worker, guint ticket, const FewNearestCommand *c)
{
  const FewSnapshotInfo *info = few_snapshot_info (c->snapshot);
  const float *own = g_hash_table_lookup (worker->features, GUINT_TO_POINTER (c->id));
  GArray *near = g_array_new (FALSE, FALSE, sizeof (FewNear));
  for (guint i = 0; own && i < info->n; i++)
    {
      const float *other = g_hash_table_lookup (worker->features, GUINT_TO_POINTER (info->ids[i]));
      if (info->roles[i] != FEW_ROLE_TRAIN || info->ids[i] == c->id || !other)
        continue;
      FewNear one = { info->ids[i], (float) cosine_of (own, other, few_model_dim (worker->model)) };
      g_array_append_val (near, one);
    }
  g_array_sort (near, compare_nearness);
  g_array_set_size (near, MIN (near->len, c->count));
  few_worker_post (worker, (FewEvent) { .kind = FEW_EVENT_NEAREST, .id = ticket, .near = near });
}
