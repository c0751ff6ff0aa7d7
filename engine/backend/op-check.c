/* SPDX-License-Identifier: MIT */
/* Each op runs on both backends with the same random input, on shapes that do not divide evenly
 * and rows that have gaps. */
#include "backend/op-check.h"
#include "base/error.h"
#include <fewshot/device.h>
#include <math.h>
#include <string.h>

/* One op on one backend: what it is given, and what it leaves. */
typedef struct
{
  FewBackend *backend;
  const FewBackendOps *ops;
  FewStream *stream;
  GRand *random; /* the same on both */
  GPtrArray *memory, *matrices;
  GArray *left; /* float */
  GError *error;
} Run;

/* n random values in −1 … 1 on the device */
static float *
given (Run *r, gsize n)
{
  g_autofree float *host = g_new (float, n);
  for (gsize i = 0; i < n; i++)
    host[i] = (float) g_rand_double_range (r->random, -1, 1);
  float *memory = r->error ? NULL : r->ops->alloc (r->backend, n, &r->error);
  if (!memory)
    return NULL;
  g_ptr_array_add (r->memory, memory);
  r->ops->upload (r->stream, memory, host, n);
  return memory;
}

static FewMatrix *
keep (Run *r, FewMatrix *matrix)
{
  if (matrix)
    g_ptr_array_add (r->matrices, matrix);
  return matrix;
}

static float *
random_weights (Run *r, gsize n)
{
  float *host = g_new (float, n);
  for (gsize i = 0; i < n; i++)
    host[i] = (float) g_rand_double_range (r->random, -1, 1);
  return host;
}

static FewMatrix *
given_matrix (Run *r, guint n, guint k)
{
  g_autofree float *host = random_weights (r, (gsize) n * k);
  return r->error ? NULL : keep (r, r->ops->matrix_new (r->backend, n, k, host, &r->error));
}

static void
leave (Run *r, const float *memory, gsize n)
{
  gsize before = r->left->len;
  g_array_set_size (r->left, (guint) (before + n));
  r->ops->download (r->stream, &g_array_index (r->left, float, before), memory, n);
}

/* ---- one function an op */

static void
linear (Run *r)
{
  enum { M = 37, N = 45, K = 52 };
  for (FewActivation activation = FEW_ACTIVATION_NONE; activation <= FEW_ACTIVATION_QUICK_GELU;
       activation++)
    for (guint which = 0; which < 3; which++) /* no residual, one, one in place */
      {
        FewMatrix *weight = given_matrix (r, N, K);
        float *x = given (r, M * (K + 3));
        float *bias = given (r, N);
        float *residual = given (r, M * (N + 2));
        float *y = given (r, M * (N + 2));
        if (r->error)
          return;
        r->ops->linear (r->stream, M, x, K + 3, weight, bias, activation,
                        which == 0   ? NULL
                        : which == 1 ? residual
                                     : y,
                        N + 2, y, N + 2);
        leave (r, y, M * (N + 2));
      }
}

static void
grouped_linear (Run *r)
{
  enum { GROUPS = 3, M = 5, N = 24, K = 16 };
  FewMatrix *weights[GROUPS];
  for (guint g = 0; g < GROUPS; g++)
    weights[g] = given_matrix (r, N, K);
  float *x = given (r, M * GROUPS * K);
  float *bias = given (r, GROUPS * N);
  float *y = given (r, M * GROUPS * N);
  if (r->error)
    return;
  r->ops->grouped_linear (r->stream, GROUPS, M, x, GROUPS * K, weights, bias, y, GROUPS * N);
  leave (r, y, M * GROUPS * N);
}

static void
conv (Run *r)
{
  static const FewConvShape shapes[] = { { 2, 9, 7, 3, 3, 2, 6 },
                                         { 1, 8, 8, 5, 3, 1, 12 },
                                         { 2, 6, 5, 17, 1, 1, 9 } };
  for (guint i = 0; i < G_N_ELEMENTS (shapes) && !r->error; i++)
    {
      const FewConvShape *s = &shapes[i];
      gsize n_out = (gsize) s->batch * ((s->height + s->stride - 1) / s->stride)
                    * ((s->width + s->stride - 1) / s->stride) * s->out_channels;
      g_autofree float *host =
          random_weights (r, (gsize) s->out_channels * s->kernel * s->kernel * s->channels);
      FewMatrix *weight = keep (r, r->ops->conv_new (r->backend, s, host, &r->error));
      float *x = given (r, (gsize) s->batch * s->height * s->width * s->channels);
      float *bias = given (r, s->out_channels);
      float *residual = given (r, n_out);
      float *y = given (r, n_out);
      if (r->error)
        return;
      r->ops->conv (r->stream, s, x, weight, bias, FEW_ACTIVATION_RELU,
                    s->kernel == 1 ? residual : NULL, y);
      leave (r, y, n_out);
    }
}

