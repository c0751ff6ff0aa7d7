/* SPDX-License-Identifier: MIT */
/* The pictures of a command that have a feature, and its classes as text features: a task. */
#pragma once
#include "worker/worker-private.h"
#include <fewshot/groups.h>

typedef struct
{
  /* n, classes, features, labels, ids, text features; paths where the pictures have them; roles:
   * pinned ones are tests, the others train, until the job draws. Names, template and the paths'
   * strings are borrowed. */
  FewTask task;
  float *features, *text, *text_raw, *negatives;
  guint32 *ids, *labels;
  guint8 *roles;
  guint8 *pinned; /* FewLabelled's, of the task's pictures; NULL: none is */
  guint n_pinned;
  const char **paths;
  guint32 *groups;   /* [n] once twins were gathered: what no split is to part */
  guint32 *together; /* [n] the task's, for folds */
} FewGathered;

/* Pictures of a class that there is not are left out, too. The order is kept. Negatives that have a
 * feature are the task's. */
gboolean few_gather (FewWorker *worker, const FewPrompts *prompts, const FewLabelled *pictures,
                     FewGathered *gathered, GError **error);
/* Near-duplicates and what files say of pictures that belong together: into `groups`, and into the
 * task's `together`, the former as far as folds still have something to tell of. Once the roles are
 * what they will be, for folds are of what is no test. */
gboolean few_gather_twins (FewGathered *gathered, guint dim, FewTogether by,
                           GCancellable *cancellable, GError **error);
/* FALSE with a sentence where the pictures have any number of classes. */
gboolean few_gathered_check_one (const FewGathered *gathered, GError **error);
void few_gathered_clear (FewGathered *gathered);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FewGathered, few_gathered_clear)
