/* SPDX-License-Identifier: MIT */
/* The op table: ops that are one kernel each, and those of the other files. */
#include "backend/cuda/ops.h"
#include "backend/cuda/attention.h"
#include "backend/cuda/memory.h"
#include "backend/cuda/pinned.h"
#include "backend/cuda/products.h"
#include "backend/cuda/repeat.h"
#include "backend/cuda/twin.h"

static void
average_pool (FewStream *stream, guint b, guint h, guint w, guint c, guint side, const float *x,
              float *y)
{
  if (FEW_OP (stream, b, h, w, c, side, FEW_AT (x), FEW_AT (y)) && few_cuda_ready (stream))
    few_cuda_did (stream, few_cuda_average_pool (stream->stream, b, h, w, c, side, x, y),
                  "average_pool");
}

static void
depthwise_conv (FewStream *stream, const FewConvShape *shape, const float *x, const float *weights,
                const float *bias, FewActivation activation, float *y)
{
  FewCudaDepthwise depthwise = { shape->batch,  shape->height, shape->width,        shape->channels,
                                 shape->kernel, shape->stride, shape->out_channels, activation };
  if (!FEW_OP (stream, shape->batch, shape->height, shape->width, shape->channels, shape->kernel,
               shape->stride, shape->out_channels, FEW_AT (x), FEW_AT (weights), FEW_AT (bias),
               activation, FEW_AT (y))
      || !few_cuda_ready (stream))
    return;
  guint m = shape->batch * ((shape->height + shape->stride - 1) / shape->stride)
            * ((shape->width + shape->stride - 1) / shape->stride);
  guint n = shape->out_channels;
  FewCudaTwin twin = few_cuda_twin_place (stream, FEW_SCRATCH_OPERAND, m, n);
  if (!stream->failed
      && few_cuda_did (stream,
                       few_cuda_depthwise (stream->stream, &depthwise, x, weights, bias, y, &twin),
                       "depthwise_conv"))
    few_cuda_twin_keep (stream, &twin, y, m, n, n, FALSE);
}

static void
gate_channels (FewStream *stream, guint b, guint pixels, guint channels, const float *gates,
               float *x)
{
  if (FEW_OP (stream, b, pixels, channels, FEW_AT (gates), FEW_AT (x)) && few_cuda_ready (stream))
    few_cuda_did (stream, few_cuda_gate_channels (stream->stream, b, pixels, channels, gates, x),
                  "gate_channels");
}

static void
layer_norm (FewStream *stream, guint m, guint w, const float *x, gsize ldx, const float *gamma,
            const float *beta, float epsilon, float *y, gsize ldy)
{
  gboolean passes_on = stream->passes_on;
  if (!FEW_OP (stream, m, w, FEW_AT (x), ldx, FEW_AT (gamma), FEW_AT (beta),
               few_cuda_bits (epsilon), FEW_AT (y), ldy)
      || !few_cuda_ready (stream))
    return;
  FewCudaTwin twin = few_cuda_twin_place (stream, FEW_SCRATCH_OPERAND, m, w);
  if (!stream->failed
      && few_cuda_did (stream,
                       few_cuda_layer_norm (stream->stream, m, w, x, ldx, gamma, beta, epsilon,
                                            passes_on ? NULL : y, ldy, &twin),
                       "layer_norm"))
    few_cuda_twin_keep (stream, &twin, y, m, w, ldy, passes_on);
}

static void
patchify (FewStream *stream, guint b, guint side, guint patch, const float *pixels, float *patches)
{
  if (FEW_OP (stream, b, side, patch, FEW_AT (pixels), FEW_AT (patches)) && few_cuda_ready (stream))
    few_cuda_did (stream, few_cuda_patchify (stream->stream, b, side, patch, pixels, patches),
                  "patchify");
}

