/* SPDX-License-Identifier: MIT */
/* Training the adapter on cached features, a step at a time. */
#pragma once
#include <fewshot/export.h>
#include <fewshot/model.h>
#include <fewshot/snapshot.h>
#include <fewshot/task.h>
#include <fewshot/train-options.h>

G_BEGIN_DECLS

typedef struct FewTrainer FewTrainer;

/* Of a task: features, labels, roles, ids, text features, class names and template, all copied;
 * training pictures of at least two classes. An error when there are none, when a setting is out
 * of range or a feature no number. */
FEW_API FewTrainer *few_trainer_new (FewModel *model, const FewTrainOptions *options,
                                     const FewTask *task, GError **error);
FEW_API void few_trainer_free (FewTrainer *trainer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewTrainer, few_trainer_free)
/* One mini-batch. FALSE when the last epoch is done. */
FEW_API gboolean few_trainer_step (FewTrainer *trainer);
FEW_API guint few_trainer_epoch (const FewTrainer *trainer);
/* Whether the device has done all steps so far. A GPU may fail: what the trainer says after that
 * means nothing. Waits for the device. */
FEW_API gboolean few_trainer_check (FewTrainer *trainer, GError **error);
/* The state now; evaluates every picture once (a·t, f·t, |a|², |f|², a·f). For the visual side
 * alone. NULL when the device has failed, as few_trainer_check says, or memory is short. */
FEW_API FewSnapshot *few_trainer_snapshot (FewTrainer *trainer, GError **error);

/* The weights as they are, laid out as below; returns how many. weights may be NULL. */
FEW_API gsize few_trainer_get_weights (FewTrainer *trainer, float *weights);
/* For tests: weights in, W1 [H, D] and W2 [D, H] of each adapted side (visual, text), then the
 * logits of α and β when they are learned; gradients of the same layout and the loss of one
 * given batch out. */
FEW_API void few_trainer_set_weights (FewTrainer *trainer, const float *weights);
/* logit_scale · cos of every picture and class as trained; scores [n, K] */
FEW_API void few_trainer_scores (FewTrainer *trainer, float *scores);
/* the ratios as they are now: `options`' or learned ones */
FEW_API void few_trainer_ratios (FewTrainer *trainer, double *alpha, double *beta);
/* What each epoch came to, n so far; waits for the device. Until the next call. */
FEW_API const FewEpoch *few_trainer_history (FewTrainer *trainer, guint *n);
FEW_API float few_trainer_gradients (FewTrainer *trainer, const guint32 *rows, guint m,
                                     float *gradients);
/* One update on the given rows instead of the shuffled ones; returns the loss before it. */
FEW_API float few_trainer_step_rows (FewTrainer *trainer, const guint32 *rows, guint m);

G_END_DECLS
