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
  if (!few_split (g.labels, g.task.n, g.task.n_classes, 0, 0, g.roles, NULL))
    return;
  FewSnapshot *snapshot = few_snapshot_zero_shot (worker->model, &g.task, &error);
  if (!snapshot)
    return;
  snapshot->info.serial = c->serial;
  few_worker_publish (worker, snapshot);
}

/* FALSE when the run must end. Waits while paused. */
static gboolean
may_go_on (FewWorker *worker)
{
  g_mutex_lock (&worker->lock);
  while (worker->paused && !worker->stop)
    g_cond_wait (&worker->wake, &worker->lock);
  gboolean stop = worker->stop;
  g_mutex_unlock (&worker->lock);
  return !stop;
}

/* Until the last epoch, or the owner's stop; FALSE when the device fails. */
static gboolean
train_through (FewWorker *worker, FewTrainer *trainer, gboolean *stopped, GError **error)
{
  gboolean going = TRUE;
  gint64 next = 0;
  *stopped = FALSE;
  while (going)
    {
      if (!may_go_on (worker))
        {
          *stopped = TRUE;
          break;
        }
      guint epoch = few_trainer_epoch (trainer);
      going = few_trainer_step (trainer);
      gint64 now = g_get_monotonic_time ();
      if (going && few_trainer_epoch (trainer) != epoch && now >= next)
        {
          if (!few_trainer_check (trainer, error))
            return FALSE;
          FewSnapshot *snapshot = few_trainer_snapshot (trainer, error);
          if (!snapshot)
            return FALSE;
          few_worker_publish (worker, snapshot);
          gint64 cost = g_get_monotonic_time () - now;
          next = now + MAX (FRAME, (SNAPSHOT_SHARE + 1) * cost);
        }
    }
  return few_trainer_check (trainer, error);
}

typedef struct
{
  FewWorker *worker;
  const FewTrainJob *job;
  FewGathered *gathered;
  GCancellable *cancellable; /* of a method's run */
  gint64 told;               /* when its progress was */
  guint n_split_off, n_twins; /* test pictures of the split, and those that were moved */
  gboolean stopped;      /* out */
  FewSnapshot *snapshot; /* out: the last one */
} Run;

/* FALSE when it cannot begin or the device fails. */
static gboolean
train_once (FewModel *model, gpointer user, GError **error)
{
  Run *run = user;
  FewGathered *g = run->gathered;
  const FewTrainJob *job = run->job;
  g_autoptr (FewTrainer) trainer = few_trainer_new (model, &job->options, &g->task, error);
  if (!trainer || !train_through (run->worker, trainer, &run->stopped, error))
    return FALSE;
  g_autoptr (FewSnapshot) final = few_trainer_snapshot (trainer, error);
  if (!final)
    return FALSE;
  run->snapshot = g_steal_pointer (&final);
  return TRUE;
}

static void
post_training (gpointer user, guint done, guint total)
{
  Run *run = user;
  gint64 now = g_get_monotonic_time ();
  if (!may_go_on (run->worker))
    {
      run->stopped = TRUE;
      g_cancellable_cancel (run->cancellable);
    }
  if (now < run->told + FRAME && done < total)
    return;
  run->told = now;
  few_worker_post (run->worker,
                   (FewEvent) { .kind = FEW_EVENT_TRAINING, .done = done, .total = total });
}

/* Any method but the visual adapter that is shown while it learns. */
static void
learn_by_method (Run *run, GError **error)
{
  const FewTrainJob *job = run->job;
  FewMethodOptions options;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) problem = NULL;
  if (!few_method_parse (job->method, &options, error))
    return;
  options.train.seed = job->options.seed;
  run->cancellable = cancellable;
  run->snapshot = few_snapshot_learn (run->worker->model, &run->gathered->task, &options,
                                      job->shots == 0, post_training, run, cancellable, &problem);
  if (problem && !run->stopped)
    g_propagate_error (error, g_steal_pointer (&problem));
}

static guint
count_role (const FewGathered *g, FewRole role)
{
  guint n = 0;
  for (guint i = 0; i < g->task.n; i++)
    n += g->roles[i] == role;
  return n;
}

/* Near-duplicates come on one side of the split; a run with a number of shots keeps that. Where
 * every test picture has one nothing would be left to test on: it is told instead. */
static gboolean
part_twins (Run *run, GError **error)
{
  static const char WHAT[] = "comparing so many pictures";
  FewGathered *g = run->gathered;
  guint n = g->task.n;
  g_autofree guint32 *groups = few_try_copy (NULL, n, sizeof (guint32), WHAT, error);
  g_autofree guint8 *before = groups ? few_try_copy (g->roles, n, 1, WHAT, error) : NULL;
  run->n_split_off = count_role (g, FEW_ROLE_TEST);
  if (!before
      || !few_twins (g->task.features, n, few_model_dim (run->worker->model), 0, NULL, groups,
                     error)
      || !few_split_keep_together (groups, n, run->job->shots > 0, g->roles, NULL, error))
    return FALSE;
  run->n_twins = run->n_split_off - count_role (g, FEW_ROLE_TEST);
  if (run->n_twins > 0 && run->n_twins == run->n_split_off)
    memcpy (g->roles, before, n);
  return TRUE;
}

static void
learn (Run *run, GError **error)
{
  FewGathered *g = run->gathered;
  if (!few_split (g->labels, g->task.n, g->task.n_classes, run->job->shots, run->job->split_seed,
                  g->roles, error)
      || !part_twins (run, error))
    return;
  if (run->job->method)
    learn_by_method (run, error);
  else
    few_model_retry (run->worker->model, train_once, run, error);
}

void
few_job_train (FewWorker *worker, const FewTrainCommand *c)
{
  g_auto (FewGathered) g = { 0 };
  GError *error = NULL;
  Run run = { .worker = worker, .job = &c->job, .gathered = &g };
  if (few_gather (worker, &c->prompts, &c->pictures, &g, &error))
    learn (&run, &error);
  if (run.snapshot)
    {
      run.snapshot->info.n_split_off = run.n_split_off;
      run.snapshot->info.n_twins = run.n_twins;
      few_worker_publish (worker, few_snapshot_ref (run.snapshot));
    }
  few_worker_post (worker, (FewEvent) { .kind = FEW_EVENT_TRAINED,
                                        .snapshot = run.snapshot,
                                        .stopped = run.stopped,
                                        .error = error });
}
