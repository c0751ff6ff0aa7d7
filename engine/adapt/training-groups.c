/* SPDX-License-Identifier: MIT */
/* Which pictures that are learned from show the same thing, and which folds they come into. */
#include "adapt/training-groups.h"
#include "adapt/methods/automatic.h"
#include "base/memory.h"
#include "base/words.h"
#include <fewshot/dataset.h>
#include <fewshot/groups.h>
#include <string.h>

static const char WHAT[] = N_ ("the groups of the pictures");

guint32 *
few_training_groups (const FewTask *task, guint dim, gboolean validation_too, guint threads,
                     GCancellable *cancellable, GError **error)
{
  gsize d = dim;
  guint n = 0;
  if (task->groups)
    return few_try_copy (task->groups, task->n, sizeof (guint32), WHAT, error);
  g_auto (FewRoom) room = { 0 };
  float *features = few_room_new (&room, float, task->n, d);
  guint32 *places = few_room_new (&room, guint32, task->n, 1);
  guint32 *near = few_room_new (&room, guint32, task->n, 1);
  if (few_room_is_short (&room, WHAT, error))
    return NULL;
  g_autofree guint32 *groups = few_try_copy (NULL, task->n, sizeof (guint32), WHAT, error);
  if (!groups)
    return NULL;
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
  if (task->together && !few_groups_join (groups, task->together, task->n, error))
    return NULL;
  return g_steal_pointer (&groups);
}

guint
few_training_folds (const FewTask *task, guint dim, guint most, guint64 seed, guint threads,
                    guint32 *fold, GError **error)
{
  guint n = 0;
  g_autofree guint32 *groups = few_training_groups (task, dim, FALSE, threads, NULL, error);
  if (!groups)
    return 0;
  g_auto (FewRoom) room = { 0 };
  guint32 *labels = few_room_new (&room, guint32, task->n, 1);
  guint32 *of_picture = few_room_new (&room, guint32, task->n, 1);
  guint32 *places = few_room_new (&room, guint32, task->n, 1);
  if (few_room_is_short (&room, WHAT, error))
    return 0;
  for (guint i = 0; i < task->n; i++)
    if (task->roles[i] == FEW_ROLE_TRAIN)
      {
        labels[n] = task->labels[i];
        groups[n] = groups[i];
        places[n++] = i;
      }
  guint folds = few_auto_folds (labels, n, task->n_classes, groups, most, seed, of_picture, error);
  for (guint i = 0; i < n; i++)
    fold[places[i]] = of_picture[i];
  return folds;
}
