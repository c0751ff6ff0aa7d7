/* SPDX-License-Identifier: MIT */
/* Matrix products by cuBLAS, and the ops that are one. */
#pragma once
#include "backend/cuda/stream.h"

typedef struct
{
  gboolean transpose_a, transpose_b;
  FewCudaPrecision type; /* of a and b */
  guint m, n, k;
  float scale, beta;
  const void *a, *b;
  gsize lda, ldb;
  gboolean narrow; /* c is of `type`, too; of one product without beta */
  void *c;
  gsize ldc;
  guint batch; /* products, `stride` elements apart */
  gsize stride_a, stride_b, stride_c;
} FewCudaProduct;

/* c [M, N] = scale · op (a) [M, K] · op (b) [K, N] + beta · c, row-major, by cuBLAS */
void few_cuda_product (FewStream *stream, const FewCudaProduct *product);
/* Rows that are 16 bytes apart or a multiple: tensor cores read them at full speed. */
static inline gsize
few_cuda_row (gsize n)
{
  return (n + 7) / 8 * 8;
}
FewMatrix *few_cuda_matrix_new (FewBackend *backend, guint n, guint k, FewGrade grade,
                                const float *weights_host, GError **error);
FewMatrix *few_cuda_conv_new (FewBackend *backend, const FewConvShape *shape, FewGrade grade,
                              const float *weights_host, GError **error);
FewMatrix *few_cuda_matrix_transposed (FewBackend *backend, const FewMatrix *weight,
                                       GError **error);
/* The next op need not write floats: backend.h */
void few_cuda_pass_on (FewStream *stream, const FewMatrix *reader);
void few_cuda_matrix_free (FewBackend *backend, FewMatrix *matrix);
void few_cuda_linear (FewStream *stream, guint m, const float *x, gsize ldx,
                      const FewMatrix *weight, const float *bias, FewActivation activation,
                      const float *residual, gsize ld_residual, float *y, gsize ldy);
void few_cuda_grouped_linear (FewStream *stream, guint groups, guint m, const float *x, gsize ldx,
                              FewMatrix *const *weights, const float *bias, float *y, gsize ldy);
void few_cuda_conv (FewStream *stream, const FewConvShape *shape, const float *x,
                    const FewMatrix *weight, const float *bias, FewActivation activation,
                    const float *residual, float *y);
void few_cuda_gemm (FewStream *stream, gboolean transpose_a, gboolean transpose_b, guint m, guint n,
                    guint k, float scale, const float *a, gsize lda, const float *b, gsize ldb,
                    float beta, float *c, gsize ldc);
