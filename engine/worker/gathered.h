/* SPDX-License-Identifier: MIT */
/* The pictures of a command that have a feature, and its classes as text features: a task. */
#pragma once
#include "worker/worker-private.h"

typedef struct
{
  /* n, classes, features, labels, ids, text features; paths where the pictures have them; roles
   * are the job's to fill. Names, template and the paths' strings are borrowed. */
  FewTask task;
  float *features, *text, *text_raw;
  guint32 *ids, *labels;
  guint8 *roles;
  const char **paths;
} FewGathered;

/* Pictures of a class that there is not are left out, too. The order is kept. */
gboolean few_gather (FewWorker *worker, const FewPrompts *prompts, const FewLabelled *pictures,
                     FewGathered *gathered, GError **error);
void few_gathered_clear (FewGathered *gathered);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FewGathered, few_gathered_clear)
