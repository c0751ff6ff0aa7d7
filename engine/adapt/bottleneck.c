/* SPDX-License-Identifier: MIT */
/* The bottleneck MLP, forward and backward, over the op table. */
#include "adapt/bottleneck.h"
#include <math.h>

void
few_bottleneck_forward (const FewBottleneck *k, const FewBackendOps *ops, FewStream *s, guint m,
                        const float *f, gsize ldf, float *a, gsize lda)
{
  ops->gemm (s, FALSE, TRUE, m, k->h, k->d, 1, f, ldf, k->w1, k->d, 0, k->hidden, k->h);
  ops->relu (s, (gsize) m * k->h, k->hidden);
  ops->gemm (s, FALSE, TRUE, m, k->d, k->h, 1, k->hidden, k->h, k->w2, k->h, 0, a, lda);
  if (k->final_relu)
    ops->relu (s, m * lda, a);
}

/* dz = da ⊙ [a > 0],  dW2 = dzᵀ h,  dh = dz W2 ⊙ [h > 0],  dW1 = dhᵀ f */
void
few_bottleneck_backward (const FewBottleneck *k, const FewBackendOps *ops, FewStream *s, guint m,
                         const float *f, gsize ldf, const float *a, gsize lda, float *da)
{
  if (k->final_relu)
    ops->relu_backward (s, m * lda, a, da);
  ops->gemm (s, TRUE, FALSE, k->d, k->h, m, 1, da, lda, k->hidden, k->h, 0, k->g2, k->h);
  ops->gemm (s, FALSE, FALSE, m, k->h, k->d, 1, da, lda, k->w2, k->h, 0, k->d_hidden, k->h);
  ops->relu_backward (s, (gsize) m * k->h, k->hidden, k->d_hidden);
  ops->gemm (s, TRUE, FALSE, k->h, k->d, m, 1, k->d_hidden, k->h, f, ldf, 0, k->g1, k->d);
}

void
few_bottleneck_init (guint d, guint h, GRand *rand, float *weights)
{
  gsize half = (gsize) h * d;
  double bound1 = 1 / sqrt (d);
  double bound2 = 1 / sqrt (h);
  for (gsize i = 0; i < 2 * half; i++)
    weights[i] = (float) (i < half ? g_rand_double_range (rand, -bound1, bound1)
                                   : g_rand_double_range (rand, -bound2, bound2));
}
