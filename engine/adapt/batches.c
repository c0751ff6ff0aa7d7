/* SPDX-License-Identifier: MIT */
/* Shuffled batches, the learning rate of an epoch, one update of the optimiser. */
#include "base/random.h"
#include "adapt/batches.h"
#include <fewshot/train-options.h>
#include <math.h>

double
few_epoch_rate (const FewTrainOptions *o, guint epoch)
{
  if (epoch < o->warmup_epochs)
    return 1e-5;
  if (!o->cosine)
    return o->learning_rate;
  /* Dassl counts the cosine from the end of the warm-up, to as many epochs as there are in all. */
  guint step = epoch - o->warmup_epochs;
  return 0.5 * o->learning_rate * (1 + cos (G_PI * step / o->epochs));
}

FewUpdate
few_update_at (const FewTrainOptions *o, double rate, guint64 step)
{
  return (FewUpdate) { .rate = (float) rate,
                       .beta1 = o->optimizer == FEW_OPTIMIZER_SGD ? (float) o->momentum : 0.9f,
                       .beta2 = 0.999f,
                       .epsilon = o->optimizer == FEW_OPTIMIZER_SGD ? 0 : 1e-8f,
                       .weight_decay = (float) o->weight_decay,
                       .decoupled = o->optimizer == FEW_OPTIMIZER_ADAMW,
                       .step = step };
}

void
few_batches_init (FewBatches *batches, guint32 *order, guint n, guint batch,
                  const FewTrainOptions *options)
{
  *batches =
      (FewBatches) { .n = n, .batch = batch, .order = order, .rand = few_rand_new (options->seed) };
  batches->used = options->drop_last && n >= batch ? n / batch * batch : n;
  for (guint i = 0; i < n; i++)
    batches->order[i] = i;
}

void
few_batches_clear (FewBatches *batches)
{
  g_clear_pointer (&batches->rand, g_rand_free);
}

void
few_batches_shuffle (FewBatches *b)
{
  few_shuffle (b->rand, b->order, b->n);
  b->at = 0;
}

const guint32 *
few_batches_next (FewBatches *b, guint *m)
{
  *m = MIN (b->batch, b->used - b->at);
  const guint32 *rows = b->order + b->at;
  b->at += *m;
  return *m > 0 ? rows : NULL;
}
