/* SPDX-License-Identifier: MIT */
/* Each op on shapes that do not divide evenly, and on rows that have gaps. */
#include "backend/op-runs.h"

/* ---- one function an op */

static void
run_linear (FewOpRun *r)
{
  enum { M = 37, N = 45 };
  for (FewActivation activation = FEW_ACTIVATION_NONE; activation <= FEW_ACTIVATION_LAST;
       activation++)
    for (guint which = 0; which < 3; which++) /* no residual, one, one in place */
      {
        guint k = which == 0 ? 72 : 52; /* rows that 16 bytes divide, and others */
        FewMatrix *weight = few_op_matrix (r, N, k);
        float *x = few_op_values (r, M * (k + 3));
        float *bias = few_op_values (r, N);
        float *residual = few_op_values (r, M * (N + 2));
        float *y = few_op_values (r, M * (N + 2));
        if (r->error)
          return;
        const float *const added[] = { NULL, residual, y };
        r->ops->linear (r->stream, M, x, k + 3, weight, bias, activation, added[which], N + 2, y,
                        N + 2);
        few_op_leave (r, y, M * (N + 2));
      }
}

static void
run_grouped_linear (FewOpRun *r)
{
  enum { GROUPS = 3, M = 5, N = 24, K = 16 };
  FewMatrix *weights[GROUPS];
  for (guint g = 0; g < GROUPS; g++)
    weights[g] = few_op_matrix (r, N, K);
  float *x = few_op_values (r, M * GROUPS * K);
  float *bias = few_op_values (r, GROUPS * N);
  float *y = few_op_values (r, M * GROUPS * N);
  if (r->error)
    return;
  r->ops->grouped_linear (r->stream, GROUPS, M, x, GROUPS * K, weights, bias, y, GROUPS * N);
  few_op_leave (r, y, M * GROUPS * N);
}

static void
run_conv (FewOpRun *r)
{
  static const FewConvShape shapes[] = { { 2, 9, 7, 3, 3, 2, 6 },
                                         { 1, 8, 8, 5, 3, 1, 12 },
                                         { 2, 5, 7, 16, 3, 2, 10 },
                                         { 2, 6, 5, 17, 1, 1, 9 } };
  for (guint i = 0; i < G_N_ELEMENTS (shapes) && !r->error; i++)
    {
      const FewConvShape *s = &shapes[i];
      gsize n_out = (gsize) s->batch * ((s->height + s->stride - 1) / s->stride)
                    * ((s->width + s->stride - 1) / s->stride) * s->out_channels;
      g_autofree float *host =
          few_op_draw (r, (gsize) s->out_channels * s->kernel * s->kernel * s->channels);
      FewMatrix *weight =
          few_op_keep (r, r->ops->conv_new (r->backend, s, FEW_GRADE_FINE, host, &r->error));
      float *x = few_op_values (r, (gsize) s->batch * s->height * s->width * s->channels);
      float *bias = few_op_values (r, s->out_channels);
      float *residual = few_op_values (r, n_out);
      float *y = few_op_values (r, n_out);
      if (r->error)
        return;
      r->ops->conv (r->stream, s, x, weight, bias, FEW_ACTIVATION_RELU,
                    s->kernel == 1 ? residual : NULL, y);
      few_op_leave (r, y, n_out);
    }
}

static void
run_average_pool (FewOpRun *r)
{
  enum { B = 2, H = 6, W = 4, C = 13 };
  float *x = few_op_values (r, B * H * W * C);
  float *y = few_op_values (r, B * H * W * C / 4);
  if (r->error)
    return;
  r->ops->average_pool (r->stream, B, H, W, C, 2, x, y);
  few_op_leave (r, y, B * H * W * C / 4);
}