static void
average_pool (Run *r)
{
  enum { B = 2, H = 6, W = 4, C = 13 };
  float *x = given (r, B * H * W * C);
  float *y = given (r, B * H * W * C / 4);
  if (r->error)
    return;
  r->ops->average_pool (r->stream, B, H, W, C, 2, x, y);
  leave (r, y, B * H * W * C / 4);
}

static void
layer_norm (Run *r)
{
  enum { M = 11, W = 300 };
  float *x = given (r, M * (W + 1));
  float *gamma = given (r, W);
  float *beta = given (r, W);
  float *y = given (r, M * W);
  if (r->error)
    return;
  r->ops->layer_norm (r->stream, M, W, x, W + 1, gamma, beta, 1e-5f, y, W);
  leave (r, y, M * W);
}

static void
attention (Run *r)
{
  enum { B = 2, T = 19, HEADS = 3, D = 16, W = HEADS * D };
  for (guint causal = 0; causal < 2; causal++)
    {
      float *qkv = given (r, B * T * (3 * W + 2));
      float *out = given (r, B * T * W);
      if (r->error)
        return;
      r->ops->attention (r->stream, B, T, HEADS, D, (gboolean) causal, qkv, 3 * W + 2, out, W);
      leave (r, out, B * T * W);
    }
}

static void
pool_attention (Run *r)
{
  enum { B = 3, T = 10, W = 40, HEADS = 5 };
  float *queries = given (r, B * HEADS * W);
  float *x = given (r, B * T * W);
  float *out = given (r, B * HEADS * W);
  if (r->error)
    return;
  r->ops->pool_attention (r->stream, B, T, W, HEADS, 0.2f, queries, x, out);
  leave (r, out, B * HEADS * W);
}

static void
pixels (Run *r)
{
  enum { B = 2, SIDE = 12, PATCH = 4, N = B * 3 * SIDE * SIDE };
  float *x = given (r, N);
  float *patches = given (r, N);
  float *nhwc = given (r, N);
  if (r->error)
    return;
  r->ops->patchify (r->stream, B, SIDE, PATCH, x, patches);
  r->ops->to_nhwc (r->stream, B, SIDE, x, nhwc);
  leave (r, patches, N);
  leave (r, nhwc, N);
}

static void
tokens (Run *r)
{
  enum { B = 2, T = 7, W = 20, VOCABULARY = 9 };
  gint32 ids[B * T];
  for (guint i = 0; i < B * T; i++)
    ids[i] = g_rand_int_range (r->random, 0, VOCABULARY);
  float *first = given (r, W);
  float *from = given (r, B * (T - 1) * W);
  float *positions = given (r, T * W);
  float *table = given (r, VOCABULARY * W);
  float *with = given (r, B * T * W);
  float *without = given (r, B * T * W);
  float *embedded = given (r, B * T * W);
  if (r->error)
    return;
  r->ops->assemble_tokens (r->stream, B, T, W, first, from, W, positions, with, W);
  r->ops->assemble_tokens (r->stream, B, T, W, NULL, from, W, positions, without, W);
  r->ops->embed_tokens (r->stream, B, T, W, ids, table, positions, embedded, W);
  leave (r, with, B * T * W);
  leave (r, without, B * T * W);
  leave (r, embedded, B * T * W);
}

static void
rows (Run *r)
{
  enum { M = 5, W = 33 };
  static const guint32 order[M] = { 3, 0, 3, 7, 1 };
  float *x = given (r, 8 * (W + 1));
  float *gathered = given (r, M * W);
  float *added = given (r, 8 * (W + 1));
  float *strength = given (r, M);
  float *sums = given (r, M * W);
  if (r->error)
    return;
  r->ops->gather_rows (r->stream, M, W, order, x, W + 1, gathered);
  r->ops->scatter_add_rows (r->stream, M, W, order, gathered, added, W + 1);
  r->ops->add_scaled_rows (r->stream, M, W, strength, gathered, NULL, sums);
  r->ops->add_scaled_rows (r->stream, M, W, strength, sums, gathered, sums);
  leave (r, gathered, M * W);
  leave (r, added, 8 * (W + 1));
  leave (r, sums, M * W);
}

