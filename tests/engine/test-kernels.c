/* SPDX-License-Identifier: MIT */
/* Every op that inference uses, on every device that is tested, against sums in double
 * precision; and a picture's feature does not depend on the pictures beside it, to the last bit. */
#include "activated.h"
#include "bench.h"
#include <math.h>
#include <string.h>

static const char *const devices[] = { "cpu:v2",       "cpu:v3",   "cpu:v4", "cpu:bf16-avx512",
                                       "cpu:bf16-amx", "cpu:int8", NULL };

/* `scale`: the sum of absolute products behind the value */
static void
assert_near (const Bench *bench, double value, double expected, double scale)
{
  g_assert_cmpfloat (fabs (value - expected), <=,
                     bench->tolerance * (scale + 1) + 4e-7 * (1 + fabs (expected)));
}

static void
test_linear (gconstpointer device)
{
  Bench bench;
  if (!bench_open (&bench, device))
    return;
  const guint shapes[][3] = {
    { 1, 1, 1 },     { 1, 33, 7 },    { 5, 31, 64 },    { 14, 32, 17 },
    { 29, 100, 65 }, { 200, 70, 33 }, { 61, 513, 129 }, { 150, 40, 700 }
  };
  for (guint s = 0; s < G_N_ELEMENTS (shapes); s++)
    for (guint which = 0; which < 8; which++)
      {
        guint m = shapes[s][0];
        guint n = shapes[s][1];
        guint k = shapes[s][2];
        gsize ldx = k + 3;
        gsize ldy = n + 5;
        FewActivation activation = which % 4;
        float *x = bench_fill (&bench, m * ldx);
        float *w = bench_fill (&bench, (gsize) n * k);
        float *bias = bench_fill (&bench, n);
        float *y = bench_fill (&bench, m * ldy);
        g_autofree float *before = g_memdup2 (y, m * ldy * sizeof (float));
        FewMatrix *matrix = bench.ops->matrix_new (bench.backend, n, k, FEW_GRADE_FINE, w, NULL);
        /* in place: the residual is y */
        gboolean with_bias = which != 3;
        gboolean with_residual = which > 3;
        float *y_device = on_device (&bench, y);
        bench.ops->linear (bench.streams[which % 2], m, on_device (&bench, x), ldx, matrix,
                           with_bias ? on_device (&bench, bias) : NULL, activation,
                           with_residual ? y_device : NULL, ldy, y_device, ldy);
        bench_fetch (&bench, y, m * ldy);
        for (guint i = 0; i < m; i++)
          for (guint j = 0; j < ldy; j++)
            {
              double sum = 0;
              double scale = 0;
              if (j >= n) /* nothing beside the result is touched */
                {
                  g_assert_cmpfloat (y[i * ldy + j], ==, before[i * ldy + j]);
                  continue;
                }
              for (guint l = 0; l < k; l++)
                {
                  sum += (double) x[i * ldx + l] * w[(gsize) j * k + l];
                  scale += fabs ((double) x[i * ldx + l] * w[(gsize) j * k + l]);
                }
              double expected = activated (sum + (with_bias ? bias[j] : 0), activation)
                                + (with_residual ? before[i * ldy + j] : 0);
              assert_near (&bench, y[i * ldy + j], expected, scale);
            }
        bench.ops->matrix_free (bench.backend, matrix);
      }
  bench_close (&bench);
}

static void
test_grouped_linear (gconstpointer device)
{
  Bench bench;
  if (!bench_open (&bench, device))
    return;
  enum { GROUPS = 3, M = 17, N = 37, K = 11 };
  float *x = bench_fill (&bench, M * GROUPS * K);
  float *w = bench_fill (&bench, GROUPS * N * K);
  float *bias = bench_fill (&bench, GROUPS * N);
  float *y = bench_fill (&bench, M * GROUPS * N);
  FewMatrix *weights[GROUPS];
  for (guint g = 0; g < GROUPS; g++)
    weights[g] = bench.ops->matrix_new (bench.backend, N, K, FEW_GRADE_FINE, w + g * N * K, NULL);
  bench.ops->grouped_linear (bench.streams[0], GROUPS, M, on_device (&bench, x), GROUPS * K,
                             weights, on_device (&bench, bias), on_device (&bench, y), GROUPS * N);
  bench_fetch (&bench, y, M * GROUPS * N);
  for (guint i = 0; i < M; i++)
    for (guint g = 0; g < GROUPS; g++)
      for (guint j = 0; j < N; j++)
        {
          double sum = bias[g * N + j];
          for (guint l = 0; l < K; l++)
            sum += (double) x[(i * GROUPS + g) * K + l] * w[(g * N + j) * K + l];
          assert_near (&bench, y[(i * GROUPS + g) * N + j], sum, K / 4.0);
        }
  for (guint g = 0; g < GROUPS; g++)
    bench.ops->matrix_free (bench.backend, weights[g]);
  bench_close (&bench);
}

