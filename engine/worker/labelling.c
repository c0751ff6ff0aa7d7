/* SPDX-License-Identifier: MIT */
/* What labels are worth so far, and which pictures without one come next. Features of those are
 * kept from one request to the next: each label asks again. */
#include "base/error.h"
#include "base/memory.h"
#include "clip/model.h"
#include "worker/gathered.h"
#include "worker/jobs.h"
#include <fewshot/dataset.h>
#include <fewshot/encode.h>
#include <fewshot/groups.h>
#include <math.h>
#include <string.h>

enum { READ_AT_ONCE = 32 };
static const guint64 SEED = 1; /* the same pictures are asked about in the same order */

/* ---- the pictures without a label */

typedef struct
{
  FewWorker *worker;
  const char *const *paths;
  guint d;
} Reading;

/* One that cannot be read is kept, too, and is never asked about. */
static void
picture_read (gpointer user, guint index, const float *feature, const guint8 *hash G_GNUC_UNUSED,
              gboolean from_cache G_GNUC_UNUSED, const GError *error)
{
  const Reading *r = user;
  g_hash_table_insert (r->worker->pool, g_strdup (r->paths[index]),
                       error ? NULL : g_memdup2 (feature, r->d * sizeof *feature));
}

/* What is known of these paths stays, of others it goes; free with g_ptr_array_unref: those that
 * are not known (borrowed). */
static GPtrArray *
begin_pool (FewWorker *worker, const FewLabelCommand *c)
{
  GHashTable *before = worker->pool;
  GPtrArray *unknown = g_ptr_array_new ();
  worker->pool = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = 0; i < c->n; i++)
    {
      gpointer path = NULL;
      gpointer feature = NULL;
      if (before && g_hash_table_steal_extended (before, c->paths[i], &path, &feature))
        g_hash_table_insert (worker->pool, path, feature);
      else if (!g_hash_table_contains (worker->pool, c->paths[i]))
        g_ptr_array_add (unknown, c->paths[i]);
    }
  g_clear_pointer (&before, g_hash_table_unref);
  return unknown;
}

static gboolean
read_pool (FewWorker *worker, guint ticket, const FewLabelCommand *c, GCancellable *cancellable,
           GError **error)
{
  g_autoptr (GPtrArray) unknown = begin_pool (worker, c);
  for (guint i = 0; i < unknown->len; i += READ_AT_ONCE)
    {
      const char *const *paths = (const char *const *) unknown->pdata + i;
      Reading reading = { worker, paths, few_model_dim (worker->model) };
      few_worker_post (
          worker,
          (FewEvent) { .kind = FEW_EVENT_POOLING, .id = ticket, .done = i, .total = unknown->len });
      if (!few_model_encode_files (worker->model, paths, MIN (READ_AT_ONCE, unknown->len - i),
                                   worker->cache_folder, picture_read, &reading, cancellable,
                                   error))
        return FALSE;
    }
  return TRUE;
}

/* ---- what the labels are worth */

static gboolean
has_two_classes (const FewGathered *g)
{
  for (guint i = 1; i < g->task.n; i++)
    if (g->labels[i] != g->labels[0])
      return TRUE;
  return FALSE;
}

/* Pictures that are always tested on are not learned from. */
static void
set_roles (FewGathered *g)
{
  for (guint i = 0; i < g->task.n; i++)
    g->roles[i] = g->pinned && g->pinned[i] ? FEW_ROLE_TEST : FEW_ROLE_TRAIN;
}

static gboolean
measure (FewWorker *worker, FewGathered *g, GCancellable *cancellable, FewEvent *event,
         GError **error)
{
  const FewModelInfo *info = few_model_info (worker->model);
  guint n = g->task.n;
  g_autofree float *losses = few_try_floats (n, 1, "the pictures", error);
  g_autofree guint32 *groups =
      few_try_copy (NULL, n, sizeof *groups, "the groups of the pictures", error);
  set_roles (g);
  if (!losses || !groups
      || !few_near_duplicates (g->task.features, n, info->dim, FEW_NEAR_DUPLICATE, 0, cancellable,
                               groups, error)
      || !few_label_score (&g->task, info->dim, info->logit_scale, groups, 0, cancellable, losses,
                           &event->score, error))
    return FALSE;
  event->losses = g_array_new (FALSE, FALSE, sizeof (FewLabelLoss));
  for (guint i = 0; i < n; i++)
    {
      FewLabelLoss loss = { g->ids[i], losses[i] };
      if (!isnan (losses[i]))
        g_array_append_val (event->losses, loss);
    }
  return TRUE;
}

