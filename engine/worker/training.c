/* SPDX-License-Identifier: MIT */
/* Zero-shot snapshots of the classes as they are, and training runs. */
#include "clip/model.h"
#include "lens/snapshot.h"
#include "worker/gathered.h"
#include "worker/jobs.h"
#include <fewshot/apply.h>
#include <fewshot/dataset.h>
#include <fewshot/trainer.h>

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

static void
learn (Run *run, GError **error)
{
  FewGathered *g = run->gathered;
  if (!few_split (g->labels, g->task.n, g->task.n_classes, run->job->shots, run->job->split_seed,
                  g->roles, error))
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
    few_worker_publish (worker, few_snapshot_ref (run.snapshot));
  few_worker_post (worker, (FewEvent) { .kind = FEW_EVENT_TRAINED,
                                        .snapshot = run.snapshot,
                                        .stopped = run.stopped,
                                        .error = error });
}