/* One output value of a convolution with weights [N, kernel, kernel, C]. */
static double
conv_at (const FewConvShape *s, const float *x, const float *w, guint b, guint oy, guint ox,
         guint n, double *scale)
{
  double sum = 0;
  int pad = (int) s->kernel / 2;
  *scale = 0;
  for (guint ky = 0; ky < s->kernel; ky++)
    for (guint kx = 0; kx < s->kernel; kx++)
      {
        int y = (int) (oy * s->stride + ky) - pad;
        int xx = (int) (ox * s->stride + kx) - pad;
        if (y < 0 || xx < 0 || y >= (int) s->height || xx >= (int) s->width)
          continue;
        for (guint c = 0; c < s->channels; c++)
          {
            double product =
                (double) x[((b * s->height + (guint) y) * s->width + (guint) xx) * s->channels + c]
                * w[((n * s->kernel + ky) * s->kernel + kx) * s->channels + c];
            sum += product;
            *scale += fabs (product);
          }
      }
  return sum;
}

static void
test_conv (gconstpointer device)
{
  Bench bench;
  if (!bench_open (&bench, device))
    return;
  const FewConvShape shapes[] = {
    { 1, 5, 7, 3, 3, 2, 6 },     { 2, 9, 9, 4, 3, 1, 33 },  { 2, 6, 5, 17, 1, 1, 40 },
    { 1, 8, 8, 6, 1, 2, 5 },     { 3, 7, 7, 64, 3, 1, 48 }, { 1, 14, 14, 16, 3, 1, 16 },
    { 2, 9, 6, 16, 3, 2, 24 },   { 1, 6, 9, 8, 1, 2, 5 },   { 2, 15, 17, 32, 3, 1, 48 },
    { 3, 28, 14, 48, 3, 1, 32 }, /* Winograd's, where f32 */
  };
  for (guint s = 0; s < G_N_ELEMENTS (shapes); s++)
    for (guint which = 0; which < 2; which++)
      {
        const FewConvShape *shape = &shapes[s];
        guint out_h = (shape->height + shape->stride - 1) / shape->stride;
        guint out_w = (shape->width + shape->stride - 1) / shape->stride;
        guint n = shape->out_channels;
        guint c = shape->channels;
        guint k = shape->kernel;
        gsize outputs = (gsize) shape->batch * out_h * out_w * n;
        float *x = bench_fill (&bench, (gsize) shape->batch * shape->height * shape->width * c);
        float *w = bench_fill (&bench, (gsize) n * k * k * c);
        float *bias = bench_fill (&bench, n);
        float *residual = bench_fill (&bench, outputs);
        float *y = bench_fill (&bench, outputs);
        gboolean with_residual = which == 1 && k == 1;
        FewMatrix *matrix = bench.ops->conv_new (bench.backend, shape, FEW_GRADE_FINE, w, NULL);
        bench.ops->conv (bench.streams[which], shape, on_device (&bench, x), matrix,
                         on_device (&bench, bias), FEW_ACTIVATION_RELU,
                         with_residual ? on_device (&bench, residual) : NULL,
                         on_device (&bench, y));
        bench_fetch (&bench, y, outputs);
        for (gsize i = 0; i < outputs; i++)
          {
            guint channel = (guint) (i % n);
            guint ox = (guint) (i / n % out_w);
            guint oy = (guint) (i / n / out_w % out_h);
            guint b = (guint) (i / n / out_w / out_h);
            double scale;
            double sum = conv_at (shape, x, w, b, oy, ox, channel, &scale);
            double expected = MAX (sum + bias[channel] + (with_residual ? residual[i] : 0), 0);
            /* Winograd's transforms cancel: ten times the rounding of the direct sum */
            assert_near (&bench, y[i], expected,
                         MIN (shape->height, shape->width) >= 14 ? 10 * scale : scale);
          }
        bench.ops->matrix_free (bench.backend, matrix);
      }
  bench_close (&bench);
}

