/* SPDX-License-Identifier: MIT */
/* What an op gives to the product behind it alone, at every level of the CPU. */
#include "backend/cpu/stream.h"
#include "bench.h"
#include <math.h>

static const char *const devices[] = { "cpu:v3",       "cpu:v4",      "cpu:bf16-avx512",
                                       "cpu:bf16-amx", "cpu:int8-v3", "cpu:int8-vnni",
                                       "cpu:int8-amx", NULL };

/* M is three of the tallest tiles. */
enum { B = 3, T = 30, M = B * T, WIDEST = 560, MOST_WIDE = 3 * WIDEST };

/* Of x and y [M, w]; attention gives [M, w] and an activation [M, hidden], each read by one product
 * alone. */
typedef struct
{
  guint w, heads, hidden;
} Widths;

/* A norm, attention and an activation, each followed by a product; `on`: which alone reads it.
 * memory: x and y [M, w], wide [M, MOST_WIDE], row [MOST_WIDE] */
static void
run_chain (const Bench *bench, FewStream *stream, gboolean on, const Widths *widths,
           FewMatrix *const matrices[4], float *const memory[4])
{
  guint w = widths->w;
  guint hidden = widths->hidden;
  const FewBackendOps *ops = bench->ops;
  float *x = memory[0];
  float *y = memory[1];
  float *wide = memory[2];
  float *row = memory[3];
  ops->clear (stream, y, M * w); /* nothing of the run before */
  ops->clear (stream, wide, M * MOST_WIDE);
  if (on)
    ops->pass_on (stream, matrices[0]);
  ops->layer_norm (stream, M, w, x, w, row, row, 1e-5f, y, w);
  ops->linear (stream, M, y, w, matrices[0], row, FEW_ACTIVATION_NONE, NULL, 0, wide, 3 * w);
  if (on)
    ops->pass_on (stream, matrices[1]);
  ops->attention (stream, B, T, widths->heads, w / widths->heads, FALSE, NULL, wide, 3 * w, y, w);
  ops->linear (stream, M, y, w, matrices[1], row, FEW_ACTIVATION_NONE, x, w, x, w);
  if (on)
    ops->pass_on (stream, matrices[3]);
  ops->linear (stream, M, x, w, matrices[2], row, FEW_ACTIVATION_GELU, NULL, 0, wide, hidden);
  ops->linear (stream, M, wide, hidden, matrices[3], row, FEW_ACTIVATION_NONE, x, w, x, w);
}

/* What is passed on is what would have been written, in the form that the product brings it to:
 * results are the same to the bit. */
static void
assert_same (Bench *bench, FewStream *stream, FewGrade grade, const Widths *widths,
             const float *start, float *const memory[3])
{
  guint w = widths->w;
  guint hidden = widths->hidden;
  const guint shapes[4][2] = { { 3 * w, w }, { w, w }, { hidden, w }, { w, hidden } };
  FewMatrix *matrices[4];
  float *results[2];
  for (guint i = 0; i < 4; i++)
    matrices[i] = bench->ops->matrix_new (bench->backend, shapes[i][0], shapes[i][1], grade,
                                          bench_fill (bench, shapes[i][0] * shapes[i][1]), NULL);
  for (guint on = 0; on < 2; on++)
    {
      results[on] = bench_own (bench, g_memdup2 (start, M * w * sizeof (float)), M * w);
      float *const whole[4] = { on_device (bench, results[on]), memory[0], memory[1], memory[2] };
      run_chain (bench, stream, on, widths, matrices, whole);
      bench_fetch (bench, results[on], M * w);
    }
  for (guint i = 0; i < M * w; i++)
    {
      g_assert_true (isfinite (results[0][i]));
      g_assert_cmpfloat (results[0][i], ==, results[1][i]);
    }
  for (guint i = 0; i < 4; i++)
    bench->ops->matrix_free (bench->backend, matrices[i]);
}

static void
test_passed_on (gconstpointer device)
{
  Bench bench;
  if (!bench_open (&bench, device))
    return;
  guint columns = bench.backend->stream->kernels->tile_columns;
  const Widths known[] = {
    { 44, 2, 132 }, /* heads of even width */
    { 42, 2, 126 }, /* of odd width */
    { columns, 1, columns }, /* whole rows at once, from whoever gives them */
    { WIDEST, 8, 96 }, /* K in parts, where tiles do so */
  };
  float *start = bench_fill (&bench, M * WIDEST);
  float *const memory[3] = { on_device (&bench, bench_fill (&bench, M * WIDEST)),
                             on_device (&bench, bench_fill (&bench, M * MOST_WIDE)),
                             on_device (&bench, bench_fill (&bench, MOST_WIDE)) };
  for (FewGrade grade = FEW_GRADE_FINE; grade <= FEW_GRADE_COARSE; grade++)
    for (guint which = 0; which < 2; which++)
      for (guint i = 0; i < G_N_ELEMENTS (known); i++)
        assert_same (&bench, bench.streams[which], grade, &known[i], start, memory);
  bench_close (&bench);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  bench_add ("/passed-on", devices, test_passed_on);
  return g_test_run ();
}