static void
run_channels (FewOpRun *r)
{
  static const FewConvShape shapes[] = { { 2, 9, 7, 40, 7, 1, 40 },
                                         { 1, 8, 9, 13, 3, 2, 26 },
                                         { 2, 5, 5, 130, 3, 1, 130 } };
  for (guint i = 0; i < G_N_ELEMENTS (shapes) && !r->error; i++)
    {
      const FewConvShape *s = &shapes[i];
      guint pixels =
          (s->height + s->stride - 1) / s->stride * ((s->width + s->stride - 1) / s->stride);
      gsize n_out = (gsize) s->batch * pixels * s->out_channels;
      float *x = few_op_values (r, (gsize) s->batch * s->height * s->width * s->channels);
      float *weights = few_op_values (r, (gsize) s->kernel * s->kernel * s->out_channels);
      float *bias = few_op_values (r, s->out_channels);
      float *gates = few_op_values (r, (gsize) s->batch * s->out_channels);
      float *y = few_op_values (r, n_out);
      if (r->error)
        return;
      r->ops->depthwise_conv (r->stream, s, x, weights, bias, FEW_ACTIVATION_GELU, y);
      few_op_leave (r, y, n_out);
      r->ops->gate_channels (r->stream, s->batch, pixels, s->out_channels, gates, y);
      few_op_leave (r, y, n_out);
    }
}

static void
run_layer_norm (FewOpRun *r)
{
  enum { M = 11 };
  static const guint shapes[][2] = { { 300, 301 }, { 300, 304 }, { 1100, 1100 } }; /* W, apart */
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      guint w = shapes[i][0];
      guint ld = shapes[i][1];
      float *x = few_op_values (r, M * ld);
      float *gamma = few_op_values (r, w);
      float *beta = few_op_values (r, w);
      float *y = few_op_values (r, M * w);
      if (r->error)
        return;
      r->ops->layer_norm (r->stream, M, w, x, ld, gamma, beta, 1e-5f, y, w);
      few_op_leave (r, y, M * w);
    }
}

/* Results that only the next product reads: of a norm, of attention, of what is activated. */
static void
run_passed_on (FewOpRun *r)
{
  enum { B = 2, T = 9, M = B * T, HEADS = 2 };
  static const guint widths[] = { 48, 44 };
  for (guint i = 0; i < G_N_ELEMENTS (widths); i++)
    for (FewActivation activation = FEW_ACTIVATION_NONE; activation <= FEW_ACTIVATION_LAST;
         activation++)
      {
        guint w = widths[i];
        FewMatrix *first = few_op_matrix (r, 3 * w, w);
        FewMatrix *middle = few_op_matrix (r, w, w);
        FewMatrix *last = few_op_matrix (r, w, 3 * w);
        float *x = few_op_values (r, M * w);
        float *row = few_op_values (r, 3 * w);
        float *y = few_op_values (r, M * w);
        float *wide = few_op_values (r, M * 3 * w);
        float *out = few_op_values (r, M * w);
        float *gain = few_op_values (r, w);
        if (r->error)
          return;
        r->ops->multiply (r->stream, w, 0.3f, row, gain); /* small scores: softmax does not jump */
        r->ops->pass_on (r->stream, first);
        r->ops->layer_norm (r->stream, M, w, x, w, gain, gain, 1e-5f, y, w);
        r->ops->linear (r->stream, M, y, w, first, row, FEW_ACTIVATION_NONE, NULL, 0, wide, 3 * w);
        r->ops->pass_on (r->stream, middle);
        r->ops->attention (r->stream, B, T, HEADS, w / HEADS, FALSE, NULL, wide, 3 * w, y, w);
        r->ops->linear (r->stream, M, y, w, middle, row, FEW_ACTIVATION_NONE, NULL, 0, out, w);
        r->ops->layer_norm (r->stream, M, w, out, w, row, row, 1e-5f, out, w);
        few_op_leave (r, out, M * w);
        r->ops->pass_on (r->stream, last);
        r->ops->linear (r->stream, M, out, w, first, activation ? row : NULL, activation, NULL, 0,
                        wide, 3 * w);
        r->ops->linear (r->stream, M, wide, 3 * w, last, row, FEW_ACTIVATION_NONE, NULL, 0, out, w);
        r->ops->layer_norm (r->stream, M, w, out, w, row, row, 1e-5f, out, w);
        few_op_leave (r, out, M * w);
      }
}

