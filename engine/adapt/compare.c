/* SPDX-License-Identifier: MIT */
/* The loop over draws of shots and methods. */
#include "adapt/compare.h"
#include "base/memory.h"
#include <fewshot/compare.h>
#include <fewshot/dataset.h>
#include <fewshot/groups.h>
#include <fewshot/several.h>
#include <string.h>

typedef struct
{
  FewModel *model;
  const FewCompareJob *job;
  const FewCompareFuncs *funcs;
  GCancellable *cancellable;
  FewTask task; /* of the draw under way */
  gboolean prepared;
} Comparison;

static gboolean
prepare_draw (Comparison *c, guint64 seed, GError **error)
{
  if (!c->prepared && c->funcs->prepare
      && !c->funcs->prepare (c->funcs->user, seed, &c->task, error))
    return FALSE;
  c->prepared = TRUE;
  return TRUE;
}

/* FALSE only when all has to end. */
static gboolean
run_method (Comparison *c, const FewDraw *draw, GError **error)
{
  const FewCompareFuncs *f = c->funcs;
  g_autoptr (GError) problem = NULL;
  FewMethodOptions options;
  FewMethodResult *result = NULL;
  if (f->wanted && !f->wanted (f->user, draw))
    return TRUE;
  if (!prepare_draw (c, draw->seed, error))
    return FALSE;
  if (few_method_parse (c->job->methods[draw->method], &options, &problem))
    {
      options.train.seed = draw->seed;
      options.views = options.views == FEW_ALL_VIEWS ? c->job->views : options.views;
      result = few_method_run (c->model, &c->task, &options, f->progress, f->user, c->cancellable,
                               &problem);
    }
  if (g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }
  if (f->did)
    return f->did (f->user, draw, result, problem, error);
  g_clear_pointer (&result, few_method_result_free);
  return TRUE;
}

gboolean
few_compare_hold_out (const FewTask *task, guint64 seed, guint8 *roles, GError **error)
{
  gboolean ok = task->sets
                    ? few_hold_out_several (task->sets, task->n_classes, seed, roles, error)
                    : few_hold_out (task->labels, task->n, task->n_classes, seed, roles, error);
  return ok && few_split_spread_parts (task->paths, NULL, task->n, FALSE, roles, error);
}

static gboolean
take_shots (const FewTask *task, guint shots, guint64 seed, guint8 *roles, GError **error)
{
  if (task->sets)
    return few_shot_several (task->sets, task->n_classes, shots, seed, roles, error);
  return few_shot_split (task->labels, task->n, task->n_classes, shots, seed, roles, error);
}

static gboolean
run_draw (Comparison *c, const FewTask *task, guint shots, guint64 seed, GError **error)
{
  g_autofree guint8 *roles =
      few_try_copy (task->n ? task->roles : NULL, task->n, 1, "the pictures", error);
  if (!roles || (c->job->halve && !few_compare_hold_out (task, seed, roles, error))
      || !take_shots (task, shots, seed, roles, error)
      || (task->groups
          && !few_split_keep_together (task->groups, task->n, TRUE, roles, NULL, error)))
    return FALSE;
  c->task = *task;
  c->task.roles = roles;
  c->task.groups = NULL; /* of all pictures; folds are made among those that are learned from */
  c->prepared = FALSE;
  for (guint method = 0; c->job->methods[method]; method++)
    if (!run_method (c, &(FewDraw) { method, shots, seed, &c->task }, error))
      return FALSE;
  return TRUE;
}

gboolean
few_compare (FewModel *model, const FewTask *task, const FewCompareJob *job,
             const FewCompareFuncs *funcs, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (model != NULL && task != NULL, FALSE);
  g_return_val_if_fail (job != NULL && job->methods != NULL && funcs != NULL, FALSE);
  g_return_val_if_fail (task->n == 0 || (task->features && task->labels && task->roles), FALSE);
  Comparison c = { .model = model, .job = job, .funcs = funcs, .cancellable = cancellable };
  for (guint s = 0; s < job->n_shots; s++)
    for (guint seed = 0; seed < job->n_seeds; seed++)
      if (!run_draw (&c, task, job->shots[s], job->seeds[seed], error))
        return FALSE;
  return TRUE;
}
