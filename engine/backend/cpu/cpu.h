/* SPDX-License-Identifier: MIT */
/* Inside the CPU backend. */
#pragma once
#include "backend/backend.h"
#include "backend/cpu/kernels.h"
#include "backend/pool.h"

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
  FewScratch packed;   /* operands of the product that runs, in its own layout */
  FewScratch gathered; /* what a convolution multiplies */
};

struct FewMatrix
{
  guint n, k;
  gboolean pairs;    /* bfloat16: pairs of neighbours along K in the place of one f32 */
  gboolean winograd; /* a 3 × 3 convolution: [36] times panels of [N, C] */
  float *panels;     /* [⌈N/columns⌉][K][columns], zero-padded */
};

/* y [M, N] = epilogue (x [M, K] · panels); K counts pairs when `pairs` */
typedef struct
{
  guint m, n, k;
  gboolean pairs;
  const float *x;
  gsize ldx;
  const float *panels;
  FewEpilogue epilogue;
  float *y;
  gsize ldy;
  /* set by few_cpu_product */
  const FewKernels *kernels;
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
/* x [m, k] in pairs, in the stream's `packed` until its next use */
const float *few_cpu_to_pairs (FewStream *stream, guint m, guint k, const float *x, gsize ldx,
                               gsize *ld_pairs);

float *few_scratch_get (FewScratch *scratch, gsize n);
/* n loops on the stream's threads */
void few_stream_run (FewStream *stream, guint n, FewPoolFunc func, gpointer user);
/* Rows a piece when an elementwise op runs over m rows of so many floats: as many pieces as are
 * worth it, of equal size */
guint few_stream_rows (const FewStream *stream, guint m, gsize row_floats);
/* Ops in files of their own. */
void few_cpu_attention (FewStream *stream, guint b, guint t, guint heads, guint head_width,
                        gboolean causal, const float *qkv, gsize ld_qkv, float *out, gsize ld_out);
void few_cpu_pool_attention (FewStream *stream, guint b, guint t, guint w, guint heads, float scale,
                             const float *queries, const float *x, float *out);
void few_cpu_shared_attention (FewStream *stream, guint p, guint b, guint s, guint heads,
                               guint head_width, const float *qkv, gsize ld_qkv, float *out,
                               gsize ld_out);
void few_cpu_shared_attention_backward (FewStream *stream, guint p, guint b, guint s, guint heads,
                                        guint head_width, gboolean causal, const float *qkv,
                                        gsize ld_qkv, const float *d_out, gsize ld_d_out,
                                        float *d_qkv, gsize ld_d_qkv);
void few_cpu_conv (FewStream *stream, const FewConvShape *shape, const float *x,
                   const FewMatrix *weight, const float *bias, FewActivation activation,
                   const float *residual, float *y);
void few_cpu_linear (FewStream *stream, guint m, const float *x, gsize ldx, const FewMatrix *weight,
                     const float *bias, FewActivation activation, const float *residual,
                     gsize ld_residual, float *y, gsize ldy);
void few_cpu_winograd (FewStream *stream, const FewConvShape *shape, const float *x,
                       const FewMatrix *weight, const float *bias, FewActivation activation,
                       float *y);
FewMatrix *few_cpu_conv_new (FewBackend *backend, const FewConvShape *shape,
                             const float *weights_host, GError **error);
/* Packs weights [N, 3·3·C] for few_cpu_winograd; NULL and no error when this shape is better
 * served by the direct sum. */
FewMatrix *few_cpu_winograd_new (FewBackend *backend, const FewConvShape *shape,
                                 const float *weights_host, GError **error);
void few_cpu_grouped_linear (FewStream *stream, guint groups, guint m, const float *x, gsize ldx,
                             FewMatrix *const *weights, const float *bias, float *y, gsize ldy);
void few_cpu_gemm (FewStream *stream, gboolean transpose_a, gboolean transpose_b, guint m, guint n,
                   guint k, float scale, const float *a, gsize lda, const float *b, gsize ldb,
                   float beta, float *c, gsize ldc);
FewMatrix *few_cpu_matrix_new (FewBackend *backend, guint n, guint k, const float *weights_host,
                               GError **error);
FewMatrix *few_cpu_matrix_transposed (FewBackend *backend, const FewMatrix *weight, GError **error);
void few_cpu_matrix_free (FewBackend *backend, FewMatrix *matrix);
float *few_cpu_alloc (FewBackend *backend, gsize n, GError **error);
/* not zeroed */
float *few_cpu_alloc_raw (gsize n, GError **error);
void few_cpu_free (FewBackend *backend, float *memory);
