/* SPDX-License-Identifier: MIT */
/* Methods side by side on the owner's pictures: each result goes back as soon as it is there. */
#include "adapt/compare.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/words.h"
#include "clip/model.h"
#include "task/task.h"
#include "worker/compared.h"
#include "worker/gathered.h"
#include "worker/jobs.h"
#include <fewshot/dataset.h>

static const char WHAT[] = N_ ("the pictures that were compared on");

/* What the method says of the test pictures, and nothing of the others. */
static FewLabelSets *
list_said (const FewTask *task, const FewMethodResult *result, const float *thresholds,
           GError **error)
{
  guint k = task->n_classes;
  g_autoptr (FewLabelSets) said = few_label_sets_new ();
  g_autofree guint32 *labels = few_try_copy (NULL, k, sizeof *labels, WHAT, error);
  for (guint i = 0; labels && i < task->n; i++)
    {
      const float *row = result->scores + (gsize) i * k;
      guint n = 0;
      for (guint l = 0; l < k; l++)
        if (task->roles[i] == FEW_ROLE_TEST && row[l] >= thresholds[l])
          labels[n++] = l;
      if (!few_label_sets_add (said, labels, n, error))
        return NULL;
    }
  return labels ? g_steal_pointer (&said) : NULL;
}

/* FALSE where memory is short. */
static gboolean
take_sets (FewCompared *one, const FewTask *task, GError **error)
{
  const FewClassifier *learned = one->result ? one->result->classifier : NULL;
  const float *thresholds = learned ? few_classifier_info (learned)->thresholds : NULL;
  if (task->sets)
    one->sets = few_label_sets_ref (task->sets);
  if (task->sets && thresholds)
    one->said = list_said (task, one->result, thresholds, error);
  return one->said || !(task->sets && thresholds);
}

static gboolean
post_compared (gpointer user, const FewDraw *draw, FewMethodResult *result, const GError *problem,
               GError **error)
{
  const FewTask *task = draw->task;
  g_autofree guint32 *ids = few_try_copy (task->ids, task->n, sizeof *ids, WHAT, error);
  g_autofree guint32 *labels =
      ids ? few_try_copy (task->labels, task->n, sizeof *labels, WHAT, error) : NULL;
  g_autofree guint8 *roles = labels ? few_try_copy (task->roles, task->n, 1, WHAT, error) : NULL;
  if (!roles)
    {
      g_clear_pointer (&result, few_method_result_free);
      return FALSE;
    }
  FewCompared *one = few_compared_new ();
  *one = (FewCompared) { .method = draw->method,
                         .shots = draw->shots,
                         .seed = draw->seed,
                         .n = task->n,
                         .ids = g_steal_pointer (&ids),
                         .labels = g_steal_pointer (&labels),
                         .roles = g_steal_pointer (&roles),
                         .most_shots = few_task_most_shots (task),
                         .result = result,
                         .reason = problem ? g_strdup (problem->message) : NULL };
  if (!take_sets (one, task, error))
    {
      few_compared_unref (one);
      return FALSE;
    }
  if (result) /* large, and nobody looks at them */
    {
      g_clear_pointer (&result->scores, g_free);
      g_clear_pointer (&result->classifier, few_classifier_unref);
      g_ptr_array_set_size (result->tensors, 0);
    }
  few_worker_post (user, (FewEvent) { .kind = FEW_EVENT_COMPARING, .compared = one });
  return TRUE;
}

static void
post_progress (gpointer user, guint done, guint total)
{
  few_worker_post (user, (FewEvent) { .kind = FEW_EVENT_COMPARING, .done = done, .total = total });
}

/* Whether half of the first draw's test pictures are left without those that have a twin: where all
 * pictures are alike, a draw that parts twins has nothing to test on. */
static gboolean
leaves_tests (const FewTask *task, const guint32 *groups, guint64 seed, GError **error)
{
  guint left = 0;
  guint held = 0;
  g_autofree guint8 *roles = few_try_copy (NULL, task->n, 1, "the pictures", error);
  if (!roles || !few_compare_hold_out (task, seed, roles, error))
    return FALSE;
  for (guint i = 0; i < task->n; i++)
    held += roles[i] == FEW_ROLE_TEST;
  if (!few_split_keep_together (groups, task->n, TRUE, roles, NULL, error))
    return FALSE;
  for (guint i = 0; i < task->n; i++)
    left += roles[i] == FEW_ROLE_TEST;
  return left > 0 && 2 * left >= held;
}

/* Where a person has pinned test pictures those are tested on, with every seed, and the rest is
 * drawn from but for their twins. */
static gboolean
take_pinned (FewGathered *g, GError **error)
{
  g->task.groups = g->groups;
  return few_split_keep_pinned (g->groups, g->pinned, g->task.n, g->roles, NULL, error);
}

static gboolean
compare_methods (FewWorker *worker, const FewCompareCommand *c, GCancellable *cancellable,
                 GError **error)
{
  const FewCompareFuncs funcs = { .did = post_compared, .progress = post_progress, .user = worker };
  FewCompareJob job = c->job;
  g_auto (FewGathered) g = { 0 };
  if (!few_gather (worker, &c->prompts, &c->pictures, &g, error))
    return FALSE;
  if (g.task.n == 0 || g.task.n_classes < 2)
    {
      few_fail (error, INPUT, "Comparing methods needs pictures of at least two classes.");
      return FALSE;
    }
  if (!few_gather_twins (&g, few_model_dim (worker->model), FEW_TOGETHER_BURSTS, cancellable,
                         error))
    return FALSE;
  GError *problem = NULL;
  job.halve = g.n_pinned == 0;
  if (!job.halve)
    take_pinned (&g, &problem);
  else if (job.n_seeds > 0 && leaves_tests (&g.task, g.groups, job.seeds[0], &problem))
    g.task.groups = g.groups;
  if (problem)
    g_propagate_error (error, problem);
  return !problem && few_compare (worker->model, &g.task, &job, &funcs, cancellable, error);
}

void
few_job_compare (FewWorker *worker, const FewCompareCommand *c, GCancellable *cancellable)
{
  GError *error = NULL;
  compare_methods (worker, c, cancellable, &error);
  gboolean stopped = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  if (stopped)
    g_clear_error (&error);
  few_worker_post (worker,
                   (FewEvent) { .kind = FEW_EVENT_COMPARED, .stopped = stopped, .error = error });
}