/* One output of a convolution of each channel for itself, weights [kernel, kernel, N]. */
static double
channel_at (const FewConvShape *s, const float *x, const float *w, guint b, guint oy, guint ox,
            guint n)
{
  double sum = 0;
  guint c = n / (s->out_channels / s->channels);
  for (guint tap = 0; tap < s->kernel * s->kernel; tap++)
    {
      guint y = oy * s->stride + tap / s->kernel - s->kernel / 2; /* below zero: large */
      guint xx = ox * s->stride + tap % s->kernel - s->kernel / 2;
      if (y < s->height && xx < s->width)
        sum += (double) x[((gsize) (b * s->height + y) * s->width + xx) * s->channels + c]
               * w[(gsize) tap * s->out_channels + n];
    }
  return sum;
}

static void
test_channels (gconstpointer device)
{
  Bench bench;
  if (!bench_open (&bench, device))
    return;
  const FewConvShape shapes[] = {
    { 1, 1, 1, 1, 7, 1, 1 },    { 2, 9, 7, 40, 7, 1, 40 },   { 1, 8, 9, 13, 3, 2, 26 },
    { 1, 33, 31, 5, 3, 1, 15 }, { 2, 5, 17, 70, 7, 2, 140 }, { 1, 70, 16, 64, 7, 1, 64 },
    { 1, 2, 3, 33, 9, 1, 33 },  { 1, 12, 1, 24, 5, 2, 24 },
  };
  for (guint s = 0; s < 2 * G_N_ELEMENTS (shapes); s++)
    {
      const FewConvShape *shape = &shapes[s / 2];
      guint out_h = (shape->height + shape->stride - 1) / shape->stride;
      guint out_w = (shape->width + shape->stride - 1) / shape->stride;
      guint n = shape->out_channels;
      FewActivation activation = s % 2 ? FEW_ACTIVATION_GELU : FEW_ACTIVATION_NONE;
      gsize outputs = (gsize) shape->batch * out_h * out_w * n;
      float *x = bench_fill (&bench,
                             (gsize) shape->batch * shape->height * shape->width * shape->channels);
      float *w = bench_fill (&bench, (gsize) shape->kernel * shape->kernel * n);
      float *bias = bench_fill (&bench, n);
      float *gates = bench_fill (&bench, shape->batch * n);
      float *y = bench_fill (&bench, outputs);
      float *y_device = on_device (&bench, y);
      bench.ops->depthwise_conv (bench.streams[s % 2], shape, on_device (&bench, x),
                                 on_device (&bench, w), on_device (&bench, bias), activation,
                                 y_device);
      bench.ops->gate_channels (bench.streams[s % 2], shape->batch, out_h * out_w, n,
                                on_device (&bench, gates), y_device);
      bench_fetch (&bench, y, outputs);
      for (gsize i = 0; i < outputs; i++)
        {
          guint channel = (guint) (i % n);
          guint b = (guint) (i / n / out_w / out_h);
          double sum = channel_at (shape, x, w, b, (guint) (i / n / out_w % out_h),
                                   (guint) (i / n % out_w), channel);
          double gate = 1 / (1 + exp (-(double) gates[b * n + channel]));
          double expected = activated (sum + bias[channel], activation) * gate;
          g_assert_cmpfloat (fabs (y[i] - expected), <=, 4e-6 * (1 + fabs (expected)));
        }
    }
  bench_close (&bench);
}

/* softmax (scale · q · kᵀ) · v of one query */
static void
attend_at (const float *q, const float *k, const float *v, gsize ld, guint t, guint d, double scale,
           double *out)
{
  g_autofree double *p = g_new (double, t);
  double largest = -G_MAXDOUBLE;
  double total = 0;
  for (guint j = 0; j < t; j++)
    {
      p[j] = 0;
      for (guint i = 0; i < d; i++)
        p[j] += (double) q[i] * k[j * ld + i] * scale;
      largest = MAX (largest, p[j]);
    }
  for (guint j = 0; j < t; j++)
    total += p[j] = exp (p[j] - largest);
  for (guint i = 0; i < d; i++)
    {
      out[i] = 0;
      for (guint j = 0; j < t; j++)
        out[i] += p[j] / total * v[j * ld + i];
    }
}

