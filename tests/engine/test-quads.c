/* SPDX-License-Identifier: MIT */
/* Products of bytes: the kernels of every level against plain loops, to the last bit; the ops over
 * them against sums in double precision of what the bytes stand for, and how near that is to what
 * was given. */
#include "backend/cpu/levels.h"
#include "backend/cpu/quads.h"
#include "bench.h"
#include "quads-reference.h"

static const char *const devices[] = { "cpu:int8-v2",       "cpu:int8-v3",      "cpu:int8-avxvnni",
                                       "cpu:int8-v4",       "cpu:int8-vnni",    "cpu:int8-amx",
                                       "cpu:int8-portable", "cpu:int8-dotprod", NULL };

static gboolean
find_level (gconstpointer device, FewLevel *level)
{
  if (few_level_choose (strchr (device, ':') + 1, level))
    return TRUE;
  g_test_skip ("This processor does not run the level.");
  return FALSE;
}

static void
test_tile (gconstpointer device)
{
  FewLevel level;
  if (!find_level (device, &level))
    return;
  guint columns = level.kernels->tile_columns;
  for (guint m = 1; m <= level.quads->tile.rows; m++)
    for (guint k = FEW_UNITS_AT_ONCE; k <= 3 * FEW_UNITS_AT_ONCE; k += 2 * FEW_UNITS_AT_ONCE)
      for (guint width = 1; width <= columns; width += 11)
        for (guint narrow = level.quads->narrow; narrow < 2; narrow++)
          g_assert_cmpuint (quads_tile_faults (level.quads, m, k, columns, width, narrow), ==, 0);
}

static void
test_convert (gconstpointer device)
{
  FewLevel level;
  if (!find_level (device, &level))
    return;
  for (int what = 0; what <= 4; what++)
    for (guint n = 1; n < 100; n++)
      g_assert_cmpuint (quads_convert_faults (level.quads, n, what), ==, 0);
}

/* x [i] as its byte has it: 256 steps of the row's range */
static double
byte_value (const float *row, guint k, guint i)
{
  float low = row[0];
  float high = row[0];
  for (guint j = 1; j < k; j++)
    {
      low = MIN (low, row[j]);
      high = MAX (high, row[j]);
    }
  float range = high - low;
  return range > 0 ? low + (double) range / 255 * rintf ((row[i] - low) * (255 / range)) : low;
}

/* Weights are half a step of their column from what was given at most. */
static void
assert_weights (const Bench *bench, const FewMatrix *matrix, const float *w)
{
  guint columns = bench->backend->stream->kernels->tile_columns;
  gboolean narrow = bench->backend->stream->quads->narrow;
  for (guint j = 0; j < matrix->n; j++)
    {
      float largest = 0;
      for (guint i = 0; i < matrix->k; i++)
        {
          float off = few_cpu_quads_at (matrix, columns, j, i) - w[(gsize) j * matrix->k + i];
          g_assert_cmpfloat (fabsf (off), <=, matrix->scales[j] * 0.50001f);
          largest = MAX (largest, fabsf (w[(gsize) j * matrix->k + i]));
        }
      /* 8 bits; where four are added in 16 bits 6 at least */
      g_assert_cmpfloat (matrix->scales[j], <=, largest / (narrow ? 31 : 126.9f));
    }
}

static void
test_linear (gconstpointer device)
{
  Bench bench;
  if (!bench_open (&bench, device))
    return;
  const guint shapes[][3] = { { 1, 1, 1 },     { 1, 33, 7 },    { 5, 31, 64 },    { 14, 32, 17 },
                              { 29, 100, 65 }, { 200, 70, 33 }, { 61, 513, 129 }, { 66, 5, 520 } };
  for (guint s = 0; s < G_N_ELEMENTS (shapes); s++)
    for (guint which = 0; which < 2; which++)
      {
        guint m = shapes[s][0];
        guint n = shapes[s][1];
        guint k = shapes[s][2];
        gsize ldx = k + 3;
        float *x = bench_fill (&bench, m * ldx);
        float *w = bench_fill (&bench, (gsize) n * k);
        float *bias = bench_fill (&bench, n);
        float *y = bench_fill (&bench, (gsize) m * n);
        g_autofree float *before = g_memdup2 (y, (gsize) m * n * sizeof (float));
        FewMatrix *matrix = bench.ops->matrix_new (bench.backend, n, k, FEW_GRADE_COARSE, w, NULL);
        g_assert_cmpint (matrix->form, ==, FEW_FORM_QUADS);
        assert_weights (&bench, matrix, w);
        float *y_device = on_device (&bench, y);
        bench.ops->linear (bench.streams[which], m, on_device (&bench, x), ldx, matrix,
                           on_device (&bench, bias), FEW_ACTIVATION_RELU, which ? y_device : NULL,
                           n, y_device, n);
        bench_fetch (&bench, y, (gsize) m * n);
        guint columns = bench.backend->stream->kernels->tile_columns;
        for (guint i = 0; i < m; i++)
          for (guint j = 0; j < n; j++)
            {
              double sum = bias[j];
              for (guint l = 0; l < k; l++)
                sum += byte_value (x + i * ldx, k, l) * few_cpu_quads_at (matrix, columns, j, l);
              double expected = MAX (sum, 0) + (which ? before[i * n + j] : 0);
              g_assert_cmpfloat_with_epsilon (y[i * n + j], expected, 2e-5);
            }
        bench.ops->matrix_free (bench.backend, matrix);
      }
  bench_close (&bench);
}

