/* SPDX-License-Identifier: MIT */
/* Launchers of the kernels in kernels-*.cu: each queues one kernel on a stream and says whether
 * it could. All pointers are device memory. M rows of W values, `ld` between rows in elements;
 * other shapes as in backend.h. `type`: of the values behind a void pointer; TF32 is float. */
#pragma once
#include "precision.h"
#include <cuda_runtime_api.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where a kernel writes what it gives once more, in f16 or bf16; memory NULL: nowhere */
typedef struct
{
  void *memory;
  size_t ld;
  FewCudaPrecision type;
} FewCudaTwin;

/* ---- layouts */
/* y [M, W] = x [M, W], in `type`; the ld_y − W values behind each row become zero */
cudaError_t few_cuda_copy_rows (cudaStream_t stream, uint32_t m, uint32_t w, const float *x,
                                size_t ld_x, FewCudaPrecision type, void *y, size_t ld_y);
/* weights [N, K] → float [K, N] */
cudaError_t few_cuda_transpose (cudaStream_t stream, uint32_t n, uint32_t k, FewCudaPrecision type,
                                const void *weights, size_t ld, float *out);
/* What output pixels from `first` on see of x [B, height, width, channels] */
typedef struct
{
  uint32_t first, height, width, channels, kernel, stride;
} FewCudaTaps;
/* rows [M, kernel²·C] of a convolution's input for m output pixels, taps in the order ky, kx; the
 * ld − kernel²·C values behind each row become zero */
cudaError_t few_cuda_gather_taps (cudaStream_t stream, uint32_t m, const FewCudaTaps *taps,
                                  const float *x, FewCudaPrecision type, void *rows, size_t ld);
cudaError_t few_cuda_patchify (cudaStream_t stream, uint32_t b, uint32_t side, uint32_t patch,
                               const float *pixels, float *patches);
cudaError_t few_cuda_to_nhwc (cudaStream_t stream, uint32_t b, uint32_t side, const float *pixels,
                              float *out);
cudaError_t few_cuda_assemble_tokens (cudaStream_t stream, uint32_t b, uint32_t t, uint32_t w,
                                      const float *first, const float *tokens, size_t ld_tokens,
                                      const float *positions, float *x, size_t ld_x);
cudaError_t few_cuda_embed_tokens (cudaStream_t stream, uint32_t rows, uint32_t t, uint32_t w,
                                   const int32_t *ids, const float *table, const float *positions,
                                   float *x, size_t ld_x);
cudaError_t few_cuda_gather_rows (cudaStream_t stream, uint32_t m, uint32_t w, const uint32_t *rows,
                                  const float *x, size_t ld_x, float *y);
cudaError_t few_cuda_scatter_add_rows (cudaStream_t stream, uint32_t m, uint32_t w,
                                       const uint32_t *rows, const float *x, float *y, size_t ld_y);
cudaError_t few_cuda_average_pool (cudaStream_t stream, uint32_t b, uint32_t h, uint32_t w,
                                   uint32_t c, uint32_t side, const float *x, float *y);

/* y [B, H/stride, W/stride, N], each of the N = C·multiplier channels for itself */
typedef struct
{
  uint32_t batch, height, width, channels, kernel, stride, out_channels;
  int activation;
} FewCudaDepthwise;
cudaError_t few_cuda_depthwise (cudaStream_t stream, const FewCudaDepthwise *shape, const float *x,
                                const float *weights, const float *bias, float *y,
                                const FewCudaTwin *twin);
/* x [B, P, C] *= σ (gates [B, C]) */
cudaError_t few_cuda_gate_channels (cudaStream_t stream, uint32_t b, uint32_t pixels,
                                    uint32_t channels, const float *gates, float *x);

/* ---- heads of attention. Each sequence has S own tokens behind P that all share: token i of
 * sequence q is row i < P ? i : P + q·S + i − P. */
typedef struct
{
  uint32_t p, s; /* P and S */
  uint32_t begin, b; /* sequences begin … begin + b − 1 */
  uint32_t heads, head_width;
  uint32_t part; /* that is merged: 0 q, 1 k, 2 v of a row of qkv */
  const float *rotation; /* [P + S, head_width] by which q and k are turned, or NULL */
} FewCudaHeads;
/* rows of q, k and v (parts = 3) or of q alone (1) → q [b·heads, S, head_width] of the sequences'
 * own tokens, k and v [b·heads, P + S, head_width]; k and v may be NULL for one part */
cudaError_t few_cuda_split_heads (cudaStream_t stream, const FewCudaHeads *heads, uint32_t parts,
                                  const float *rows, size_t ld, FewCudaPrecision type, void *q,
                                  void *k, void *v);
/* The way back: the last S of heads_in [b·heads, n, head_width] go to rows. */
cudaError_t few_cuda_merge_heads (cudaStream_t stream, const FewCudaHeads *heads, uint32_t n,
                                  const float *heads_in, float *rows, size_t ld,
                                  const FewCudaTwin *twin);
/* The rows of the P shared tokens += the first P of heads_in [b·heads, P + S, head_width], in
 * the order of sequences. */
cudaError_t few_cuda_add_shared_heads (cudaStream_t stream, const FewCudaHeads *heads,
                                       const float *heads_in, float *rows, size_t ld);
/* scores [rows, T] → softmax in `weights` (which may be scores when float), zero where masked
 * and behind T up to ld. causal: the s queries of a sequence are its last, and see none behind
 * themselves */
