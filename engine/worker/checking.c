/* SPDX-License-Identifier: MIT */
/* Labels of the owner's pictures that may be wrong. */
#include "base/error.h"
#include "base/memory.h"
#include "worker/gathered.h"
#include "worker/jobs.h"
#include <fewshot/groups.h>

static GArray *
check_labels (FewWorker *worker, const FewCheckCommand *c, GError **error)
{
  g_auto (FewGathered) g = { 0 };
  if (!few_gather (worker, &c->prompts, &c->pictures, &g, error)
      || !few_gathered_check_one (&g, error))
    return NULL;
  if (g.task.n == 0 || g.task.n_classes < 2)
    {
      few_fail (error, INPUT, "Checking labels needs pictures of at least two classes.");
      return NULL;
    }
  const FewModelInfo *info = few_model_info (worker->model);
  g_autofree guint32 *groups =
      few_try_copy (NULL, g.task.n, sizeof *groups, "the groups of the pictures", error);
  if (!groups
      || !few_near_duplicates (g.task.features, g.task.n, info->dim, FEW_NEAR_DUPLICATE, 0,
                               worker->quitting, groups, error)
      || !few_gather_twins (&g, info->dim, FEW_TOGETHER_BURSTS, worker->quitting, error)
      || !few_groups_join (groups, g.together, g.task.n, error))
    return NULL;
  GArray *doubts =
      few_find_doubts (&g.task, info->dim, info->logit_scale, groups, 0, worker->quitting, error);
  for (guint i = 0; doubts && i < doubts->len; i++)
    {
      FewDoubt *doubt = &g_array_index (doubts, FewDoubt, i);
      doubt->picture = g.ids[doubt->picture];
    }
  return doubts;
}

void
few_job_check (FewWorker *worker, guint ticket, const FewCheckCommand *c)
{
  GError *error = NULL;
  GArray *doubts = check_labels (worker, c, &error);
  few_worker_post (
      worker,
      (FewEvent) { .kind = FEW_EVENT_CHECKED, .id = ticket, .doubts = doubts, .error = error });
}
