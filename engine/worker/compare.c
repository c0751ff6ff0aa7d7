/* SPDX-License-Identifier: MIT */
/* Methods side by side on the same draws of shots. */
#include "worker/compare.h"
#include "base/error.h"
#include "task/task.h"
#include "worker/gathered.h"
#include "worker/jobs.h"
#include <fewshot/dataset.h>
#include <fewshot/worker.h>
#include <string.h>

static void
compared_clear (gpointer data)
{
  FewCompared *compared = data;
  g_free (compared->ids);
  g_free (compared->labels);
  g_free (compared->roles);
  g_free (compared->reason);
  g_clear_pointer (&compared->result, few_method_result_free);
}

FewCompared *
few_compared_ref (FewCompared *compared)
{
  return g_atomic_rc_box_acquire (compared);
}

void
few_compared_unref (FewCompared *compared)
{
  g_atomic_rc_box_release_full (compared, compared_clear);
}

/* NULL only when cancelled. */
static FewCompared *
run_one (FewModel *model, const FewTask *task, const guint32 *ids, const FewCompareJob *job,
         guint method, guint shots, guint64 seed, FewMethodProgress progress, gpointer user,
         GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local = NULL;
  FewMethodOptions options;
  FewMethodResult *result = NULL;
  if (few_method_parse (job->methods[method], &options, &local))
    {
      options.train.seed = seed;
      result = few_method_run (model, task, &options, progress, user, cancellable, &local);
    }
  if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (result)
    {
      g_clear_pointer (&result->scores, g_free);
      g_ptr_array_set_size (result->tensors, 0);
    }
  FewCompared *compared = g_atomic_rc_box_new0 (FewCompared);
  *compared = (FewCompared) { .method = method,
                              .shots = shots,
                              .seed = seed,
                              .n = task->n,
                              .ids = g_memdup2 (ids, task->n * sizeof *ids),
                              .labels = g_memdup2 (task->labels, task->n * sizeof (guint32)),
                              .roles = g_memdup2 (task->roles, task->n),
                              .most_shots = few_task_most_shots (task),
                              .result = result,
                              .reason = local ? g_strdup (local->message) : NULL };
  return compared;
}

gboolean
few_compare (FewModel *model, const FewTask *task, const guint32 *ids, const FewCompareJob *job,
             void (*one) (gpointer user, FewCompared *compared), FewMethodProgress progress,
             gpointer user, GCancellable *cancellable, GError **error)
{
  g_autofree guint8 *roles = g_new (guint8, task->n + 1);
  g_autofree guint8 *held = g_new (guint8, task->n + 1);
  FewTask drawn = *task;
  drawn.roles = roles;
  if (task->n == 0 || task->n_classes < 2)
    {
      few_fail (error, INPUT, "Comparing methods needs pictures of at least two classes.");
      return FALSE;
    }
  few_hold_out (task->labels, task->n, task->n_classes, 0, held); /* half of each class to test */
  for (guint s = 0; s < job->n_shots; s++)
    for (guint seed = 0; seed < job->n_seeds; seed++)
      {
        memcpy (roles, held, task->n);
        few_shot_split (task->labels, task->n, task->n_classes, job->shots[s], job->seeds[seed],
                        roles);
        for (guint m = 0; job->methods[m]; m++)
          {
            FewCompared *compared = run_one (model, &drawn, ids, job, m, job->shots[s],
                                             job->seeds[seed], progress, user, cancellable, error);
            if (!compared)
              return FALSE;
            one (user, compared);
          }
      }
  return TRUE;
}

/* ---- the job */

static void
post_compared (gpointer user, FewCompared *one)
{
  few_worker_post (user, (FewEvent) { .kind = FEW_EVENT_COMPARING, .compared = one });
}

static void
post_progress (gpointer user, guint done, guint total)
{
  few_worker_post (user, (FewEvent) { .kind = FEW_EVENT_COMPARING, .done = done, .total = total });
}

void
few_job_compare (FewWorker *worker, const FewCompareCommand *c)
{
  g_auto (FewGathered) g = { 0 };
  GError *error = NULL;
  g_autoptr (GCancellable) cancellable = few_worker_cancellable (worker, &worker->comparing);
  if (few_gather (worker, &c->prompts, &c->pictures, &g, &error))
    few_compare (worker->model, &g.task, g.ids, &c->job, post_compared, post_progress, worker,
                 cancellable, &error);
  gboolean stopped = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  if (stopped)
    g_clear_error (&error);
  few_worker_post (worker,
                   (FewEvent) { .kind = FEW_EVENT_COMPARED, .stopped = stopped, .error = error });
}