static void
test_attention (gconstpointer device)
{
  Bench bench;
  if (!bench_open (&bench, device))
    return;
  double tolerance = bench_attention_tolerance (&bench, 2e-6);
  const guint shapes[][4] = { { 2, 1, 2, 8 },    { 1, 50, 3, 64 }, { 2, 77, 2, 20 },
                              { 1, 131, 1, 33 }, { 1, 70, 2, 72 }, { 1, 66, 1, 88 },
                              { 2, 9, 1, 104 } };
  for (guint s = 0; s < G_N_ELEMENTS (shapes); s++)
    for (guint which = 0; which < 4; which++)
      {
        guint causal = which % 2;
        guint b = shapes[s][0];
        guint t = shapes[s][1];
        guint heads = shapes[s][2];
        guint d = shapes[s][3];
        guint w = heads * d;
        gsize ld = which < 2 ? 3 * w + 1 : (3 * w + 7) / 8 * 8; /* rows that 16 bytes divide, too */
        float *qkv = bench_fill (&bench, b * t * ld);
        float *out = bench_fill (&bench, (gsize) b * t * w);
        g_autofree double *expected = g_new (double, d);
        bench.ops->attention (bench.streams[causal], b, t, heads, d, (gboolean) causal, NULL,
                              on_device (&bench, qkv), ld, on_device (&bench, out), w);
        bench_fetch (&bench, out, (gsize) b * t * w);
        for (guint row = 0; row < b * t; row++)
          for (guint h = 0; h < heads; h++)
            {
              const float *keys = qkv + (row - row % t) * ld + w + h * d;
              attend_at (qkv + row * ld + h * d, keys, keys + w, ld, causal ? row % t + 1 : t, d,
                         1 / sqrt (d), expected);
              for (guint i = 0; i < d; i++)
                g_assert_cmpfloat (fabs (out[row * w + h * d + i] - expected[i]), <=, tolerance);
            }
      }
  enum { B = 3, T = 50, W = 96, HEADS = 5 };
  float *queries = bench_fill (&bench, B * HEADS * W);
  float *x = bench_fill (&bench, B * T * W);
  float *out = bench_fill (&bench, B * HEADS * W);
  double expected[W];
  bench.ops->pool_attention (bench.streams[0], B, T, W, HEADS, 0.1f, on_device (&bench, queries),
                             on_device (&bench, x), on_device (&bench, out));
  bench_fetch (&bench, out, B * HEADS * W);
  for (guint i = 0; i < B * HEADS; i++)
    {
      const float *tokens = x + i / HEADS * T * W;
      attend_at (queries + i * W, tokens, tokens, W, T, W, 0.1, expected);
      for (guint j = 0; j < W; j++)
        g_assert_cmpfloat (fabs (out[i * W + j] - expected[j]), <=, tolerance);
    }
  bench_close (&bench);
}

static void
test_small_ops (gconstpointer device)
{
  Bench bench;
  if (!bench_open (&bench, device))
    return;
  enum { B = 2, H = 8, W = 6, C = 19, M = 70, WIDTH = 773 };
  float *x = bench_fill (&bench, B * H * W * C);
  float *y = bench_fill (&bench, B * H * W * C / 4);
  bench.ops->average_pool (bench.streams[0], B, H, W, C, 2, on_device (&bench, x),
                           on_device (&bench, y));
  bench_fetch (&bench, y, B * H * W * C / 4);
  for (guint i = 0; i < B * H / 2 * W / 2 * C; i++)
    {
      guint c = i % C;
      guint ox = i / C % (W / 2);
      guint row = i / C / (W / 2); /* of all pictures */
      const float *p = x + ((gsize) row * 2 * W + ox * 2) * C + c;
      g_assert_cmpfloat (fabs (y[i] - ((double) p[0] + p[C] + p[W * C] + p[W * C + C]) / 4), <=,
                         1e-6);
    }
  float *rows = bench_fill (&bench, M * (WIDTH + 2));
  float *gamma = bench_fill (&bench, WIDTH);
  float *beta = bench_fill (&bench, WIDTH);
  float *normal = bench_fill (&bench, M * WIDTH);
  bench.ops->layer_norm (bench.streams[0], M, WIDTH, on_device (&bench, rows), WIDTH + 2,
                         on_device (&bench, gamma), on_device (&bench, beta), 1e-5f,
                         on_device (&bench, normal), WIDTH);
  bench_fetch (&bench, normal, M * WIDTH);
  for (guint i = 0; i < M; i++)
    {
      const float *row = rows + i * (WIDTH + 2);
      double mean = 0;
      double variance = 0;
      for (guint j = 0; j < WIDTH; j++)
        mean += row[j] / (double) WIDTH;
      for (guint j = 0; j < WIDTH; j++)
        variance += (row[j] - mean) * (row[j] - mean) / WIDTH;
      for (guint j = 0; j < WIDTH; j++)
        g_assert_cmpfloat (fabs (normal[i * WIDTH + j]
                                 - ((row[j] - mean) / sqrt (variance + 1e-5) * gamma[j] + beta[j])),
                           <=, 1e-5);
    }
  bench_close (&bench);
}