/* ---- which come next */

/* Behind the labelled ones, those without a label that could be read. */
typedef struct
{
  float *features;
  guint32 *labels, *index, *order; /* index: of its path */
  guint n;
} Pool;

static void
pool_clear (Pool *pool)
{
  g_free (pool->features);
  g_free (pool->labels);
  g_free (pool->index);
  g_free (pool->order);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pool, pool_clear)

static gboolean
gather_pool (FewWorker *worker, const FewLabelCommand *c, const FewGathered *g, Pool *pool,
             GError **error)
{
  gsize d = few_model_dim (worker->model);
  gsize known = g->task.n;
  gsize most = known + c->n;
  pool->features = few_try_floats (most, d, "the pictures", error);
  pool->labels = few_try_copy (NULL, most, sizeof *pool->labels, "the pictures", error);
  pool->index = few_try_copy (NULL, most, sizeof *pool->index, "the pictures", error);
  pool->order = few_try_copy (NULL, most, sizeof *pool->order, "the pictures", error);
  if (!pool->features || !pool->labels || !pool->index || !pool->order)
    return FALSE;
  memcpy (pool->features, g->features, known * d * sizeof (float));
  memcpy (pool->labels, g->labels, known * sizeof (guint32));
  pool->n = (guint) known;
  for (guint i = 0; i < c->n; i++)
    {
      const float *feature = g_hash_table_lookup (worker->pool, c->paths[i]);
      if (!feature)
        continue;
      memcpy (pool->features + pool->n * d, feature, d * sizeof (float));
      pool->index[pool->n] = i;
      pool->labels[pool->n++] = FEW_UNLABELLED;
    }
  return TRUE;
}

static GArray *
choose_next (FewWorker *worker, const FewLabelCommand *c, const FewGathered *g,
             GCancellable *cancellable, GError **error)
{
  const FewModelInfo *info = few_model_info (worker->model);
  g_auto (Pool) pool = { 0 };
  if (!gather_pool (worker, c, g, &pool, error))
    return NULL;
  FewTask task = g->task;
  task.n = pool.n;
  task.features = pool.features;
  task.labels = pool.labels;
  guint n = few_label_next (&task, info->dim, info->logit_scale, c->most, SEED, 0, cancellable,
                            pool.order, error);
  if (n == G_MAXUINT)
    return NULL;
  GArray *next = g_array_new (FALSE, FALSE, sizeof (guint32));
  for (guint i = 0; i < n; i++)
    g_array_append_val (next, pool.index[pool.order[i]]);
  return next;
}

void
few_job_label (FewWorker *worker, guint ticket, const FewLabelCommand *c, GCancellable *cancellable)
{
  GError *error = NULL;
  FewEvent scored = { .kind = FEW_EVENT_SCORED, .id = ticket };
  FewEvent next = { .kind = FEW_EVENT_NEXT, .id = ticket };
  g_auto (FewGathered) g = { 0 };
  gboolean ok = few_gather (worker, &c->prompts, &c->pictures, &g, &error)
                && few_gathered_check_one (&g, &error);
  if (ok && has_two_classes (&g))
    {
      ok = measure (worker, &g, cancellable, &scored, &error);
      if (ok)
        few_worker_post (worker, scored);
    }
  if (ok && read_pool (worker, ticket, c, cancellable, &error))
    next.next = choose_next (worker, c, &g, cancellable, &error);
  if (g_cancellable_is_cancelled (cancellable))
    {
      g_clear_pointer (&next.next, g_array_unref);
      g_clear_error (&error);
      return; /* a newer one is on its way */
    }
  next.error = error;
  few_worker_post (worker, next);
}