/* A convolution's bytes are of each output pixel's own neighbourhood: near the direct sum. */
static void
test_conv (gconstpointer device)
{
  Bench bench;
  if (!bench_open (&bench, device))
    return;
  const FewConvShape shapes[] = { { 2, 6, 5, 48, 1, 1, 40 },
                                  { 1, 7, 7, 32, 3, 1, 33 },
                                  { 2, 9, 8, 24, 3, 2, 16 },
                                  { 1, 8, 8, 40, 1, 2, 24 } };
  for (guint s = 0; s < G_N_ELEMENTS (shapes); s++)
    {
      const FewConvShape *shape = &shapes[s];
      guint k = shape->kernel * shape->kernel * shape->channels;
      guint out = ((shape->height + shape->stride - 1) / shape->stride)
                  * ((shape->width + shape->stride - 1) / shape->stride);
      gsize outputs = (gsize) shape->batch * out * shape->out_channels;
      float *x = bench_fill (&bench,
                             (gsize) shape->batch * shape->height * shape->width * shape->channels);
      float *w = bench_fill (&bench, (gsize) shape->out_channels * k);
      float *y = bench_fill (&bench, outputs);
      float *exact = bench_fill (&bench, outputs);
      for (guint coarse = 0; coarse < 2; coarse++)
        {
          FewMatrix *matrix = bench.ops->conv_new (
              bench.backend, shape, coarse ? FEW_GRADE_COARSE : FEW_GRADE_FINE, w, NULL);
          g_assert_cmpint (matrix->form, ==, coarse ? FEW_FORM_QUADS : FEW_FORM_FLOATS);
          bench.ops->conv (bench.streams[0], shape, on_device (&bench, x), matrix, NULL,
                           FEW_ACTIVATION_NONE, NULL, on_device (&bench, coarse ? y : exact));
          bench.ops->matrix_free (bench.backend, matrix);
        }
      bench_fetch (&bench, y, outputs);
      bench_fetch (&bench, exact, outputs);
      double off = 0;
      double all = 0;
      for (gsize i = 0; i < outputs; i++)
        {
          off += (y[i] - exact[i]) * (y[i] - exact[i]);
          all += exact[i] * exact[i];
        }
      g_assert_cmpfloat (sqrt (off / all), <, 0.025);
      g_assert_cmpfloat (off, >, 0); /* it was bytes */
    }
  bench_close (&bench);
}

/* The transpose, for the way back, has the weights that the way there multiplied by. */
static void
test_transposed (gconstpointer device)
{
  enum { N = 37, K = 21 };
  Bench bench;
  if (!bench_open (&bench, device))
    return;
  guint columns = bench.backend->stream->kernels->tile_columns;
  float *w = bench_fill (&bench, N * K);
  float *x = bench_fill (&bench, N);
  float *y = bench_fill (&bench, K);
  FewMatrix *matrix = bench.ops->matrix_new (bench.backend, N, K, FEW_GRADE_COARSE, w, NULL);
  FewMatrix *turned = bench.ops->matrix_transposed (bench.backend, matrix, NULL);
  bench.ops->linear (bench.streams[0], 1, on_device (&bench, x), N, turned, NULL,
                     FEW_ACTIVATION_NONE, NULL, 0, on_device (&bench, y), K);
  bench_fetch (&bench, y, K);
  for (guint i = 0; i < K; i++)
    {
      double sum = 0;
      double size = 0;
      for (guint j = 0; j < N; j++)
        {
          double product = (double) x[j] * few_cpu_quads_at (matrix, columns, j, i);
          sum += product;
          size += fabs (product);
        }
      g_assert_cmpfloat_with_epsilon (y[i], sum, 1e-5 + bench.tolerance * size);
    }
  bench.ops->matrix_free (bench.backend, matrix);
  bench.ops->matrix_free (bench.backend, turned);
  bench_close (&bench);
}

/* What is not a number stays none: bytes would hide it. */
static void
test_not_a_number (gconstpointer device)
{
  enum { K = 12 };
  Bench bench;
  if (!bench_open (&bench, device))
    return;
  for (guint which = 0; which < 2; which++)
    {
      float *w = bench_fill (&bench, K);
      float *x = g_new0 (float, K);
      float *y = bench_fill (&bench, 1);
      x[3] = which ? 1 : NAN;
      w[5] = which ? INFINITY : w[5];
      bench_own (&bench, x, K);
      FewMatrix *matrix = bench.ops->matrix_new (bench.backend, 1, K, FEW_GRADE_COARSE, w, NULL);
      bench.ops->linear (bench.streams[0], 1, on_device (&bench, x), K, matrix, NULL,
                         FEW_ACTIVATION_NONE, NULL, 0, on_device (&bench, y), 1);
      bench_fetch (&bench, y, 1);
      g_assert_true (isnan (y[0]));
      bench.ops->matrix_free (bench.backend, matrix);
    }
  bench_close (&bench);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  bench_add ("/quads/tile", devices, test_tile);
  bench_add ("/quads/convert", devices, test_convert);
  bench_add ("/quads/linear", devices, test_linear);
  bench_add ("/quads/conv", devices, test_conv);
  bench_add ("/quads/transposed", devices, test_transposed);
  bench_add ("/quads/not-a-number", devices, test_not_a_number);
  return g_test_run ();
}
