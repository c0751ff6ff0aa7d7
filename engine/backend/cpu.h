/* Inside the CPU backend. */
#pragma once
#include "backend.h"
#include "cpu-kernels.h"
#include "pool.h"

typedef struct
{
  float *memory; /* 64-byte aligned, grows, never shrinks */
  gsize n;
} FewScratch;

struct FewStream
{
  const FewKernels *kernels;
  FewPool *pool;       /* NULL: this stream is one thread */
  guint threads;       /* 1 when pool is NULL */
  FewScratch *scratch; /* one a thread */
  FewScratch shared;   /* packed operands of gemm */
};

struct FewMatrix
{
  guint n, k;
  float *panels; /* [⌈N/columns⌉][K][columns], zero-padded */
};

float *few_scratch_get (FewScratch *scratch, gsize n);
/* n loops on the stream's threads */
void few_stream_run (FewStream *stream, guint n, FewPoolFunc func, gpointer user);
/* Ops in files of their own. */
void few_cpu_attention (FewStream *stream, guint b, guint t, guint heads, guint head_width, gboolean causal, const float *qkv,
                        gsize ld_qkv, float *out, gsize ld_out);
void few_cpu_pool_attention (FewStream *stream, guint b, guint t, guint heads, guint head_width, const float *q, const float *k,
                             const float *v, float *out);
void few_cpu_conv (FewStream *stream, const FewConvShape *shape, const float *x, const FewMatrix *weight, const float *bias,
                   FewActivation activation, const float *residual, float *y);
void few_cpu_linear (FewStream *stream, guint m, const float *x, gsize ldx, const FewMatrix *weight, const float *bias,
                     FewActivation activation, const float *residual, gsize ld_residual, float *y, gsize ldy);
void few_cpu_gemm (FewStream *stream, gboolean transpose_a, gboolean transpose_b, guint m, guint n, guint k, float scale, const float *a,
                   gsize lda, const float *b, gsize ldb, float beta, float *c, gsize ldc);
FewMatrix *few_cpu_matrix_new (FewBackend *backend, guint n, guint k, const float *weights_host, GError **error);
void few_cpu_matrix_free (FewBackend *backend, FewMatrix *matrix);
float *few_cpu_alloc (FewBackend *backend, gsize n, GError **error);
void few_cpu_free (FewBackend *backend, float *memory);
