/* SPDX-License-Identifier: MIT */
/* What all methods that learn by steps share: the order of rows and the schedule. */
#pragma once
#include "backend/backend.h"
#include <fewshot/train-options.h>

typedef struct
{
  guint32 *order; /* [n], shuffled each epoch; the caller's */
  guint n, at, batch;
  guint used; /* rows of an epoch: n, or fewer when an incomplete last batch is left out */
  GRand *rand;
} FewBatches;

/* order [n] of n rows, written to as long as batches are taken; batch, drop_last and seed are the
 * options'. */
void few_batches_init (FewBatches *batches, guint32 *order, guint n, guint batch,
                       const FewTrainOptions *options);
void few_batches_clear (FewBatches *batches);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FewBatches, few_batches_clear)
/* Begins an epoch. */
void few_batches_shuffle (FewBatches *batches);
/* The next *m rows of the epoch; NULL at its end. */
const guint32 *few_batches_next (FewBatches *batches, guint *m);

/* Dassl's ConstantWarmupScheduler around CosineAnnealingLR, one step an epoch. */
double few_epoch_rate (const FewTrainOptions *options, guint epoch);
/* step counts from 1 */
FewUpdate few_update_at (const FewTrainOptions *options, double rate, guint64 step);