static void
to_nhwc (FewStream *stream, guint b, guint side, const float *pixels, float *out)
{
  if (FEW_OP (stream, b, side, FEW_AT (pixels), FEW_AT (out)) && few_cuda_ready (stream))
    few_cuda_did (stream, few_cuda_to_nhwc (stream->stream, b, side, pixels, out), "to_nhwc");
}

static void
assemble_tokens (FewStream *stream, guint b, guint t, guint w, const float *first,
                 const float *tokens, gsize ld_tokens, const float *positions, float *x, gsize ldx)
{
  if (FEW_OP (stream, b, t, w, FEW_AT (first), FEW_AT (tokens), ld_tokens, FEW_AT (positions),
              FEW_AT (x), ldx)
      && few_cuda_ready (stream))
    few_cuda_did (stream,
                  few_cuda_assemble_tokens (stream->stream, b, t, w, first, tokens, ld_tokens,
                                            positions, x, ldx),
                  "assemble_tokens");
}

static void
embed_tokens (FewStream *stream, guint b, guint t, guint w, const gint32 *ids_host,
              const float *table, const float *positions, float *x, gsize ldx)
{
  const gint32 *ids = few_cuda_indices (stream, ids_host, (gsize) b * t);
  if (FEW_OP (stream, b, t, w, FEW_AT (table), FEW_AT (positions), FEW_AT (x), ldx) && ids)
    few_cuda_did (
        stream, few_cuda_embed_tokens (stream->stream, b * t, t, w, ids, table, positions, x, ldx),
        "embed_tokens");
}

static void
gather_rows (FewStream *stream, guint m, guint w, const guint32 *rows_host, const float *x,
             gsize ldx, float *y)
{
  const guint32 *rows = few_cuda_indices (stream, rows_host, m);
  if (FEW_OP (stream, m, w, FEW_AT (x), ldx, FEW_AT (y)) && rows)
    few_cuda_did (stream, few_cuda_gather_rows (stream->stream, m, w, rows, x, ldx, y),
                  "gather_rows");
}

static void
scatter_add_rows (FewStream *stream, guint m, guint w, const guint32 *rows_host, const float *x,
                  float *y, gsize ldy)
{
  const guint32 *rows = few_cuda_indices (stream, rows_host, m);
  if (FEW_OP (stream, m, w, FEW_AT (x), FEW_AT (y), ldy) && rows)
    few_cuda_did (stream, few_cuda_scatter_add_rows (stream->stream, m, w, rows, x, y, ldy),
                  "scatter_add_rows");
}

static void
activate (FewStream *stream, gsize n, FewActivation activation, const float *x, float *y)
{
  if (FEW_OP (stream, n, activation, FEW_AT (x), FEW_AT (y)) && few_cuda_ready (stream))
    few_cuda_did (stream, few_cuda_activate (stream->stream, n, (int) activation, x, y),
                  "activate");
}

static void
activation_backward (FewStream *stream, gsize n, FewActivation activation, const float *x,
                     float *gradient)
{
  if (FEW_OP (stream, n, activation, FEW_AT (x), FEW_AT (gradient)) && few_cuda_ready (stream))
    few_cuda_did (stream,
                  few_cuda_activation_backward (stream->stream, n, (int) activation, x, gradient),
                  "activation_backward");
}

static void
relu (FewStream *stream, gsize n, float *x)
{
  activate (stream, n, FEW_ACTIVATION_RELU, x, x);
}

static void
relu_backward (FewStream *stream, gsize n, const float *output, float *gradient)
{
  if (FEW_OP (stream, n, FEW_AT (output), FEW_AT (gradient)) && few_cuda_ready (stream))
    few_cuda_did (stream, few_cuda_relu_backward (stream->stream, n, output, gradient),
                  "relu_backward");
}

