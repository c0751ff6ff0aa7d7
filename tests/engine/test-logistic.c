/* SPDX-License-Identifier: MIT */
/* Logistic regressions side by side: the gradient is nothing where they end, whatever their steps
 * begin from. scikit-learn's own numbers: tests/python/test_several.py. */
#include "adapt/logistic.h"
#include <math.h>

/* By the second derivatives of all rows, or of others, it ends at the same w. */
static void
check_curvature (const FewLogistic *plain, const double *w)
{
  FewLogistic problem = *plain;
  g_autoptr (FewPool) pool = few_pool_new (2);
  FewDense *dense[2] = { few_dense_new (NULL), few_dense_new (NULL) };
  for (guint rows = problem.n; rows > 0; rows /= 4)
    {
      g_autoptr (FewCurvature) curvature =
          few_curvature_new (pool, dense, problem.x, rows, problem.width, NULL);
      g_autofree double *again = g_new0 (double, (gsize) problem.k *problem.width);
      problem.curvature = curvature;
      g_assert_true (few_logistic_fit (dense[0], &problem, again, NULL));
      for (guint i = 0; i < problem.k * problem.width; i++)
        g_assert_cmpfloat_with_epsilon (again[i], w[i], 1e-6 * (1 + fabs (w[i])));
    }
  for (guint t = 0; t < 2; t++)
    few_dense_free (dense[t]);
}

/* A factor's inverse takes a row back to what 1 + s G made of it, s to the nearest power of
 * four. */
static void
test_curvature (void)
{
  enum { ROWS = 90, WIDTH = 41, D = WIDTH - 1 };
  GRand *random = g_rand_new_with_seed (4);
  g_autoptr (FewPool) pool = few_pool_new (1);
  g_autoptr (FewDense) dense = few_dense_new (NULL);
  double x[ROWS * WIDTH];
  double row[D];
  double made[2 * D] = { 0 };
  for (guint i = 0; i < ROWS * WIDTH; i++)
    x[i] = g_rand_double_range (random, -1, 1);
  for (guint j = 0; j < D; j++)
    row[j] = g_rand_double_range (random, -1, 1);
  g_autoptr (FewCurvature) curvature = few_curvature_new (pool, &dense, x, ROWS, WIDTH, NULL);
  for (guint i = 0; i < ROWS; i++)
    {
      double along = 0;
      for (guint j = 0; j < D; j++)
        along += x[i * WIDTH + j] * row[j];
      for (guint j = 0; j < D; j++)
        made[j] += 64 * along * x[i * WIDTH + j] / ROWS;
    }
  for (guint j = 0; j < D; j++)
    made[j] = made[D + j] = made[j] + row[j];
  const FewCurvatureFactor *factor = few_curvature_find (curvature, dense, 50, NULL);
  g_assert_true (factor == few_curvature_find (curvature, dense, 100, NULL));
  g_assert_true (factor != few_curvature_find (curvature, dense, 200, NULL));
  few_curvature_solve (factor, dense, made, 2);
  for (guint j = 0; j < 2 * D; j++)
    g_assert_cmpfloat_with_epsilon (made[j], row[j % D], 1e-9);
  g_rand_free (random);
}

static void
test_logistic (void)
{
  enum { ROWS = 60, WIDTH = 13, SIDES = 4 };
  GRand *random = g_rand_new_with_seed (2);
  double x[ROWS * WIDTH];
  double offset[ROWS * SIDES];
  guint8 y[ROWS * SIDES];
  double w[SIDES * WIDTH] = { 0 };
  for (guint i = 0; i < ROWS; i++)
    {
      for (guint j = 0; j < WIDTH; j++)
        x[i * WIDTH + j] = j + 1 < WIDTH ? g_rand_double_range (random, -1, 1) : 1;
      for (guint k = 0; k < SIDES; k++)
        {
          offset[i * SIDES + k] = g_rand_double_range (random, -2, 2);
          y[i * SIDES + k] = k < 3 && x[i * WIDTH + k] + offset[i * SIDES + k] > 0.2 * k;
        }
    }
  g_autoptr (FewDense) dense = few_dense_new (NULL);
  const FewLogistic problem = { .n = ROWS,
                                .width = WIDTH,
                                .k = SIDES,
                                .x = x,
                                .offset = offset,
                                .y = y,
                                .c = 30,
                                .tolerance = 1e-10 };
  g_assert_true (few_logistic_fit (dense, &problem, w, NULL));
  /* the gradient is nothing */
  for (guint k = 0; k < 3; k++)
    for (guint j = 0; j < WIDTH; j++)
      {
        double slope = j + 1 < WIDTH ? w[k * WIDTH + j] : 0;
        for (guint i = 0; i < ROWS; i++)
          {
            double z = offset[i * SIDES + k];
            for (guint m = 0; m < WIDTH; m++)
              z += x[i * WIDTH + m] * w[k * WIDTH + m];
            slope += 30 * (few_logistic (z) - y[i * SIDES + k]) * x[i * WIDTH + j];
          }
        g_assert_cmpfloat (fabs (slope), <, 1e-5);
      }
  check_curvature (&problem, w);
  /* no picture has the last: its share by Jeffreys, and nothing learned */
  double mean = 0;
  for (guint i = 0; i < ROWS; i++)
    mean += offset[i * SIDES + 3] / ROWS;
  for (guint j = 0; j + 1 < WIDTH; j++)
    g_assert_cmpfloat (w[3 * WIDTH + j], ==, 0);
  g_assert_cmpfloat_with_epsilon (w[4 * WIDTH - 1], log (0.5 / (ROWS + 0.5)) - mean, 1e-9);
  g_rand_free (random);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/logistic/curvature", test_curvature);
  g_test_add_func ("/logistic/fit", test_logistic);
  return g_test_run ();
}