static void
run_attention (FewOpRun *r)
{
  enum { B = 2, HEADS = 3 };
  static const guint shapes[][2] = { { 19, 16 }, { 70, 72 } }; /* tokens, a head's width */
  for (guint i = 0; i < 3 * G_N_ELEMENTS (shapes); i++)
    {
      guint t = shapes[i / 3][0];
      guint w = HEADS * shapes[i / 3][1];
      gboolean causal = i % 3 == 1;
      float *rotation = i % 3 == 2 ? few_op_values (r, t * w / HEADS) : NULL;
      guint ld =
          3 * w + (i % 3 == 0 ? 2 : 4); /* of two bytes a value GPUs take multiples of four */
      float *qkv = few_op_values (r, B * t * ld);
      float *out = few_op_values (r, B * t * w);
      if (r->error)
        return;
      r->ops->attention (r->stream, B, t, HEADS, w / HEADS, causal, rotation, qkv, ld, out, w);
      few_op_leave (r, out, B * t * w);
    }
}

static void
run_pool_attention (FewOpRun *r)
{
  enum { B = 3, T = 10, W = 40, HEADS = 5 };
  float *queries = few_op_values (r, B * HEADS * W);
  float *x = few_op_values (r, B * T * W);
  float *out = few_op_values (r, B * HEADS * W);
  if (r->error)
    return;
  r->ops->pool_attention (r->stream, B, T, W, HEADS, 0.2f, queries, x, out);
  few_op_leave (r, out, B * HEADS * W);
}

static void
run_pixels (FewOpRun *r)
{
  enum { B = 2, SIDE = 12, PATCH = 4, N = B * 3 * SIDE * SIDE };
  float *x = few_op_values (r, N);
  float *patches = few_op_values (r, N);
  float *nhwc = few_op_values (r, N);
  if (r->error)
    return;
  r->ops->patchify (r->stream, B, SIDE, PATCH, x, patches);
  r->ops->to_nhwc (r->stream, B, SIDE, x, nhwc);
  few_op_leave (r, patches, N);
  few_op_leave (r, nhwc, N);
}

static void
run_tokens (FewOpRun *r)
{
  enum { B = 2, T = 7, W = 20, VOCABULARY = 9 };
  gint32 ids[B * T];
  for (guint i = 0; i < B * T; i++)
    ids[i] = g_rand_int_range (r->random, 0, VOCABULARY);
  float *first = few_op_values (r, W);
  float *from = few_op_values (r, B * (T - 1) * W);
  float *positions = few_op_values (r, T * W);
  float *table = few_op_values (r, VOCABULARY * W);
  float *with = few_op_values (r, B * T * W);
  float *without = few_op_values (r, B * T * W);
  float *embedded = few_op_values (r, B * T * W);
  if (r->error)
    return;
  r->ops->assemble_tokens (r->stream, B, T, W, first, from, W, positions, with, W);
  r->ops->assemble_tokens (r->stream, B, T, W, NULL, from, W, positions, without, W);
  r->ops->embed_tokens (r->stream, B, T, W, ids, table, positions, embedded, W);
  few_op_leave (r, with, B * T * W);
  few_op_leave (r, without, B * T * W);
  few_op_leave (r, embedded, B * T * W);
}

static void
run_rows (FewOpRun *r)
{
  enum { M = 5, W = 33 };
  static const guint32 order[M] = { 3, 0, 3, 7, 1 };
  float *x = few_op_values (r, 8 * (W + 1));
  float *gathered = few_op_values (r, M * W);
  float *added = few_op_values (r, 8 * (W + 1));
  float *strength = few_op_values (r, M);
  float *sums = few_op_values (r, M * W);
  if (r->error)
    return;
  r->ops->gather_rows (r->stream, M, W, order, x, W + 1, gathered);
  r->ops->scatter_add_rows (r->stream, M, W, order, gathered, added, W + 1);
  r->ops->add_scaled_rows (r->stream, M, W, strength, gathered, NULL, sums);
  r->ops->add_scaled_rows (r->stream, M, W, strength, sums, gathered, sums);
  few_op_leave (r, gathered, M * W);
  few_op_leave (r, added, 8 * (W + 1));
  few_op_leave (r, sums, M * W);
}