cudaError_t few_cuda_softmax (cudaStream_t stream, uint32_t rows, uint32_t s, uint32_t t,
                              int causal, const float *scores, FewCudaPrecision type, void *weights,
                              size_t ld);
/* All of attention in one kernel, in f16 or bf16 with f32 sums: rows of qkv → the sequences' own
 * rows of out, heads of at most FEW_CUDA_WIDEST_HEAD values; qkv, ld, the rotation and heads are
 * multiples of 16 bytes (few_cuda_attend_takes). out may be NULL where the twin is enough. It
 * is built for compute capability 7.5 and up, in bf16 for 8.0. */
enum { FEW_CUDA_WIDEST_HEAD = 96 };
int few_cuda_attend_built (FewCudaPrecision type);
static inline int
few_cuda_attend_takes (const FewCudaHeads *heads, const float *qkv, size_t ld)
{
  size_t together = (size_t) qkv | (size_t) heads->rotation | 4 * ld | 4 * heads->head_width;
  return heads->head_width <= FEW_CUDA_WIDEST_HEAD && together % 16 == 0;
}
cudaError_t few_cuda_attend (cudaStream_t stream, FewCudaPrecision type, const FewCudaHeads *heads,
                             int causal, float scale, const float *qkv, size_t ld, float *out,
                             size_t ld_out, const FewCudaTwin *twin);
/* d [rows, T] = weights ⊙ (d − row sum (weights ⊙ d)) */
cudaError_t few_cuda_softmax_backward (cudaStream_t stream, uint32_t rows, uint32_t t,
                                       const float *weights, float *d);

/* ---- rows */
/* y may be NULL where the twin is enough */
cudaError_t few_cuda_layer_norm (cudaStream_t stream, uint32_t m, uint32_t w, const float *x,
                                 size_t ld_x, const float *gamma, const float *beta, float epsilon,
                                 float *y, size_t ld_y, const FewCudaTwin *twin);
cudaError_t few_cuda_layer_norm_backward (cudaStream_t stream, uint32_t m, uint32_t w,
                                          const float *x, size_t ld_x, const float *gamma,
                                          float epsilon, const float *dy, size_t ld_dy, float *dx,
                                          size_t ld_dx);
/* Where a kernel takes `now`, it is what a graph (repeat.h) has in device memory, in the place of
 * what stands before it; NULL in all other launches. */
cudaError_t few_cuda_blend_normalise (cudaStream_t stream, uint32_t m, uint32_t d, float alpha,
                                      const float *now, const float *a, const float *f, float *y,
                                      float *inverse_norm);
cudaError_t few_cuda_blend_normalise_backward (cudaStream_t stream, uint32_t m, uint32_t d,
                                               float alpha, const float *now, const float *y,
                                               const float *inverse_norm, const float *dy,
                                               float *da);
cudaError_t few_cuda_row_dots (cudaStream_t stream, uint32_t m, uint32_t d, const float *x,
                               const float *y, float *out);
/* [M] each */
typedef struct
{
  float *loss, *correct;
} FewCudaLosses;
cudaError_t few_cuda_softmax_cross_entropy (cudaStream_t stream, uint32_t m, uint32_t k,
                                            const uint32_t *labels, float *logits,
                                            const FewCudaLosses *to, const FewCudaLosses *now);
cudaError_t few_cuda_add_scaled_rows (cudaStream_t stream, uint32_t m, uint32_t d,
                                      const float *strength, const float *x, const float *target,
                                      float *y);
/* What follows a product: bias [N], an activation, a residual [M, N], in this order or
 * (`inside`) with the residual before the activation. Bias and residual may be NULL; the
 * residual may be y. */
typedef struct
{
  const float *bias, *residual;
  size_t ld_residual;
  int activation, inside;
} FewCudaEpilogue;
/* y [M, N] = x [M, N] of `type` and its epilogue; y may be x, or NULL where the twin is enough,
 * which may be x, too */
cudaError_t few_cuda_finish (cudaStream_t stream, uint32_t m, uint32_t n, FewCudaPrecision type,
                             const void *x, size_t ld_x, const FewCudaEpilogue *epilogue, float *y,
                             size_t ld_y, const FewCudaTwin *twin);

/* ---- elements */
cudaError_t few_cuda_activate (cudaStream_t stream, size_t n, int activation, const float *x,
                               float *y);
cudaError_t few_cuda_activation_backward (cudaStream_t stream, size_t n, int activation,
                                          const float *x, float *gradient);
cudaError_t few_cuda_relu_backward (cudaStream_t stream, size_t n, const float *output,
                                    float *gradient);
cudaError_t few_cuda_affinity (cudaStream_t stream, size_t n, float sharpness, float *x);
cudaError_t few_cuda_multiply (cudaStream_t stream, size_t n, float scale, const float *x,
                               float *y);

/* rate and root carry the corrections for the step */
typedef struct
{
  float rate, root, beta1, beta2, epsilon, shrink, l2;
} FewCudaAdam;
cudaError_t few_cuda_adam (cudaStream_t stream, size_t n, const FewCudaAdam *update,
                           const FewCudaAdam *now, const float *gradient, float *m, float *v,
                           float *weights);
typedef struct
{
  float rate, keep, weight_decay;
} FewCudaSgd;
cudaError_t few_cuda_sgd (cudaStream_t stream, size_t n, const FewCudaSgd *update,
                          const FewCudaSgd *now, const float *gradient, float *velocity,
                          float *weights);

#ifdef __cplusplus
}
#endif
