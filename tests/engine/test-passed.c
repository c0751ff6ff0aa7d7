/* SPDX-License-Identifier: MIT */
/* What an op gives to the product behind it alone, at every level of the CPU. */
#include "bench.h"
#include <math.h>

static const char *const devices[] = { "cpu:v3",       "cpu:v4",      "cpu:bf16-avx512",
                                       "cpu:bf16-amx", "cpu:int8-v3", "cpu:int8-vnni",
                                       "cpu:int8-amx", NULL };

/* A norm, attention and an activation, each followed by a product; `on`: which alone reads it. */
static void
run_chain (const Bench *bench, FewStream *stream, gboolean on, FewMatrix *const matrices[4],
           float *const memory[4])
{
  enum { B = 3, T = 30, M = B * T, HEADS = 2, D = 22, W = HEADS * D };
  const FewBackendOps *ops = bench->ops;
  float *x = memory[0];
  float *y = memory[1];
  float *wide = memory[2];
  float *row = memory[3];
  if (on)
    ops->pass_on (stream, matrices[0]);
  ops->layer_norm (stream, M, W, x, W, row, row, 1e-5f, y, W);
  ops->linear (stream, M, y, W, matrices[0], row, FEW_ACTIVATION_NONE, NULL, 0, wide, 3 * W);
  if (on)
    ops->pass_on (stream, matrices[1]);
  ops->attention (stream, B, T, HEADS, D, FALSE, NULL, wide, 3 * W, y, W);
  ops->linear (stream, M, y, W, matrices[1], row, FEW_ACTIVATION_NONE, x, W, x, W);
  if (on)
    ops->pass_on (stream, matrices[3]);
  ops->linear (stream, M, x, W, matrices[2], row, FEW_ACTIVATION_GELU, NULL, 0, wide, 3 * W);
  ops->linear (stream, M, wide, 3 * W, matrices[3], row, FEW_ACTIVATION_NONE, x, W, x, W);
}

/* What is passed on is what would have been written, in the form that the product brings it to:
 * results are the same to the bit. */
static void
test_passed_on (gconstpointer device)
{
  Bench bench;
  if (!bench_open (&bench, device))
    return;
  enum { M = 90, W = 44 };
  const guint shapes[4][2] = { { 3 * W, W }, { W, W }, { 3 * W, W }, { W, 3 * W } };
  float *start = bench_fill (&bench, M * W);
  float *row = bench_fill (&bench, 3 * W);
  float *wide = bench_fill (&bench, M * 3 * W);
  float *y = bench_fill (&bench, M * W);
  for (FewGrade grade = FEW_GRADE_FINE; grade <= FEW_GRADE_COARSE; grade++)
    for (guint which = 0; which < 2; which++)
      {
        FewMatrix *matrices[4];
        float *results[2];
        for (guint i = 0; i < 4; i++)
          matrices[i] =
              bench.ops->matrix_new (bench.backend, shapes[i][0], shapes[i][1], grade,
                                     bench_fill (&bench, shapes[i][0] * shapes[i][1]), NULL);
        for (guint on = 0; on < 2; on++)
          {
            float *x = results[on] =
                bench_own (&bench, g_memdup2 (start, M * W * sizeof (float)), M * W);
            float *const memory[4] = { on_device (&bench, x), on_device (&bench, y),
                                       on_device (&bench, wide), on_device (&bench, row) };
            run_chain (&bench, bench.streams[which], on, matrices, memory);
            bench_fetch (&bench, x, M * W);
          }
        for (guint i = 0; i < M * W; i++)
          {
            g_assert_true (isfinite (results[0][i]));
            g_assert_cmpfloat (results[0][i], ==, results[1][i]);
          }
        for (guint i = 0; i < 4; i++)
          bench.ops->matrix_free (bench.backend, matrices[i]);
      }
  bench_close (&bench);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  bench_add ("/passed-on", devices, test_passed_on);
  return g_test_run ();
}
