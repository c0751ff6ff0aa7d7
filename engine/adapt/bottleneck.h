/* SPDX-License-Identifier: MIT */
/* The bottleneck MLP of CLIP-Adapter over the op table: A(f) = [relu] (W2 · relu (W1 · f)), W1
 * [H, D], W2 [D, H], no biases. */
#pragma once
#include "backend/backend.h"

typedef struct
{
  guint d, h;
  gboolean final_relu;
  float *w1, *w2, *g1, *g2;    /* weights and their gradients */
  float *hidden, *d_hidden;    /* [M, H] of the largest batch */
} FewBottleneck;

/* a [M, D] = A (f [M, D]); rows of a and f ld floats apart */
void few_bottleneck_forward (const FewBottleneck *bottleneck, const FewBackendOps *ops,
                             FewStream *stream, guint m, const float *f, gsize ldf, float *a,
                             gsize lda);
/* da [M, D], the gradient of a, is overwritten with the gradient before the last ReLU → g1, g2.
 * Call after forward on the same f, with the a that it gave. */
void few_bottleneck_backward (const FewBottleneck *bottleneck, const FewBackendOps *ops,
                              FewStream *stream, guint m, const float *f, gsize ldf, const float *a,
                              gsize lda, float *da);
/* torch Linear: U (±1/√fan_in); weights_host [2·H·D] as W1, W2 */
void few_bottleneck_init (guint d, guint h, GRand *rand, float *weights_host);
