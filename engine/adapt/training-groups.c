/* SPDX-License-Identifier: MIT */
/* Which pictures that are learned from show the same thing, and which folds they come into. */
#include "adapt/training-groups.h"
#include "adapt/methods/automatic.h"
#include <fewshot/dataset.h>
#include <fewshot/groups.h>
#include <string.h>

guint32 *
few_training_groups (const FewTask *task, guint dim, gboolean validation_too, guint threads,
                     GCancellable *cancellable, GError **error)
{
  gsize d = dim;
  guint n = 0;
  gsize room = (gsize) task->n + 1;
  if (task->groups)
    return g_memdup2 (task->groups, task->n * sizeof (guint32));
  g_autofree float *features = g_new (float, room *d);
  g_autofree guint32 *places = g_new (guint32, room);
  g_autofree guint32 *near = g_new (guint32, room);
  g_autofree guint32 *groups = g_new (guint32, room);
  for (guint i = 0; i < task->n; i++)
    {
      groups[i] = i;
      if (task->roles[i] != FEW_ROLE_TRAIN
          && !(validation_too && task->roles[i] == FEW_ROLE_VALIDATION))
        continue;
      memcpy (features + n * d, task->features + i * d, d * sizeof (float));
      places[n++] = i;
    }
  if (!few_near_duplicates (features, n, dim, FEW_NEAR_DUPLICATE, threads, cancellable, near,
                            error))
    return NULL;
  for (guint i = 0; i < n; i++)
    groups[places[i]] = places[near[i]];
  return g_steal_pointer (&groups);
}

guint
few_training_folds (const FewTask *task, guint dim, guint most, guint64 seed, guint threads,
                    guint32 *fold, GError **error)
{
  guint n = 0;
  gsize room = (gsize) task->n + 1;
  g_autofree guint32 *groups = few_training_groups (task, dim, FALSE, threads, NULL, error);
  if (!groups)
    return 0;
  g_autofree guint32 *labels = g_new (guint32, room);
  g_autofree guint32 *of_picture = g_new (guint32, room);
  g_autofree guint32 *places = g_new (guint32, room);
  for (guint i = 0; i < task->n; i++)
    if (task->roles[i] == FEW_ROLE_TRAIN)
      {
        labels[n] = task->labels[i];
        groups[n] = groups[i];
        places[n++] = i;
      }
  guint folds = few_auto_folds (labels, n, task->n_classes, groups, most, seed, of_picture);
  for (guint i = 0; i < n; i++)
    fold[places[i]] = of_picture[i];
  return folds;
}