static void
blend_normalise (FewStream *stream, guint m, guint d, float alpha, const float *a, const float *f,
                 float *y, float *inverse_norm)
{
  const float *now = few_cuda_argument (stream, &alpha, sizeof alpha);
  if (FEW_OP (stream, m, d, FEW_AT (a), FEW_AT (f), FEW_AT (y), FEW_AT (inverse_norm))
      && few_cuda_ready (stream))
    few_cuda_did (
        stream, few_cuda_blend_normalise (stream->stream, m, d, alpha, now, a, f, y, inverse_norm),
        "blend_normalise");
}

static void
blend_normalise_backward (FewStream *stream, guint m, guint d, float alpha, const float *y,
                          const float *inverse_norm, const float *dy, float *da)
{
  const float *now = few_cuda_argument (stream, &alpha, sizeof alpha);
  if (FEW_OP (stream, m, d, FEW_AT (y), FEW_AT (inverse_norm), FEW_AT (dy), FEW_AT (da))
      && few_cuda_ready (stream))
    few_cuda_did (stream,
                  few_cuda_blend_normalise_backward (stream->stream, m, d, alpha, now, y,
                                                     inverse_norm, dy, da),
                  "blend_normalise_backward");
}

static void
row_dots (FewStream *stream, guint m, guint d, const float *x, const float *y, float *out)
{
  if (FEW_OP (stream, m, d, FEW_AT (x), FEW_AT (y), FEW_AT (out)) && few_cuda_ready (stream))
    few_cuda_did (stream, few_cuda_row_dots (stream->stream, m, d, x, y, out), "row_dots");
}

static void
softmax_cross_entropy (FewStream *stream, guint m, guint k, const guint32 *labels_host,
                       float *logits, float *loss, float *correct)
{
  const FewCudaLosses to = { loss, correct };
  const guint32 *labels = few_cuda_indices (stream, labels_host, m);
  const FewCudaLosses *now = few_cuda_argument (stream, &to, sizeof to);
  if (FEW_OP (stream, m, k, FEW_AT (logits)) && labels)
    few_cuda_did (stream,
                  few_cuda_softmax_cross_entropy (stream->stream, m, k, labels, logits, &to, now),
                  "softmax_cross_entropy");
}

static void
layer_norm_backward (FewStream *stream, guint m, guint w, const float *x, gsize ldx,
                     const float *gamma, float epsilon, const float *dy, gsize ld_dy, float *dx,
                     gsize ld_dx)
{
  if (FEW_OP (stream, m, w, FEW_AT (x), ldx, FEW_AT (gamma), few_cuda_bits (epsilon), FEW_AT (dy),
              ld_dy, FEW_AT (dx), ld_dx)
      && few_cuda_ready (stream))
    few_cuda_did (stream,
                  few_cuda_layer_norm_backward (stream->stream, m, w, x, ldx, gamma, epsilon, dy,
                                                ld_dy, dx, ld_dx),
                  "layer_norm_backward");
}

static void
affinity (FewStream *stream, gsize n, float sharpness, float *x)
{
  if (FEW_OP (stream, n, few_cuda_bits (sharpness), FEW_AT (x)) && few_cuda_ready (stream))
    few_cuda_did (stream, few_cuda_affinity (stream->stream, n, sharpness, x), "affinity");
}

static void
multiply (FewStream *stream, gsize n, float scale, const float *x, float *y)
{
  if (FEW_OP (stream, n, few_cuda_bits (scale), FEW_AT (x), FEW_AT (y)) && few_cuda_ready (stream))
    few_cuda_did (stream, few_cuda_multiply (stream->stream, n, scale, x, y), "multiply");
}

static void
add_scaled_rows (FewStream *stream, guint m, guint d, const float *strength, const float *x,
                 const float *target, float *y)
{
  if (FEW_OP (stream, m, d, FEW_AT (strength), FEW_AT (x), FEW_AT (target), FEW_AT (y))
      && few_cuda_ready (stream))
    few_cuda_did (stream, few_cuda_add_scaled_rows (stream->stream, m, d, strength, x, target, y),
                  "add_scaled_rows");
}

