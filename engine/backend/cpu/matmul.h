/* SPDX-License-Identifier: MIT */
/* Matrix products on the CPU, over weights in panels. */
#pragma once
#include "backend/cpu/stream.h"

struct FewMatrix
{
  guint n, k;
  FewForm form;
  gboolean winograd; /* a 3 × 3 convolution: [36] times panels of [N, C] */
  float *panels;     /* [⌈N/columns⌉][units of K][columns], zero-padded */
  float *scales;     /* of quads, in the same memory: [⌈N/columns⌉ · columns], and the sums */
  gint32 *sums;
};

/* y [M, N] = epilogue (x [M, K] · panels); K counts units of the form */
typedef struct
{
  guint m, n, k;
  FewForm form;
  const float *x;
  gsize ldx;
  const float *panels;
  FewEpilogue epilogue;
  float *y;
  gsize ldy;
  FewPassed *to; /* gets the rows instead of y; or NULL */
  /* set by few_cpu_product */
  FewStream *stream;
  guint columns; /* of a panel */
  FewTile tile;
  guint row_blocks, panel_groups, group; /* panels a group */
} FewProduct;

void few_cpu_product (FewStream *stream, FewProduct *product);
/* c [m, n] = a [m, k] · panels + bias [n] (or NULL), times scale: one small product on the
 * calling thread */
void few_cpu_small_product (const FewKernels *kernels, gboolean pairs, guint m, guint n, guint k,
                            const float *a, gsize lda, const float *panels, float scale,
                            const float *bias, float *c, gsize ldc);
/* Panel number `panel` of op(b) [K, N], at its place in `panels`; op is the transpose, of b [N,
 * K], when the flag is set */
void few_cpu_pack_panel (gboolean transposed, guint columns, guint panel, guint n, guint k,
                         const float *b, gsize ldb, float *panels);
/* x [k] in pairs, and zeros for what there is more of them */
void few_cpu_to_whole_pairs (const FewKernels *kernels, guint k, const float *x, float *pairs);
/* x [m, k] in the weight's form: itself, or in the stream's `packed` until its next use; NULL where
 * there is no room. epilogue: gets what the form adds to it. */
const float *few_cpu_to_form (FewStream *stream, const FewMatrix *weight, guint m, guint k,
                              const float *x, gsize ldx, gsize *ld, FewEpilogue *epilogue);

/* ---- ops */
void few_cpu_linear (FewStream *stream, guint m, const float *x, gsize ldx, const FewMatrix *weight,
                     const float *bias, FewActivation activation, const float *residual,
                     gsize ld_residual, float *y, gsize ldy);
void few_cpu_grouped_linear (FewStream *stream, guint groups, guint m, const float *x, gsize ldx,
                             FewMatrix *const *weights, const float *bias, float *y, gsize ldy);
void few_cpu_gemm (FewStream *stream, gboolean transpose_a, gboolean transpose_b, guint m, guint n,
                   guint k, float scale, const float *a, gsize lda, const float *b, gsize ldb,
                   float beta, float *c, gsize ldc);
FewMatrix *few_cpu_matrix_new (FewBackend *backend, guint n, guint k, FewGrade grade,
                               const float *weights_host, GError **error);
/* in that form */
FewMatrix *few_cpu_packed_new (FewBackend *backend, FewForm form, guint n, guint k,
                               const float *weights_host, GError **error);
FewMatrix *few_cpu_matrix_transposed (FewBackend *backend, const FewMatrix *weight, GError **error);
void few_cpu_matrix_free (FewBackend *backend, FewMatrix *matrix);
