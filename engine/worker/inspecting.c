/* SPDX-License-Identifier: MIT */
/* What Inspect asks for: pictures as points, and the training pictures most like one. */
#include "clip/model.h"
#include "worker/jobs.h"
#include <fewshot/dataset.h>
#include <math.h>
#include <string.h>

/* What a map is made of: of at most FEW_MAP_PICTURES pictures, that are spread over all. */
typedef struct
{
  guint n;
  float *f, *a; /* [n, D] */
  guint32 *ids;
} Rows;

static void
rows_clear (Rows *rows)
{
  g_free (rows->f);
  g_free (rows->a);
  g_free (rows->ids);
}

/* None without memory: no map, as where its own is short. */
static void
gather_rows (FewWorker *worker, const FewSnapshotInfo *info, Rows *rows)
{
  gsize d = info->dim;
  guint step = 1 + (info->n - MIN (info->n, 1)) / FEW_MAP_PICTURES;
  guint most = info->n / step + 1;
  rows->f = g_try_new (float, most *d);
  rows->a = g_try_new (float, most *d);
  rows->ids = g_try_new (guint32, most);
  if (!rows->f || !rows->a || !rows->ids)
    return;
  for (guint i = 0; i < info->n; i += step)
    {
      const float *feature =
          g_hash_table_lookup (worker->features, GUINT_TO_POINTER (info->ids[i]));
      if (!feature)
        continue;
      memcpy (rows->f + rows->n * d, feature, d * sizeof (float));
      if (info->inserted)
        memcpy (rows->a + rows->n * d, info->inserted + i * d, d * sizeof (float));
      rows->ids[rows->n++] = info->ids[i];
    }
  if (!info->inserted && info->classifier)
    few_classifier_apply (info->classifier, rows->f, rows->n, rows->a);
  else if (!info->inserted)
    memcpy (rows->a, rows->f, rows->n * d * sizeof (float));
}

/* A map in the making, on a thread of its own: what a person asks of the worker meanwhile does not
 * wait for it. */
typedef struct
{
  FewWorker *worker;
  guint ticket;
  FewMapKind kind;
  guint d;
  Rows rows;
  GCancellable *cancellable;
} Mapping;

static void
tell_steps (gpointer user, guint done, guint total, FewMap *first)
{
  const Mapping *m = user;
  few_worker_post (m->worker, (FewEvent) { .kind = first ? FEW_EVENT_MAPPED : FEW_EVENT_MAPPING,
                                           .id = m->ticket,
                                           .done = done,
                                           .total = total,
                                           .map = first ? few_map_ref (first) : NULL });
}

static gpointer
make_map (gpointer data)
{
  Mapping *m = data;
  const Rows *rows = &m->rows;
  FewMap *map = NULL;
  if (rows->n > 0 && m->kind == FEW_MAP_NEIGHBOURS)
    map = few_map_new_neighbours (rows->f, rows->a, rows->ids, rows->n, m->d, tell_steps, m,
                                  m->cancellable, NULL);
  else if (rows->n > 0)
    map = few_map_new (rows->f, rows->a, rows->ids, rows->n, m->d, m->cancellable, NULL);
  few_worker_post (m->worker, (FewEvent) { .kind = FEW_EVENT_MAPPED, .id = m->ticket, .map = map });
  rows_clear (&m->rows);
  g_object_unref (m->cancellable);
  g_free (m);
  return NULL;
}

void
few_job_map (FewWorker *worker, guint ticket, const FewMapCommand *c, GCancellable *cancellable)
{
  const FewSnapshotInfo *info = few_snapshot_info (c->snapshot);
  Mapping *m = g_new0 (Mapping, 1);
  *m = (Mapping) { worker, ticket, c->kind, info->dim, { 0 }, g_object_ref (cancellable) };
  if (!g_cancellable_is_cancelled (cancellable) && worker->model
      && m->d == few_model_dim (worker->model))
    gather_rows (worker, info, &m->rows);
  few_job_end_map (worker);
  worker->mapper = g_thread_new ("few-map", make_map, m);
}

void
few_job_end_map (FewWorker *worker)
{
  if (worker->mapper)
    g_thread_join (g_steal_pointer (&worker->mapper));
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