static void
gemm (Run *r)
{
  enum { M = 21, N = 18, K = 30 };
  for (guint which = 0; which < 4; which++)
    {
      float *a = given (r, M * K);
      float *b = given (r, K * N);
      float *c = given (r, M * (N + 1));
      if (r->error)
        return;
      gboolean turn_a = which & 1;
      gboolean turn_b = which >> 1;
      r->ops->gemm (r->stream, turn_a, turn_b, M, N, K, 0.5f, a, turn_a ? M : K, b, turn_b ? K : N,
                    which == 3 ? 0.25f : 0, c, N + 1);
      leave (r, c, M * (N + 1));
    }
}

static void
elements (Run *r)
{
  enum { N = 700 };
  for (FewActivation activation = FEW_ACTIVATION_RELU; activation <= FEW_ACTIVATION_QUICK_GELU;
       activation++)
    {
      float *x = given (r, N);
      float *y = given (r, N);
      float *gradient = given (r, N);
      if (r->error)
        return;
      r->ops->activate (r->stream, N, activation, x, y);
      r->ops->activation_backward (r->stream, N, activation, x, gradient);
      leave (r, y, N);
      leave (r, gradient, N);
    }
  float *x = given (r, N);
  float *gradient = given (r, N);
  float *near = given (r, N);
  float *product = given (r, N);
  if (r->error)
    return;
  r->ops->relu (r->stream, N, x);
  r->ops->relu_backward (r->stream, N, x, gradient);
  r->ops->affinity (r->stream, N, 5.5f, near);
  r->ops->multiply (r->stream, N, 3, near, product);
  r->ops->clear (r->stream, near, N / 2);
  leave (r, x, N);
  leave (r, gradient, N);
  leave (r, product, N);
  leave (r, near, N);
}

static void
blend (Run *r)
{
  enum { M = 9, D = 270 };
  float *a = given (r, M * D);
  float *f = given (r, M * D);
  float *y = given (r, M * D);
  float *norm = given (r, M);
  float *d = given (r, M * D);
  float *dots = given (r, M);
  if (r->error)
    return;
  r->ops->blend_normalise (r->stream, M, D, 0.3f, a, f, y, norm);
  r->ops->blend_normalise_backward (r->stream, M, D, 0.3f, y, norm, d, d);
  r->ops->row_dots (r->stream, M, D, y, f, dots);
  leave (r, y, M * D);
  leave (r, norm, M);
  leave (r, d, M * D);
  leave (r, dots, M);
}

static void
softmax_cross_entropy (Run *r)
{
  enum { M = 7, K = 270 };
  guint32 labels[M];
  for (guint i = 0; i < M; i++)
    labels[i] = (guint32) g_rand_int_range (r->random, 0, K);
  float *logits = given (r, M * K);
  float *loss = given (r, M);
  float *correct = given (r, M);
  if (r->error)
    return;
  r->ops->softmax_cross_entropy (r->stream, M, K, labels, logits, loss, correct);
  leave (r, logits, M * K);
  leave (r, loss, M);
  leave (r, correct, M);
}

static void
optimisers (Run *r)
{
  enum { N = 600 };
  float *gradient = given (r, N);
  float *memory = r->error ? NULL : r->ops->alloc (r->backend, 3 * N, &r->error);
  float *weights = given (r, N);
  float *others = given (r, N);
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
  leave (r, weights, N);
  leave (r, others, N);
}

static void
shared_attention (Run *r)
{
  enum { P = 4, B = 3, S = 5, HEADS = 2, D = 12, W = HEADS * D, ROWS = P + B * S };
  float *qkv = given (r, ROWS * 3 * W);
  float *out = given (r, ROWS * W);
  float *d_out = given (r, ROWS * W);
  float *d_qkv = given (r, ROWS * 3 * W);
  float *d_full = given (r, B * S * 3 * W);
  if (r->error)
    return;
  r->ops->shared_attention (r->stream, P, B, S, HEADS, D, qkv, 3 * W, out, W);
  r->ops->shared_attention_backward (r->stream, P, B, S, HEADS, D, TRUE, qkv, 3 * W, d_out, W,
                                     d_qkv, 3 * W);
  r->ops->shared_attention_backward (r->stream, 0, B, S, HEADS, D, FALSE, qkv, 3 * W, d_out, W,
                                     d_full, 3 * W);
  leave (r, out, ROWS * W);
  leave (r, d_qkv, ROWS * 3 * W);
  leave (r, d_full, B * S * 3 * W);
}

static void
layer_norm_backward (Run *r)
{
  enum { M = 6, W = 290 };
  float *x = given (r, M * W);
  float *gamma = given (r, W);
  float *dy = given (r, M * W);
  float *dx = given (r, M * W);
  if (r->error)
    return;
  r->ops->layer_norm_backward (r->stream, M, W, x, W, gamma, 1e-5f, dy, W, dx, W);
  leave (r, dx, M * W);
}

