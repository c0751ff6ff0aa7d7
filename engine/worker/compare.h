/* SPDX-License-Identifier: MIT */
/* Methods side by side on the same draws of shots. */
#pragma once
#include <fewshot/worker.h>

/* task: features, labels, text features, names, paths; its roles are made here. one: takes what
 * it is given. progress: steps of the method that runs. A method that cannot run is told as such
 * and does not end the rest. FALSE when cancelled, or when there is nothing to compare. */
gboolean few_compare (FewModel *model, const FewTask *task, const guint32 *ids,
                      const FewCompareJob *job, void (*one) (gpointer user, FewCompared *compared),
                      FewMethodProgress progress, gpointer user, GCancellable *cancellable,
                      GError **error);
