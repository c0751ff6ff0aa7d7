/* SPDX-License-Identifier: MIT */
/* Zero-shot snapshots of the classes as they are, and training runs. */
#include "base/memory.h"
#include "clip/model.h"
#include "lens/snapshot.h"
#include "worker/gathered.h"
#include "worker/jobs.h"
#include <fewshot/apply.h>
#include <fewshot/dataset.h>
#include <fewshot/groups.h>
#include <fewshot/several.h>
#include <fewshot/trainer.h>
#include <string.h>

/* A snapshot evaluates every picture: at most one a frame, and no more than a fifth of the
 * training time. */
static const gint64 FRAME = G_USEC_PER_SEC / 60;
enum { SNAPSHOT_SHARE = 4 };

void
few_job_classes (FewWorker *worker, const FewClassesCommand *c)
{
  g_auto (FewGathered) g = { 0 };
  g_autoptr (GError) error = NULL;
  g_mutex_lock (&worker->lock);
  gboolean stale = c->serial != worker->newest_classes;
  g_mutex_unlock (&worker->lock);
  if (stale || c->prompts.n_classes == 0
      || !few_gather (worker, &c->prompts, &c->pictures, &g, &error))
    return; /* the error comes again, visibly, when the user trains */
  if (g.task.sets
          ? !few_split_several (g.task.sets, g.task.n_classes, g.pinned, 0, (FewShares) { 0 }, 0,
                                g.roles, NULL)
          : !few_split (g.labels, g.pinned, g.task.n, g.task.n_classes, 0, 0, g.roles, NULL))
    return;
  FewSnapshot *snapshot = few_snapshot_zero_shot (worker->model, &g.task, &error);
  if (!snapshot)
    return;
  snapshot->info.serial = c->serial;
  few_worker_publish (worker, snapshot);
}

typedef struct
{
  FewWorker *worker;
  const FewTrainJob *job;
  FewGathered *gathered;
  GCancellable *cancellable;
  gint64 told;           /* when a method's progress was */
  guint epoch;           /* of the trainer that is watched, when it was looked at last */
  gint64 next;           /* when it may be looked at again */
  guint n_split_off, n_twins; /* test pictures of the split, and those that were moved */
  guint n_left_out;           /* twins of pinned test pictures */
  gboolean twins_stay;        /* those would have taken all of a class */
  gboolean stopped;      /* out */
  FewSnapshot *snapshot; /* out: the last one */
} Run;

/* FALSE when the run must end. Waits while paused. Another run that is asked for meanwhile has a
 * cancellable of its own. */
static gboolean
may_go_on (const Run *run)
{
  FewWorker *worker = run->worker;
  g_mutex_lock (&worker->lock);
  while (worker->paused && !g_cancellable_is_cancelled (run->cancellable))
    g_cond_wait (&worker->wake, &worker->lock);
  g_mutex_unlock (&worker->lock);
  return !g_cancellable_is_cancelled (run->cancellable);
}

/* After each step, or before the first. Waits while paused. FALSE when the run must end, with an
 * error when the device has failed. */
static gboolean
stepped (gpointer user, FewTrainer *trainer, GError **error)
{
  Run *run = user;
  guint epoch = few_trainer_epoch (trainer);
  if (!may_go_on (run))
    {
      run->stopped = TRUE;
      return FALSE;
    }
  gint64 now = g_get_monotonic_time ();
  if (epoch == run->epoch || now < run->next)
    return TRUE;
  FewSnapshot *snapshot =
      few_trainer_check (trainer, error) ? few_trainer_snapshot (trainer, error) : NULL;
  if (!snapshot)
    return FALSE;
  few_worker_publish (run->worker, snapshot);
  gint64 cost = g_get_monotonic_time () - now;
  run->epoch = epoch;
  run->next = now + MAX (FRAME, (SNAPSHOT_SHARE + 1) * cost);
  return TRUE;
}

/* FALSE when it cannot begin or the device fails. */
static gboolean
train_once (FewModel *model, gpointer user, GError **error)
{
  Run *run = user;
  const FewTrainJob *job = run->job;
  GError *problem = NULL;
  run->epoch = 0;
  g_autoptr (FewTrainer) trainer =
      few_trainer_new (model, &job->options, &run->gathered->task, error);
  if (!trainer)
    return FALSE;
  while (stepped (run, trainer, &problem) && few_trainer_step (trainer))
    ;
  if (problem)
    {
      g_propagate_error (error, problem);
      return FALSE;
    }
  run->snapshot = few_trainer_check (trainer, error) ? few_trainer_snapshot (trainer, error) : NULL;
  return run->snapshot != NULL;
}

static void
post_training (gpointer user, guint done, guint total)
{
  Run *run = user;
  gint64 now = g_get_monotonic_time ();
  if (!may_go_on (run))
    run->stopped = TRUE; /* and cancelled */
  if (now < run->told + FRAME && done < total)
    return;
  run->told = now;
  few_worker_post (run->worker,
                   (FewEvent) { .kind = FEW_EVENT_TRAINING, .done = done, .total = total });
}

/* Automatic, before the adapter that may join it is trained. */
static void
answered (gpointer user, FewSnapshot *snapshot)
{
  Run *run = user;
  run->epoch = 0;
  few_worker_publish (run->worker, few_snapshot_ref (snapshot));
}

/* Any method but the visual adapter alone. */
static void
learn_by_method (Run *run, GError **error)
{
  const FewTrainJob *job = run->job;
  const FewLearnWatch watch = { post_training, answered, stepped, run };
  FewMethodOptions options;
  const char *usual = run->gathered->task.sets ? "one-vs-rest" : NULL;
  if (!few_method_parse (job->method ? job->method : usual, &options, error))
    return;
  options.train.seed = job->options.seed;
  run->snapshot = few_snapshot_learn (run->worker->model, &run->gathered->task, &options,
                                      job->shots == 0, &watch, run->cancellable, error);
}