static void
run_gemm (FewOpRun *r)
{
  enum { M = 21, N = 18, K = 30 };
  for (guint which = 0; which < 4; which++)
    {
      float *a = few_op_values (r, M * K);
      float *b = few_op_values (r, K * N);
      float *c = few_op_values (r, M * (N + 1));
      if (r->error)
        return;
      gboolean turn_a = which & 1;
      gboolean turn_b = which >> 1;
      r->ops->gemm (r->stream, turn_a, turn_b, M, N, K, 0.5f, a, turn_a ? M : K, b, turn_b ? K : N,
                    which == 3 ? 0.25f : 0, c, N + 1);
      few_op_leave (r, c, M * (N + 1));
    }
}

static void
run_elements (FewOpRun *r)
{
  enum { N = 700 };
  for (FewActivation activation = FEW_ACTIVATION_RELU; activation <= FEW_ACTIVATION_LAST;
       activation++)
    {
      float *x = few_op_values (r, N);
      float *y = few_op_values (r, N);
      float *gradient = few_op_values (r, N);
      if (r->error)
        return;
      r->ops->activate (r->stream, N, activation, x, y);
      r->ops->activation_backward (r->stream, N, activation, x, gradient);
      few_op_leave (r, y, N);
      few_op_leave (r, gradient, N);
    }
  float *x = few_op_values (r, N);
  float *gradient = few_op_values (r, N);
  float *near = few_op_values (r, N);
  float *product = few_op_values (r, N);
  if (r->error)
    return;
  r->ops->relu (r->stream, N, x);
  r->ops->relu_backward (r->stream, N, x, gradient);
  r->ops->affinity (r->stream, N, 5.5f, near);
  r->ops->multiply (r->stream, N, 3, near, product);
  r->ops->clear (r->stream, near, N / 2);
  few_op_leave (r, x, N);
  few_op_leave (r, gradient, N);
  few_op_leave (r, product, N);
  few_op_leave (r, near, N);
}

static void
run_blend (FewOpRun *r)
{
  enum { M = 9, D = 270 };
  float *a = few_op_values (r, M * D);
  float *f = few_op_values (r, M * D);
  float *y = few_op_values (r, M * D);
  float *norm = few_op_values (r, M);
  float *d = few_op_values (r, M * D);
  float *dots = few_op_values (r, M);
  if (r->error)
    return;
  r->ops->blend_normalise (r->stream, M, D, 0.3f, a, f, y, norm);
  r->ops->blend_normalise_backward (r->stream, M, D, 0.3f, y, norm, d, d);
  r->ops->row_dots (r->stream, M, D, y, f, dots);
  few_op_leave (r, y, M * D);
  few_op_leave (r, norm, M);
  few_op_leave (r, d, M * D);
  few_op_leave (r, dots, M);
}

static void
run_softmax_cross_entropy (FewOpRun *r)
{
  enum { M = 7, K = 270 };
  guint32 labels[M];
  for (guint i = 0; i < M; i++)
    labels[i] = (guint32) g_rand_int_range (r->random, 0, K);
  float *logits = few_op_values (r, M * K);
  float *loss = few_op_values (r, M);
  float *correct = few_op_values (r, M);
  if (r->error)
    return;
  r->ops->softmax_cross_entropy (r->stream, M, K, labels, logits, loss, correct);
  few_op_leave (r, logits, M * K);
  few_op_leave (r, loss, M);
  few_op_leave (r, correct, M);
}

static void
run_optimisers (FewOpRun *r)
{
  enum { N = 600 };
  float *gradient = few_op_values (r, N);
  float *memory = r->error ? NULL : r->ops->alloc (r->backend, 3 * N, &r->error);
  float *weights = few_op_values (r, N);
  float *others = few_op_values (r, N);
  if (memory)
    g_ptr_array_add (r->memory, memory);
  if (r->error)
    return;
  for (guint64 step = 1; step <= 3; step++)
    {
      FewUpdate adam = { 0.01f, 0.9f, 0.999f, 1e-8f, 0.1f, step == 2, step };
      FewUpdate sgd = { 0.01f, 0.9f, 0, 0, 0.1f, FALSE, step };
      r->ops->adam (r->stream, N, &adam, gradient, memory, memory + N, weights);
      r->ops->sgd (r->stream, N, &sgd, gradient, memory + 2 * N, others);
    }
  few_op_leave (r, weights, N);
  few_op_leave (r, others, N);
}

