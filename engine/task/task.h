/* SPDX-License-Identifier: MIT */
/* What is asked of a task by more than one room. */
#pragma once
#include <fewshot/task.h>

/* Training pictures of the class that has most: the shots, or fewer where no class has so many. */
guint few_task_most_shots (const FewTask *task);