/* The same bits whatever the batch, through both ways of using the threads. */
static void
test_batches (gconstpointer device)
{
  static const char *const kinds[] = { "vit", "resnet" };
  g_autofree char *two_threads = g_strdup_printf ("%s,threads=2", (const char *) device);
  for (guint kind = 0; kind < G_N_ELEMENTS (kinds); kind++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *folder = golden_path (kinds[kind]);
      g_autoptr (FewModel) model = few_model_open (folder, two_threads, NULL, &error);
      if (!model)
        {
          g_test_skip (error->message);
          return;
        }
      enum { MOST = 17 };
      guint side = few_model_info (model)->preprocess.size;
      guint d = few_model_dim (model);
      gsize one = (gsize) 3 * side * side;
      g_autofree float *pixels = g_new (float, MOST *one);
      g_autofree float *alone = g_new (float, MOST *d);
      g_autofree float *together = g_new (float, MOST *d);
      g_autoptr (GRand) random = g_rand_new_with_seed (3);
      for (gsize i = 0; i < MOST * one; i++)
        pixels[i] = (float) g_rand_double_range (random, -2, 2);
      for (guint i = 0; i < MOST; i++)
        g_assert_true (
            few_model_encode_pixels (model, pixels + i * one, 1, alone + i * d, NULL, NULL));
      for (guint n = 2; n <= MOST; n++)
        {
          g_assert_true (few_model_encode_pixels (model, pixels, n, together, NULL, NULL));
          g_assert_cmpmem (together, n * d * sizeof (float), alone, n * d * sizeof (float));
        }
    }
}

/* An op that has no room for its scratch leaves its output, and the next check says so, once. */
static void
test_short (gconstpointer device)
{
  Bench bench;
  if (!bench_open (&bench, device))
    return;
  const float one = 1;
  float y = 7;
  g_autoptr (GError) error = NULL;
  FewStream *stream = bench.streams[0];
  bench.ops->gemm (stream, FALSE, FALSE, 1, 1u << 31, 1u << 16, 1, &one, 1, &one, 1, 0, &y, 1);
  g_assert_cmpfloat (y, ==, 7);
  g_assert_false (bench.ops->check (stream, &error));
  g_assert_error (error, FEW_ERROR, FEW_ERROR_MEMORY);
  bench.ops->gemm (stream, FALSE, FALSE, 1, 1, 1, 1, &one, 1, &one, 1, 0, &y, 1);
  g_assert_true (bench.ops->check (stream, NULL));
  g_assert_cmpfloat (y, ==, 1);
  bench_close (&bench);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    GTestDataFunc func;
  } tests[] = {
    { "linear", test_linear },       { "grouped-linear", test_grouped_linear },
    { "conv", test_conv },           { "channels", test_channels },
    { "attention", test_attention }, { "small-ops", test_small_ops },
  };
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *prefix = g_strconcat ("/kernels/", tests[i].name, NULL);
      bench_add (prefix, devices, tests[i].func);
    }
  if (!g_getenv ("TEST_DEVICES")) /* the CPU alone: cuBLAS may take another kernel for a batch */
    {
      bench_add ("/kernels/batches", devices, test_batches);
      bench_add ("/kernels/short", devices, test_short);
    }
  return g_test_run ();
}