static void
run_shared_attention (FewOpRun *r)
{
  enum { P = 4, B = 3, S = 5, HEADS = 2, D = 12, W = HEADS * D, ROWS = P + B * S };
  float *qkv = few_op_values (r, ROWS * 3 * W);
  float *out = few_op_values (r, ROWS * W);
  float *d_out = few_op_values (r, ROWS * W);
  float *d_qkv = few_op_values (r, ROWS * 3 * W);
  float *d_full = few_op_values (r, B * S * 3 * W);
  if (r->error)
    return;
  r->ops->shared_attention (r->stream, P, B, S, HEADS, D, qkv, 3 * W, out, W);
  r->ops->shared_attention_backward (r->stream, P, B, S, HEADS, D, TRUE, qkv, 3 * W, d_out, W,
                                     d_qkv, 3 * W);
  r->ops->shared_attention_backward (r->stream, 0, B, S, HEADS, D, FALSE, qkv, 3 * W, d_out, W,
                                     d_full, 3 * W);
  few_op_leave (r, out, ROWS * W);
  few_op_leave (r, d_qkv, ROWS * 3 * W);
  few_op_leave (r, d_full, B * S * 3 * W);
}

static void
run_layer_norm_backward (FewOpRun *r)
{
  enum { M = 6, W = 290 };
  float *x = few_op_values (r, M * W);
  float *gamma = few_op_values (r, W);
  float *dy = few_op_values (r, M * W);
  float *dx = few_op_values (r, M * W);
  if (r->error)
    return;
  r->ops->layer_norm_backward (r->stream, M, W, x, W, gamma, 1e-5f, dy, W, dx, W);
  few_op_leave (r, dx, M * W);
}

static void
run_matrix_transposed (FewOpRun *r)
{
  enum { M = 4, N = 70, K = 39 };
  FewMatrix *weight = few_op_matrix (r, N, K);
  FewMatrix *turned =
      r->error ? NULL : few_op_keep (r, r->ops->matrix_transposed (r->backend, weight, &r->error));
  float *x = few_op_values (r, M * N);
  float *y = few_op_values (r, M * K);
  if (r->error)
    return;
  r->ops->linear (r->stream, M, x, N, turned, NULL, FEW_ACTIVATION_NONE, NULL, 0, y, K);
  few_op_leave (r, y, M * K);
}

const FewOpCheck few_op_checks[] = {
  { "linear", run_linear, 72 },
  { "grouped_linear", run_grouped_linear, 16 },
  { "conv", run_conv, 144 },
  { "average_pool", run_average_pool, 0 },
  { "depthwise_conv, gate_channels", run_channels, 0 },
  { "layer_norm", run_layer_norm, 0 },
  { "pass_on", run_passed_on, 48 },
  { "attention", run_attention, 19 },
  { "pool_attention", run_pool_attention, 10 },
  { "patchify, to_nhwc", run_pixels, 0 },
  { "assemble_tokens, embed_tokens", run_tokens, 0 },
  { "gather_rows, scatter_add_rows, add_scaled_rows", run_rows, 0 },
  { "gemm", run_gemm, 0 },
  { "relu, activate, affinity, multiply, clear", run_elements, 0 },
  { "blend_normalise, row_dots", run_blend, 0 },
  { "softmax_cross_entropy", run_softmax_cross_entropy, 0 },
  { "adam, sgd", run_optimisers, 0 },
  { "shared_attention and its way back", run_shared_attention, 9 },
  { "layer_norm_backward", run_layer_norm_backward, 0 },
  { "matrix_transposed", run_matrix_transposed, 70 },
  { "a step again and again", few_op_run_repeat, 272 },
};

const guint few_n_op_checks = G_N_ELEMENTS (few_op_checks);
