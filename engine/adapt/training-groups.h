/* SPDX-License-Identifier: MIT */
/* Groups and folds of the pictures of a task that are learned from. */
#pragma once
#include <fewshot/task.h>

/* groups [task->n]: the task's own, or near-duplicates among its training pictures (and those for
 * validation, too); other pictures are alone. NULL with an error when cancelled. Free with g_free.
 */
guint32 *few_training_groups (const FewTask *task, guint dim, gboolean validation_too,
                              guint threads, GCancellable *cancellable, GError **error);
/* fold [task->n] of each training picture, whole groups and a class's spread over all; returns how
 * many, 0 with an error. */
guint few_training_folds (const FewTask *task, guint dim, guint most, guint64 seed, guint threads,
                          guint32 *fold, GError **error);
