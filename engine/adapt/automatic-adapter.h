/* SPDX-License-Identifier: MIT */
/* The second half of "automatic": the visual adapter is trained beside its folds and joins. */
#pragma once
#include "adapt/automatic-join.h"

typedef struct
{
  /* After each step; FALSE without an error stops: nothing joins then. */
  gboolean (*stepped) (gpointer user, FewTrainer *trainer, GError **error);
  /* Once, when it is trained through or stopped: what the epochs so far came to. */
  void (*ended) (gpointer user, const FewEpoch *history, guint n);
  gpointer user;
} FewAdapterWatch;

/* Of the task's training pictures, from which the automatic one was learned. *classifier: the sum
 * with these statistics, NULL where the adapter does not help, was stopped or has too few pictures
 * to tell. FALSE with an error. */
gboolean few_automatic_add_adapter (FewModel *model, const FewAutomatic *automatic,
                                    const FewTask *task, const FewTrainOptions *options,
                                    const FewStatistics *statistics, const FewAdapterWatch *watch,
                                    GCancellable *cancellable, FewClassifier **classifier,
                                    FewJoin *join, GError **error);
