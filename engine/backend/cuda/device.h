/* SPDX-License-Identifier: MIT */
/* Inside libfewshot-cuda.so: a device, its streams and their memory. */
#pragma once
#include "backend/cuda/kernels.h"
#include "backend/cuda/module.h"
#include <cublas_v2.h>

/* A stream's buffers. Ops follow one another on it, so that each may use what the one before has
 * finished with. */
typedef enum {
  FEW_SCRATCH_INDICES,  /* rows, labels, token ids */
  FEW_SCRATCH_OPERAND,  /* what a product multiplies, in its type */
  FEW_SCRATCH_PRODUCT,  /* before its epilogue; weights on their way to f16 */
  FEW_SCRATCH_Q,
  FEW_SCRATCH_K,
  FEW_SCRATCH_V,
  FEW_SCRATCH_SCORES,
  FEW_SCRATCH_WEIGHTS,
  FEW_SCRATCH_OUT,
  FEW_SCRATCH_DQ,
  FEW_SCRATCH_DK,
  FEW_SCRATCH_DV,
  FEW_N_SCRATCH
} FewScratchSlot;

/* Pinned host memory that copies to the device are made from. Two take turns: one is filled
 * while the other's copies run. */
typedef struct
{
  char *memory;
  size_t size, used;
  cudaEvent_t event; /* its copies have run */
  gboolean pending;  /* the event was recorded */
} FewStage;

struct FewStream
{
  FewCudaDevice *device;
  cudaStream_t stream;
  cublasHandle_t blas;
  /* cuBLAS's: with one of its own a stream's products do not depend on what other streams do */
  void *workspace;
  FewStage stage[2];
  guint staging; /* the one in turn */
  char *landing; /* pinned; copies to the host */
  size_t landing_size;
  struct
  {
    void *memory;
    size_t size;
  } scratch[FEW_N_SCRATCH];
  /* the first failure since `check` */
  gboolean failed, memory_short;
  char message[FEW_CUDA_MESSAGE];
};

struct FewCudaDevice
{
  int ordinal;
  gboolean exact;
  FewCudaFail fail;
  guint n_streams;
  FewStream *streams;
};

/* Every op begins with it: FALSE when the stream has failed. Makes the device the calling
 * thread's. */
gboolean few_cuda_ready (FewStream *stream);
/* FALSE, and remembered, when the call failed. `what` names it in the sentence. */
gboolean few_cuda_did (FewStream *stream, cudaError_t result, const char *what);
gboolean few_cuda_blas_did (FewStream *stream, cublasStatus_t result, const char *what);
/* At least so many bytes, with any contents; NULL on failure. */
void *few_cuda_scratch (FewStream *stream, FewScratchSlot slot, size_t bytes);
/* A copy of host values in FEW_SCRATCH_INDICES; NULL on failure. */
void *few_cuda_indices (FewStream *stream, const void *host, size_t n);
void few_cuda_stages_free (FewStream *stream);

/* ---- ops of memory.c */
float *few_cuda_alloc (FewBackend *backend, gsize n, GError **error);
void few_cuda_free (FewBackend *backend, float *memory);
void few_cuda_upload (FewStream *stream, float *to, const float *from_host, gsize n);
void few_cuda_download (FewStream *stream, float *to_host, const float *from, gsize n);
void few_cuda_clear (FewStream *stream, float *memory, gsize n);
gboolean few_cuda_check (FewStream *stream, GError **error);

/* ---- products.c */
typedef struct
{
  gboolean transpose_a, transpose_b, half; /* half: a and b are f16 */
  guint m, n, k;
  float scale, beta;
  const void *a, *b;
  gsize lda, ldb;
  float *c;
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
FewMatrix *few_cuda_matrix_new (FewBackend *backend, guint n, guint k, const float *weights_host,
                                GError **error);
FewMatrix *few_cuda_conv_new (FewBackend *backend, const FewConvShape *shape,
                              const float *weights_host, GError **error);
FewMatrix *few_cuda_matrix_transposed (FewBackend *backend, const FewMatrix *weight,
                                       GError **error);
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

/* ---- attention.c */
void few_cuda_attention (FewStream *stream, guint b, guint t, guint heads, guint head_width,
                         gboolean causal, const float *qkv, gsize ld_qkv, float *out, gsize ld_out);
void few_cuda_pool_attention (FewStream *stream, guint b, guint t, guint w, guint heads,
                              float scale, const float *queries, const float *x, float *out);
void few_cuda_shared_attention (FewStream *stream, guint p, guint b, guint s, guint heads,
                                guint head_width, const float *qkv, gsize ld_qkv, float *out,
                                gsize ld_out);
void few_cuda_shared_attention_backward (FewStream *stream, guint p, guint b, guint s, guint heads,
                                         guint head_width, gboolean causal, const float *qkv,
                                         gsize ld_qkv, const float *d_out, gsize ld_d_out,
                                         float *d_qkv, gsize ld_d_qkv);

/* ---- ops.c */
extern const FewBackendOps few_cuda_ops;
