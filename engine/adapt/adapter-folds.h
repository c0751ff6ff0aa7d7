/* SPDX-License-Identifier: MIT */
/* What the visual adapter says of pictures that it did not learn from: one adapter a fold, each
 * trained without its fold's pictures, side by side on the device's lanes. */
#pragma once
#include <fewshot/snapshot.h>
#include <fewshot/task.h>
#include <fewshot/trainer.h>

/* As many as are worth their time: each is a whole training. */
enum { FEW_ADAPTER_FOLDS = 5 };

typedef struct FewAdapterFolds FewAdapterFolds;

/* Of the task's training pictures; fold [task->n] of each, < n_folds. What is fixed afterwards: the
 * task is borrowed for the call alone. */
FewAdapterFolds *few_adapter_folds_new (FewModel *model, const FewTrainOptions *options,
                                        const FewTask *task, const guint32 *fold, guint n_folds,
                                        GError **error);
void few_adapter_folds_free (FewAdapterFolds *folds);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewAdapterFolds, few_adapter_folds_free)
/* Pictures from place n of the task on are views of others: they tell nothing. */
void few_adapter_folds_views_from (FewAdapterFolds *folds, guint n);
/* Trains all of them until a share of 0 … 1 of their steps is done. FALSE when the device fails. */
gboolean few_adapter_folds_advance (FewAdapterFolds *folds, double share, GError **error);
/* The training pictures (ids: their places in the task), each seen by the adapter of its fold.
 * Their role is validation, or unused where too little was left to learn from without them, or
 * nothing of their class; views are for training. */
FewSnapshot *few_adapter_folds_snapshot (FewAdapterFolds *folds, GError **error);

/* The α and the temperature (logits are temperature · logit_scale · cosines) that minimise the
 * log-loss of the snapshot's validation pictures; *alpha stays, and *temperature is 1, where these
 * are fewer than half of all. Short of memory, too. */
void few_adapter_choose (const FewSnapshot *out_of_fold, double *alpha, double *temperature);
/* logits [n, K] of the snapshot's rows */
void few_adapter_logits (const FewSnapshot *out_of_fold, double alpha, double temperature,
                         float *logits);
