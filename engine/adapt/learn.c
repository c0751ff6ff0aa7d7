/* SPDX-License-Identifier: MIT */
/* A method's run as something to look at: it learns, and its classifier sees the pictures. */
#include "adapt/method.h"
#include "adapt/scoring.h"
#include "base/memory.h"
#include "lens/snapshot.h"
#include <fewshot/apply.h>
#include <fewshot/dataset.h>
#include <string.h>

static guint8 *
copy_roles (const FewTask *task, gboolean all, GError **error)
{
  guint8 *roles = few_try_bytes (task->n, "the pictures", error);
  for (guint i = 0; roles && i < task->n; i++)
    {
      gboolean spare = all && task->roles[i] == FEW_ROLE_VALIDATION;
      roles[i] = spare ? FEW_ROLE_TRAIN : task->roles[i];
    }
  return roles;
}

static gboolean
keep_history (FewSnapshot *snapshot, FewMethodResult *result, GError **error)
{
  FewSnapshotInfo *info = &snapshot->info;
  info->epoch = info->epochs = result->epochs;
  info->history =
      few_try_copy (result->history, result->epochs, sizeof *result->history, "the run", error);
  info->seconds = result->seconds;
  info->cross_validated = result->cross_validated;
  if (result->several_cross_validated)
    few_snapshot_take_several (snapshot, g_steal_pointer (&result->several_cross_validated));
  if (result->cross_validated.n > 0)
    info->chosen_alpha = few_classifier_info (result->classifier)->alpha;
  return info->history != NULL;
}

FewSnapshot *
few_snapshot_learn (FewModel *model, const FewTask *task, const FewMethodOptions *options,
                    gboolean use_all, const FewLearnWatch *watch, GCancellable *cancellable,
                    GError **error)
{
  g_return_val_if_fail (model != NULL && task != NULL && options != NULL, NULL);
  g_return_val_if_fail (task->n == 0 || task->roles != NULL, NULL);
  const FewMethod *method = few_method_find (options->name);
  g_return_val_if_fail (method != NULL, NULL);
  g_autofree guint8 *roles = copy_roles (task, use_all && !method->info.chooses, error);
  if (!roles)
    return NULL;
  FewTask own = *task;
  own.roles = roles;
  g_autoptr (FewMethodResult) result =
      few_method_run_watched (model, &own, options, watch, cancellable, error);
  if (!result)
    return NULL;
  if (!result->classifier)
    {
      few_fail (error, UNSUPPORTED, "What %s learns cannot be kept as a classifier.",
                method->info.title);
      return NULL;
    }
  g_autofree float *joined =
      result->inserted ? few_join_features (task, result->inserted, few_model_dim (model), error)
                       : NULL;
  if (result->inserted && !joined)
    return NULL;
  own.features = joined ? joined : task->features;
  g_autoptr (FewSnapshot) snapshot = few_snapshot_apply (model, result->classifier, &own, error);
  if (!snapshot || !keep_history (snapshot, result, error))
    return NULL;
  return g_steal_pointer (&snapshot);
}