/* base to the power of n, by squaring: the module does without libm */
static double
power (double base, guint64 n)
{
  double result = 1;
  for (; n > 0; n /= 2, base *= base)
    if (n % 2)
      result *= base;
  return result;
}

/* torch.optim.Adam and AdamW, as in cpu/kernels.c */
static void
adam (FewStream *stream, gsize n, const FewUpdate *u, const float *gradient, float *m, float *v,
      float *weights)
{
  FewCudaAdam update = {
    .rate = (float) (u->rate / (1 - power (u->beta1, u->step))),
    .root = (float) (1 / __builtin_sqrt (1 - power (u->beta2, u->step))),
    .beta1 = u->beta1,
    .beta2 = u->beta2,
    .epsilon = u->epsilon,
    .shrink = u->decoupled ? 1 - u->rate * u->weight_decay : 1,
    .l2 = u->decoupled ? 0 : u->weight_decay,
  };
  const FewCudaAdam *now = few_cuda_argument (stream, &update, sizeof update);
  if (FEW_OP (stream, n, FEW_AT (gradient), FEW_AT (m), FEW_AT (v), FEW_AT (weights))
      && few_cuda_ready (stream))
    few_cuda_did (stream, few_cuda_adam (stream->stream, n, &update, now, gradient, m, v, weights),
                  "adam");
}

static void
sgd (FewStream *stream, gsize n, const FewUpdate *u, const float *gradient, float *velocity,
     float *weights)
{
  const FewCudaSgd update = { u->rate, u->step > 1 ? u->beta1 : 0, u->weight_decay };
  const FewCudaSgd *now = few_cuda_argument (stream, &update, sizeof update);
  if (FEW_OP (stream, n, FEW_AT (gradient), FEW_AT (velocity), FEW_AT (weights))
      && few_cuda_ready (stream))
    few_cuda_did (
        stream, few_cuda_sgd (stream->stream, n, &update, now, gradient, velocity, weights), "sgd");
}

const FewBackendOps few_cuda_ops = {
  .alloc = few_cuda_alloc,
  .free = few_cuda_free,
  .upload = few_cuda_upload,
  .download = few_cuda_download,
  .clear = few_cuda_clear,
  .host_alloc = few_cuda_host_alloc,
  .host_free = few_cuda_host_free,
  .check = few_cuda_check,
  .matrix_new = few_cuda_matrix_new,
  .conv_new = few_cuda_conv_new,
  .matrix_transposed = few_cuda_matrix_transposed,
  .matrix_free = few_cuda_matrix_free,
  .repeat = few_cuda_repeat,
  .pass_on = few_cuda_pass_on,
  .linear = few_cuda_linear,
  .grouped_linear = few_cuda_grouped_linear,
  .conv = few_cuda_conv,
  .depthwise_conv = depthwise_conv,
  .gate_channels = gate_channels,
  .average_pool = average_pool,
  .layer_norm = layer_norm,
  .attention = few_cuda_attention,
  .patchify = patchify,
  .to_nhwc = to_nhwc,
  .assemble_tokens = assemble_tokens,
  .embed_tokens = embed_tokens,
  .pool_attention = few_cuda_pool_attention,
  .gather_rows = gather_rows,
  .gemm = few_cuda_gemm,
  .relu = relu,
  .relu_backward = relu_backward,
  .blend_normalise = blend_normalise,
  .blend_normalise_backward = blend_normalise_backward,
  .row_dots = row_dots,
  .softmax_cross_entropy = softmax_cross_entropy,
  .adam = adam,
  .sgd = sgd,
  .shared_attention = few_cuda_shared_attention,
  .shared_attention_backward = few_cuda_shared_attention_backward,
  .activate = activate,
  .activation_backward = activation_backward,
  .layer_norm_backward = layer_norm_backward,
  .scatter_add_rows = scatter_add_rows,
  .affinity = affinity,
  .multiply = multiply,
  .add_scaled_rows = add_scaled_rows,
};
