/* SPDX-License-Identifier: MIT */
/* Learning, a batch at a time, written over the op table.
 *
 *   a = A_v (f),  y = u/|u|, u = αa + (1−α)f     (B, D)     the picture's side, or y = f/|f|
 *   e = A_t (t),  w = v/|v|, v = βe + (1−β)t     (K, D)     the text's side, or w = t
 *   logits = s · y wᵀ                            (B, K)
 * backward:
 *   dy = s · dlogits w,  da = α (dy − y (y·dy))/|u|,  dα = Σ da·(a − f)/α;  dw = s · dlogitsᵀ y
 *     and so on for the text */
#include "adapt/trainer-private.h"
#include "backend/backend.h"
#include <math.h>

/* ---- one batch */

void
few_trainer_side_forward (FewTrainer *t, FewTrainerSide *side, guint m, const float *x)
{
  const FewBackendOps *ops = t->backend->ops;
  FewStream *s = t->stream;
  if (side->adapted)
    few_bottleneck_forward (&side->mlp, ops, s, m, x, t->d, side->a, t->d);
  ops->blend_normalise (s, m, t->d, side->adapted ? (float) side->ratio : 0,
                        side->adapted ? side->a : x, x, side->out, side->norm);
}

/* Turns side->d from the gradient of out into the weights'; returns the gradient of the ratio's
 * logit. */
static double
backward_side (FewTrainer *t, FewTrainerSide *side, guint m)
{
  const FewBackendOps *ops = t->backend->ops;
  FewStream *s = t->stream;
  double gradient = 0;
  ops->blend_normalise_backward (s, m, t->d, (float) side->ratio, side->out, side->norm, side->d,
                                 side->d);
  if (t->options.learn_ratios)
    {
      ops->row_dots (s, m, t->d, side->d, side->a, t->dots);
      gradient += few_device_sum (ops, s, t->dots, m);
      ops->row_dots (s, m, t->d, side->d, side->x, t->dots);
      gradient -= few_device_sum (ops, s, t->dots, m);
    }
  few_bottleneck_backward (&side->mlp, ops, s, m, side->x, t->d, side->a, t->d, side->d);
  return gradient * (1 - side->ratio); /* dα/dρ = α (1 − α), and d carries an α already */
}

void
few_trainer_read_ratios (FewTrainer *t)
{
  float logits[2];
  if (!t->options.learn_ratios)
    return;
  t->backend->ops->download (t->stream, logits, t->weights + t->n_weights - 2, 2);
  t->visual.ratio = 1 / (1 + exp (-(double) logits[0]));
  t->text.ratio = 1 / (1 + exp (-(double) logits[1]));
}

const float *
few_trainer_text (const FewTrainer *t)
{
  return t->text.adapted ? t->text.out : t->text.x;
}

/* Gradients of the mean cross-entropy over `rows`; leaves loss and correct [m] on the device,
 * from `at` on. */
static void
forward_backward (FewTrainer *t, const guint32 *rows, guint m, guint at)
{
  const FewBackendOps *ops = t->backend->ops;
  FewStream *s = t->stream;
  guint32 labels[m];
  float ratio_gradients[2] = { 0 };
  for (guint i = 0; i < m; i++)
    labels[i] = t->labels[rows[i]];
  float scale = (float) t->scale;
  few_trainer_read_ratios (t);
  ops->gather_rows (s, m, t->d, rows, t->features, t->d, t->visual.x);
  few_trainer_side_forward (t, &t->visual, m, t->visual.x);
  if (t->text.adapted)
    few_trainer_side_forward (t, &t->text, t->k, t->text.x);
  const float *w = few_trainer_text (t);
  ops->gemm (s, FALSE, TRUE, m, t->k, t->d, scale, t->visual.out, t->d, w, t->d, 0, t->logits,
             t->k);
  ops->softmax_cross_entropy (s, m, t->k, labels, t->logits, t->epochs.loss + at,
                              t->epochs.correct + at);
  if (t->visual.adapted)
    {
      ops->gemm (s, FALSE, FALSE, m, t->d, t->k, scale, t->logits, t->k, w, t->d, 0, t->visual.d,
                 t->d);
      ratio_gradients[0] = (float) backward_side (t, &t->visual, m);
    }
  if (t->text.adapted)
    {
      ops->gemm (s, TRUE, FALSE, t->k, t->d, m, scale, t->logits, t->k, t->visual.out, t->d, 0,
                 t->text.d, t->d);
      ratio_gradients[1] = (float) backward_side (t, &t->text, t->k);
    }
  if (t->options.learn_ratios)
    ops->upload (s, t->gradients + t->n_weights - 2, ratio_gradients, 2);
}

