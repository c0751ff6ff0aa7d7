/* SPDX-License-Identifier: MIT */
/* A task's own figures. */
#include "task/task.h"
#include <fewshot/dataset.h>

guint
few_task_most_shots (const FewTask *task)
{
  g_autofree guint *shots = g_new0 (guint, MAX (task->n_classes, 1));
  guint most = 0;
  for (guint i = 0; i < task->n; i++)
    if (task->roles[i] == FEW_ROLE_TRAIN)
      {
        guint own = ++shots[task->labels[i]];
        most = MAX (most, own);
      }
  return most;
}