static guint
count_role (const FewGathered *g, FewRole role)
{
  guint n = 0;
  for (guint i = 0; i < g->task.n; i++)
    n += g->roles[i] == role;
  return n;
}

/* Marks the classes of the pictures that are learned from. */
static void
mark_learned (const FewGathered *g, const guint8 *roles, guint8 *learned)
{
  memset (learned, FALSE, g->task.n_classes);
  for (guint i = 0; i < g->task.n; i++)
    {
      guint n = 1;
      const guint32 *labels =
          g->task.sets ? few_label_sets_get (g->task.sets, i, &n) : g->labels + i;
      for (guint l = 0; roles[i] == FEW_ROLE_TRAIN && l < n; l++)
        learned[labels[l]] = TRUE;
    }
}

/* Whether a class that there was something to learn of has nothing left. */
static gboolean
loses_class (const FewGathered *g, const guint8 *before, gboolean *loses, GError **error)
{
  guint k = g->task.n_classes;
  g_autofree guint8 *left = few_try_bytes (k, "the classes", error);
  g_autofree guint8 *there = left ? few_try_bytes (k, "the classes", error) : NULL;
  *loses = FALSE;
  if (!there)
    return FALSE;
  mark_learned (g, g->roles, left);
  mark_learned (g, before, there);
  for (guint c = 0; c < k; c++)
    *loses |= there[c] && !left[c];
  return TRUE;
}

/* Twins of pinned test pictures are not learned from, unless a class would have nothing left. */
static gboolean
part_pinned (Run *run, const guint32 *groups, GError **error)
{
  FewGathered *g = run->gathered;
  guint n = g->task.n;
  if (!g->pinned)
    return TRUE;
  g_autofree guint8 *before = few_try_copy (g->roles, n, 1, "the pictures", error);
  if (!before || !few_split_keep_pinned (groups, g->pinned, n, g->roles, &run->n_left_out, error)
      || !loses_class (g, before, &run->twins_stay, error))
    return FALSE;
  if (run->twins_stay)
    memcpy (g->roles, before, n);
  return TRUE;
}

static void
pin_again (const FewGathered *g)
{
  for (guint i = 0; g->pinned && i < g->task.n; i++)
    if (g->pinned[i])
      g->roles[i] = FEW_ROLE_TEST;
}

/* Near-duplicates, bursts and, where it is asked for, folders come on one side of the split; a run
 * with a number of shots keeps that. Where every test picture has a twin nothing would be left to
 * test on: it is told instead. */
static gboolean
part_twins (Run *run, GError **error)
{
  FewGathered *g = run->gathered;
  guint n = g->task.n;
  FewTogether by = FEW_TOGETHER_BURSTS | (run->job->folders ? FEW_TOGETHER_FOLDERS : 0);
  g_autofree guint8 *before = few_try_copy (g->roles, n, 1, "the pictures", error);
  if (!before
      || !few_gather_twins (g, few_model_dim (run->worker->model), by, run->cancellable, error))
    return FALSE;
  run->n_split_off = count_role (g, FEW_ROLE_TEST);
  if (!part_pinned (run, g->groups, error)
      || !few_split_keep_together (g->groups, n, run->job->shots > 0, g->roles, NULL, error))
    return FALSE;
  pin_again (g);
  run->n_twins = run->n_split_off - count_role (g, FEW_ROLE_TEST);
  if (run->n_twins > 0 && run->n_twins == run->n_split_off)
    memcpy (g->roles, before, n);
  return TRUE;
}

static gboolean
split (Run *run, GError **error)
{
  FewGathered *g = run->gathered;
  const FewTrainJob *job = run->job;
  if (g->task.sets)
    return few_split_several (g->task.sets, g->task.n_classes, g->pinned, job->shots, job->shares,
                              job->split_seed, g->roles, error);
  return few_split_shares (g->labels, g->pinned, g->task.n, g->task.n_classes, job->shots,
                           job->shares, job->split_seed, g->roles, error);
}

static void
learn (Run *run, GError **error)
{
  FewGathered *g = run->gathered;
  if (!split (run, error)
      || !few_split_spread_parts (g->paths, g->pinned, g->task.n, run->job->shots > 0, g->roles,
                                  error)
      || !part_twins (run, error))
    return;
  if (run->gathered->task.sets || run->job->method)
    learn_by_method (run, error);
  else
    few_model_retry (run->worker->model, train_once, run, error);
}

void
few_job_train (FewWorker *worker, const FewTrainCommand *c, GCancellable *cancellable)
{
  g_auto (FewGathered) g = { 0 };
  GError *error = NULL;
  Run run = { .worker = worker, .job = &c->job, .gathered = &g, .cancellable = cancellable };
  if (few_gather (worker, &c->prompts, &c->pictures, &g, &error))
    learn (&run, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      run.stopped = TRUE;
      g_clear_error (&error);
    }
  if (run.snapshot)
    {
      run.snapshot->info.n_split_off = run.n_split_off;
      run.snapshot->info.n_twins = run.n_twins;
      run.snapshot->info.n_left_out = run.n_left_out;
      run.snapshot->info.twins_stay = run.twins_stay;
      few_worker_publish (worker, few_snapshot_ref (run.snapshot));
    }
  few_worker_post (worker, (FewEvent) { .kind = FEW_EVENT_TRAINED,
                                        .snapshot = run.snapshot,
                                        .stopped = run.stopped,
                                        .error = error });
}
