/* SPDX-License-Identifier: MIT */
/* A step of learning that is repeated, for backends that queue what they know already at once. */
#include "backend/op-runs.h"

/* Some times the same work with other rows, labels, rates and places of the losses: where it is
 * queued at once these must not be those of the first time, nor memory that has moved since; the
 * last time goes elsewhere. */
typedef struct
{
  FewOpRun *run;
  guint time;
  float *x, *taken, *hidden, *sums, *text, *norms, *logits, *losses, *gradient, *weights, *moments;
  FewMatrix *layer;
} Repeated;

enum { OFTEN = 5, BATCH = 6, WIDE = 136, CLASSES = 9, FROM = 30 };

static void
run_step (gpointer user)
{
  const Repeated *p = user;
  const FewBackendOps *ops = p->run->ops;
  FewStream *s = p->run->stream;
  guint32 rows[BATCH], labels[BATCH];
  FewUpdate update = {
    0.01f * (float) (OFTEN - p->time), 0.9f, 0.999f, 0.1f, 0.1f, TRUE, p->time + 1
  };
  float *losses = p->losses + p->time * 2 * BATCH;
  for (guint i = 0; i < BATCH; i++)
    {
      rows[i] = (i * 7 + p->time * 5) % FROM;
      labels[i] = (i + p->time) % CLASSES;
    }
  ops->gather_rows (s, BATCH, WIDE, rows, p->x, WIDE, p->taken);
  ops->linear (s, BATCH, p->taken, WIDE, p->layer, NULL, FEW_ACTIVATION_GELU, NULL, 0, p->hidden,
               WIDE);
  ops->blend_normalise (s, CLASSES, WIDE, 0.1f * (float) (p->time + 1), p->weights, p->x, p->text,
                        p->norms);
  ops->gemm (s, FALSE, TRUE, BATCH, CLASSES, WIDE, 2, p->taken, WIDE, p->text, WIDE, 0, p->logits,
             CLASSES);
  ops->softmax_cross_entropy (s, BATCH, CLASSES, labels, p->logits, losses, losses + BATCH);
  ops->gemm (s, TRUE, FALSE, CLASSES, WIDE, BATCH, 2, p->logits, CLASSES, p->taken, WIDE, 0,
             p->gradient, WIDE);
  ops->blend_normalise_backward (s, CLASSES, WIDE, 0.1f * (float) (p->time + 1), p->text, p->norms,
                                 p->gradient, p->gradient);
  ops->adam (s, CLASSES * WIDE, &update, p->gradient, p->moments, p->moments + CLASSES * WIDE,
             p->weights);
  ops->sgd (s, CLASSES * WIDE, &update, p->gradient, p->moments + 2 * CLASSES * WIDE, p->weights);
  ops->scatter_add_rows (s, BATCH, WIDE, rows, p->hidden, p->sums, WIDE);
}

void
few_op_run_repeat (FewOpRun *r)
{
  enum { M = 1100 };
  Repeated p = { .run = r,
                 .x = few_op_values (r, FROM * WIDE),
                 .taken = few_op_values (r, BATCH * WIDE),
                 .hidden = few_op_values (r, BATCH * WIDE),
                 .sums = few_op_values (r, FROM * WIDE),
                 .text = few_op_values (r, CLASSES * WIDE),
                 .norms = few_op_values (r, CLASSES),
                 .logits = few_op_values (r, BATCH * CLASSES),
                 .losses = few_op_values (r, OFTEN * 2 * BATCH),
                 .gradient = few_op_values (r, CLASSES * WIDE),
                 .weights = few_op_values (r, CLASSES * WIDE),
                 .moments = few_op_values (r, 3 * CLASSES * WIDE),
                 .layer = few_op_matrix (r, WIDE, WIDE) };
  float *sums = p.sums;
  float *wide = few_op_values (r, M * WIDE);
  float *made = few_op_values (r, M * WIDE);
  float *others = few_op_values (r, FROM * WIDE);
  if (r->error)
    return;
  r->ops->clear (r->stream, p.moments, 3 * CLASSES * WIDE);
  for (p.time = 0; p.time < OFTEN; p.time++)
    {
      if (p.time == OFTEN - 2) /* more rows, for which a stream's memory grows */
        {
          r->ops->multiply (r->stream, M * WIDE, 0.1f, made, wide);
          r->ops->linear (r->stream, M, wide, WIDE, p.layer, NULL, FEW_ACTIVATION_GELU, NULL, 0,
                          made, WIDE);
          r->ops->linear (r->stream, M, made, WIDE, p.layer, NULL, FEW_ACTIVATION_NONE, NULL, 0,
                          wide, WIDE);
        }
      if (p.time == OFTEN - 1) /* another place */
        p.sums = others;
      r->ops->repeat (r->stream, r, 0, run_step, &p);
    }
  few_op_leave (r, p.losses, OFTEN * 2 * BATCH);
  few_op_leave (r, p.weights, CLASSES * WIDE);
  few_op_leave (r, sums, FROM * WIDE);
  few_op_leave (r, others, FROM * WIDE);
  few_op_leave (r, wide, M * WIDE);
}