static void
matrix_transposed (Run *r)
{
  enum { M = 4, N = 70, K = 39 };
  FewMatrix *weight = given_matrix (r, N, K);
  FewMatrix *turned =
      r->error ? NULL : keep (r, r->ops->matrix_transposed (r->backend, weight, &r->error));
  float *x = given (r, M * N);
  float *y = given (r, M * K);
  if (r->error)
    return;
  r->ops->linear (r->stream, M, x, N, turned, NULL, FEW_ACTIVATION_NONE, NULL, 0, y, K);
  leave (r, y, M * K);
}

/* ---- both */

typedef struct
{
  const char *name;
  void (*run) (Run *run);
  /* products a result sums, of inputs that a reduced precision rounds; 0 when it rounds none */
  guint summed;
} Check;

static const Check checks[] = {
  { "linear", linear, 52 },
  { "grouped_linear", grouped_linear, 16 },
  { "conv", conv, 45 },
  { "average_pool", average_pool, 0 },
  { "layer_norm", layer_norm, 0 },
  { "attention", attention, 19 },
  { "pool_attention", pool_attention, 10 },
  { "patchify, to_nhwc", pixels, 0 },
  { "assemble_tokens, embed_tokens", tokens, 0 },
  { "gather_rows, scatter_add_rows, add_scaled_rows", rows, 0 },
  { "gemm", gemm, 0 },
  { "relu, activate, affinity, multiply, clear", elements, 0 },
  { "blend_normalise, row_dots", blend, 0 },
  { "softmax_cross_entropy", softmax_cross_entropy, 0 },
  { "adam, sgd", optimisers, 0 },
  { "shared_attention and its way back", shared_attention, 9 },
  { "layer_norm_backward", layer_norm_backward, 0 },
  { "matrix_transposed", matrix_transposed, 70 },
};

static gboolean
run_on (FewBackend *backend, const Check *check, GArray *left, GError **error)
{
  Run r = { backend,
            backend->ops,
            backend->stream,
            g_rand_new_with_seed (17),
            g_ptr_array_new (),
            g_ptr_array_new (),
            left,
            NULL };
  check->run (&r);
  if (!r.error)
    backend->ops->check (backend->stream, &r.error);
  for (guint i = 0; i < r.memory->len; i++)
    backend->ops->free (backend, r.memory->pdata[i]);
  for (guint i = 0; i < r.matrices->len; i++)
    backend->ops->matrix_free (backend, r.matrices->pdata[i]);
  g_ptr_array_unref (r.memory);
  g_ptr_array_unref (r.matrices);
  g_rand_free (r.random);
  if (!r.error)
    return TRUE;
  g_propagate_error (error, r.error);
  return FALSE;
}

gboolean
few_op_check (FewBackend *backend, FewBackend *reference, FewSelftestFunc func, gpointer user,
              GError **error)
{
  gboolean ok = TRUE;
  /* rounding of an input, half a unit in the last place: f16 has 11 bits, bf16 8 */
  double rounding = g_str_equal (backend->precision, "f16")    ? 1.0 / 2048
                    : g_str_equal (backend->precision, "bf16") ? 1.0 / 256
                                                               : 0;
  for (guint i = 0; i < G_N_ELEMENTS (checks); i++)
    {
      g_autoptr (GArray) ours = g_array_new (FALSE, TRUE, sizeof (float)),
                         theirs = g_array_new (FALSE, TRUE, sizeof (float));
      if (!run_on (backend, &checks[i], ours, error)
          || !run_on (reference, &checks[i], theirs, error))
        return FALSE;
      /* Two rounded factors of size at most 1, errors of either sign: √n of them, and three
       * times that is rare */
      double allowed = 3e-5 + (checks[i].summed ? 3 * rounding * sqrt (checks[i].summed) : 0);
      double worst = 0;
      for (guint j = 0; j < ours->len; j++)
        {
          double x = g_array_index (ours, float, j);
          double y = g_array_index (theirs, float, j);
          double difference = fabs (x - y) / (1 + fabs (y));
          if (!(difference <= worst)) /* not a number is worse */
            worst = isnan (difference) ? INFINITY : difference;
        }
      if (func)
        func (user, checks[i].name, worst, allowed);
      if (worst > allowed && ok)
        {
          ok = FALSE;
          few_fail (error, UNSUPPORTED,
                    "%s computes “%s” otherwise than the CPU (a difference of %.2g where %.2g is "
                    "rounding). Please report it.",
                    backend->description, checks[i].name, worst, allowed);
        }
    }
  return ok;
}