static void
update_weights (FewTrainer *t)
{
  const FewTrainOptions *o = &t->options;
  FewUpdate u = few_update_at (o, t->rate, t->step);
  if (o->optimizer == FEW_OPTIMIZER_SGD)
    t->backend->ops->sgd (t->stream, t->n_weights, &u, t->gradients, t->m, t->weights);
  else
    t->backend->ops->adam (t->stream, t->n_weights, &u, t->gradients, t->m, t->v, t->weights);
}

typedef struct
{
  FewTrainer *trainer;
  const guint32 *rows;
  guint m, at; /* at: of their losses */
} Step;

static void
run_step (gpointer user)
{
  const Step *step = user;
  forward_backward (step->trainer, step->rows, step->m, step->at);
  update_weights (step->trainer);
}

/* A step is like the one before, but for its rows and the rate. */
static void
repeat_step (FewTrainer *t, const guint32 *rows, guint m, guint at)
{
  Step step = { t, rows, m, at };
  t->step++;
  t->backend->ops->repeat (t->stream, t, m, run_step, &step);
}

/* of a batch of m */
static double
mean_loss (FewTrainer *t, guint m)
{
  return few_device_sum (t->backend->ops, t->stream, t->epochs.loss, m) / m;
}

/* ---- epochs */

void
few_trainer_begin_epoch (FewTrainer *t)
{
  few_batches_shuffle (&t->batches);
  t->seen = 0;
  t->rate = few_epoch_rate (&t->options, t->epoch);
}

/* Which validation pictures are right at the training ratios */
static void
validate_epoch (FewTrainer *t)
{
  const FewBackendOps *ops = t->backend->ops;
  FewStream *s = t->stream;
  few_trainer_read_ratios (t);
  if (t->text.adapted && t->n_validation > 0)
    few_trainer_side_forward (t, &t->text, t->k, t->text.x);
  const float *w = few_trainer_text (t);
  for (guint first = 0; first < t->n_validation; first += EVALUATION_ROWS)
    {
      guint m = MIN (EVALUATION_ROWS, t->n_validation - first);
      guint32 labels[EVALUATION_ROWS];
      for (guint i = 0; i < m; i++)
        labels[i] = t->labels[t->validation[first + i]];
      ops->gather_rows (s, m, t->d, t->validation + first, t->features, t->d, t->visual.x);
      few_trainer_side_forward (t, &t->visual, m, t->visual.x);
      ops->gemm (s, FALSE, TRUE, m, t->k, t->d, 1, t->visual.out, t->d, w, t->d, 0, t->logits,
                 t->k);
      ops->softmax_cross_entropy (s, m, t->k, labels, t->logits, t->dots, t->epochs.right + first);
    }
}

double
few_trainer_share (const FewTrainer *t)
{
  double of_epoch = t->batches.used ? (double) t->batches.at / t->batches.used : 0;
  return (t->epoch + of_epoch) / t->options.epochs;
}

void
few_trainer_hand_over (FewTrainer *t)
{
  if (!t->failure)
    t->backend->ops->check (t->stream, &t->failure);
}

gboolean
few_trainer_handed_over (FewTrainer *t, GError **error)
{
  if (!t->failure)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&t->failure));
  return FALSE;
}

gboolean
few_trainer_step_alone (FewTrainer *t)
{
  if (t->epoch >= t->options.epochs)
    return FALSE;
  guint m;
  guint32 rows[t->options.batch];
  const guint32 *order = few_batches_next (&t->batches, &m);
  for (guint i = 0; i < m; i++)
    rows[i] = t->options.fresh ? t->train[order[i] * t->options.fresh + t->epoch % t->options.fresh]
                               : t->train[order[i]];
  repeat_step (t, rows, m, t->seen);
  t->seen += m;
  if (t->batches.at < t->batches.used)
    return TRUE;
  validate_epoch (t);
  few_epochs_close (&t->epochs);
  t->epoch++;
  few_trainer_begin_epoch (t);
  return t->epoch < t->options.epochs;
}

float
few_trainer_gradients (FewTrainer *t, const guint32 *rows, guint m, float *gradients)
{
  g_return_val_if_fail (t != NULL && rows != NULL && gradients != NULL, NAN);
  g_return_val_if_fail (m >= 1, NAN);
  forward_backward (t, rows, m, 0);
  t->backend->ops->download (t->stream, gradients, t->gradients, t->n_weights);
  return (float) mean_loss (t, m);
}

float
few_trainer_step_rows (FewTrainer *t, const guint32 *rows, guint m)
{
  g_return_val_if_fail (t != NULL && rows != NULL, NAN);
  repeat_step (t, rows, m, 0);
  return (float) mean_loss (t, m);
}
