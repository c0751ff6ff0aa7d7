/* SPDX-License-Identifier: MIT */
/* The pictures of a command that have a feature, and its classes as text features: a task. */
#pragma once
#include "worker/worker-private.h"
#include <fewshot/groups.h>

typedef struct
{
  /* n, classes, features, labels, ids, text features; paths where the pictures have them; roles
   * are the job's to fill. Names, template and the paths' strings are borrowed. */
  FewTask task;
  float *features, *text, *text_raw, *negatives;
  guint32 *ids, *labels;
  guint8 *roles;
  guint8 *pinned; /* FewLabelled's, of the task's pictures; NULL: none is */
  guint n_pinned;
  const char **paths;
  guint32 *together;
} FewGathered;

/* Pictures of a class that there is not are left out, too. The order is kept. Negatives that have a
 * feature are the task's. */
gboolean few_gather (FewWorker *worker, const FewPrompts *prompts, const FewLabelled *pictures,
                     FewGathered *gathered, GError **error);
/* What files say of pictures that belong together, into the task. */
gboolean few_gather_files (FewGathered *gathered, FewTogether by, GCancellable *cancellable,
                           GError **error);
/* groups [n] of near-duplicates and of what files say, which no split is to part. Free with g_free.
 * NULL with an error. */
guint32 *few_gathered_twins (const FewGathered *gathered, guint dim, GCancellable *cancellable,
                             GError **error);
void few_gathered_clear (FewGathered *gathered);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FewGathered, few_gathered_clear)
