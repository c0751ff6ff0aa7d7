/* The inner loops of the CPU backend: cpu-kernels.c compiled once per instruction-set level, chosen at run time. */
#pragma once
#include "backend.h"

typedef struct
{
  const float *bias;     /* [columns] or NULL */
  const float *residual; /* tile's first element or NULL */
  gsize ld_residual;
  FewActivation activation;
  float scale; /* of the product */
  float beta;  /* of the old content, with residual = c */
  gboolean residual_first; /* the activation covers the residual (ResNet) rather than precedes it (ViT) */
} FewEpilogue;

typedef struct
{
  const char *name;
  guint tile_rows;    /* largest m of `tile` */
  guint tile_columns; /* panel width: weights are packed [N/columns][K][columns] */
  /* c [m, columns] = epilogue (a [m, K] · panel [K, tile_columns]); columns ≤ tile_columns are stored. Meanwhile K lines from
   * `ahead` on, ahead_step floats apart, are fetched into L2: this tile's share of the panel that comes next. */
  void (*tile) (guint m, guint k, const float *a, gsize lda, const float *panel, const float *ahead, guint ahead_step,
                const FewEpilogue *epilogue, float *c, gsize ldc, guint columns);
  void (*layer_norm) (guint w, const float *x, const float *gamma, const float *beta, float epsilon, float *y);
  /* row [n] in place, n ≥ 1; entries from `n` to `padded` become 0 */
  void (*softmax) (guint n, guint padded, float *row);
  void (*relu) (gsize n, float *x);
  void (*relu_backward) (gsize n, const float *output, float *gradient);
  void (*blend_normalise) (guint d, float alpha, const float *a, const float *f, float *y, float *inverse_norm);
  void (*blend_normalise_backward) (guint d, float alpha, const float *y, float inverse_norm, const float *dy, float *da);
  void (*cross_entropy) (guint k, guint label, float scale, float *logits, float *loss, float *correct);
  float (*dot) (gsize n, const float *x, const float *y);
  void (*adam) (gsize n, const FewUpdate *update, const float *gradient, float *m, float *v, float *weights);
  void (*sgd) (gsize n, const FewUpdate *update, const float *gradient, float *velocity, float *weights);
} FewKernels;

extern const FewKernels few_kernels_base; /* x86-64-v2, or the architecture's own floor */
extern const FewKernels few_kernels_v3, few_kernels_v4;
