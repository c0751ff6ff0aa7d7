/* SPDX-License-Identifier: MIT */
/* Dense matrices in double precision against plain loops, at sizes around the blocks'. */
#include "backend/dense.h"
#include <math.h>
#include <string.h>

#if defined __x86_64__
#define FLOOR "v2"
#else
#define FLOOR "portable"
#endif

static double *
random_values (GRand *random, gsize n)
{
  double *values = g_new (double, n);
  for (gsize i = 0; i < n; i++)
    values[i] = g_rand_double_range (random, -1, 1);
  return values;
}

/* rootᵀ root + I [d, d] */
static double *
positive_matrix (GRand *random, guint d)
{
  g_autofree double *root = random_values (random, (gsize) d * d);
  double *a = g_new0 (double, (gsize) d *d);
  for (guint k = 0; k < d; k++)
    for (guint i = 0; i < d; i++)
      for (guint j = 0; j < d; j++)
        a[(gsize) i * d + j] += root[(gsize) k * d + i] * root[(gsize) k * d + j];
  for (guint i = 0; i < d; i++)
    a[(gsize) i * d + i] += 1;
  return a;
}

/* One product of each of the transposes, on one thread and on three. */
static void
check_product (FewPool *pool, FewDense *const *dense, GRand *random, const guint *shape,
               gboolean ta, gboolean tb, double scale)
{
  guint m = shape[0];
  guint n = shape[1];
  guint k = shape[2];
  gsize size = (gsize) m * n * sizeof (double);
  g_autofree double *a = random_values (random, (gsize) m * k);
  g_autofree double *b = random_values (random, (gsize) n * k);
  g_autofree double *c = random_values (random, (gsize) m * n);
  g_autofree double *shared = g_memdup2 (c, size);
  g_autofree double *wanted = g_memdup2 (c, size);
  for (guint i = 0; i < m; i++)
    for (guint j = 0; j < n; j++)
      {
        double sum = 0;
        for (guint l = 0; l < k; l++)
          sum += a[ta ? l * m + i : i * k + l] * b[tb ? j * k + l : l * n + j];
        wanted[(gsize) i * n + j] = 0.5 * wanted[(gsize) i * n + j] + scale * sum;
      }
  FewDenseProduct product = { .m = m,
                              .n = n,
                              .k = k,
                              .scale = scale,
                              .beta = 0.5,
                              .a = a,
                              .lda = ta ? m : k,
                              .transpose_a = ta,
                              .b = b,
                              .ldb = tb ? k : n,
                              .transpose_b = tb,
                              .c = c,
                              .ldc = n };
  few_dense_product (dense[0], &product);
  for (gsize i = 0; i < (gsize) m * n; i++)
    g_assert_cmpfloat_with_epsilon (c[i], wanted[i], 1e-12);
  product.c = shared;
  few_dense_product_shared (pool, dense, &product);
  g_assert_cmpmem (shared, size, c, size);
}

/* Shapes that are no multiple of any tile, some of so few rows or columns that the other operand
 * is read where it stands; the other takes the scale then. */
static void
test_products (gconstpointer level)
{
  static const guint shapes[][3] = { { 1, 1, 1 },     { 13, 17, 9 },    { 30, 300, 40 },
                                     { 200, 7, 300 }, { 200, 50, 300 }, { 50, 90, 300 } };
  enum { THREADS = 3 };
  FewDense *dense[THREADS];
  for (guint i = 0; i < THREADS; i++)
    dense[i] = few_dense_new_for (level);
  if (!dense[0])
    {
      g_test_skip ("this processor lacks the level");
      return;
    }
  GRand *random = g_rand_new_with_seed (3);
  FewPool *pool = few_pool_new (THREADS);
  for (guint s = 0; s < 8 * G_N_ELEMENTS (shapes); s++)
    check_product (pool, dense, random, shapes[s / 8], s & 1, (s & 2) != 0, s & 4 ? 1 : -2);
  for (guint i = 0; i < THREADS; i++)
    few_dense_free (dense[i]);
  few_pool_free (pool);
  g_rand_free (random);
}

static void
test_factor (gconstpointer data)
{
  guint d = GPOINTER_TO_UINT (data);
  guint m = 3;
  GRand *random = g_rand_new_with_seed (8);
  g_autoptr (FewDense) dense = few_dense_new (NULL);
  g_autofree double *a = positive_matrix (random, d);
  g_autofree double *x = random_values (random, (gsize) m * d);
  g_autofree double *b = g_new0 (double, (gsize) m *d);
  g_autofree double *inverses = g_new (double, few_dense_inverses (d));
  for (guint i = 0; i < m; i++)
    for (guint j = 0; j < d; j++)
      for (guint k = 0; k < d; k++)
        b[i * d + j] += x[i * d + k] * a[(gsize) k * d + j];
  for (guint i = 0; i < d; i++) /* nobody looks above the diagonal */
    for (guint j = i + 1; j < d; j++)
      a[(gsize) i * d + j] = NAN;
  g_assert_true (few_dense_factor (dense, a, d, inverses));
  few_dense_solve (dense, a, inverses, d, b, m);
  for (guint i = 0; i < m * d; i++)
    g_assert_cmpfloat_with_epsilon (b[i], x[i], 1e-9);
  g_rand_free (random);
}

/* x of x a = b by a pool of so many threads, in the place of b; a is factored. */
static void
solve_shared (guint threads, double *a, guint d, double *b, guint m)
{
  g_autofree double *inverses = g_new (double, few_dense_inverses (d));
  FewPool *pool = few_pool_new (threads);
  FewDense *dense[3];
  for (guint i = 0; i < threads; i++)
    dense[i] = few_dense_new (NULL);
  g_assert_true (few_dense_factor_shared (pool, dense, a, d, inverses, NULL));
  few_dense_solve_shared (pool, dense, a, inverses, d, b, m);
  for (guint i = 0; i < threads; i++)
    few_dense_free (dense[i]);
  few_pool_free (pool);
}

/* As one thread does, and the same bits on three. */
static void
test_shared_factor (gconstpointer data)
{
  guint d = GPOINTER_TO_UINT (data);
  guint m = 90;
  gsize size = (gsize) m * d;
  GRand *random = g_rand_new_with_seed (9);
  g_autoptr (FewDense) dense = few_dense_new (NULL);
  g_autofree double *a = positive_matrix (random, d);
  g_autofree double *again = g_memdup2 (a, (gsize) d * d * sizeof (double));
  g_autofree double *wide = g_memdup2 (a, (gsize) d * d * sizeof (double));
  for (guint i = 0; i < d; i++) /* nobody looks above the diagonal */
    for (guint j = i + 1; j < d; j++)
      again[(gsize) i * d + j] = wide[(gsize) i * d + j] = NAN;
  g_autofree double *b = random_values (random, size);
  g_autofree double *x = g_memdup2 (b, size * sizeof (double));
  g_autofree double *y = g_memdup2 (b, size * sizeof (double));
  g_autofree double *inverses = g_new (double, few_dense_inverses (d));
  g_assert_true (few_dense_factor (dense, a, d, inverses));
  few_dense_solve (dense, a, inverses, d, b, m);
  solve_shared (1, again, d, x, m);
  solve_shared (3, wide, d, y, m);
  for (gsize i = 0; i < size; i++)
    g_assert_cmpfloat_with_epsilon (x[i], b[i], 1e-9);
  g_assert_cmpmem (y, size * sizeof (double), x, size * sizeof (double));
  g_rand_free (random);
}

/* Not positive definite in a block behind the first; cancelled. */
static void
test_shared_singular (void)
{
  enum { D = FEW_DENSE_WIDE + 40 };
  GRand *random = g_rand_new_with_seed (10);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (FewPool) pool = few_pool_new (1);
  g_autoptr (FewDense) dense = few_dense_new (NULL);
  g_autofree double *a = positive_matrix (random, D);
  g_autofree double *fine = g_memdup2 (a, (gsize) D * D * sizeof (double));
  g_autofree double *inverses = g_new (double, few_dense_inverses (D));
  a[(gsize) (D - 1) * D + D - 1] = 0;
  g_assert_false (few_dense_factor_shared (pool, &dense, a, D, inverses, cancellable));
  g_cancellable_cancel (cancellable);
  g_assert_false (few_dense_factor_shared (pool, &dense, fine, D, inverses, cancellable));
  g_rand_free (random);
}

static void
test_singular (void)
{
  g_autoptr (FewDense) dense = few_dense_new (NULL);
  double singular[] = { 1, 2, 2, 1 };
  double nothing[] = { NAN };
  g_autofree double *inverses = g_new (double, few_dense_inverses (2));
  g_assert_false (few_dense_factor (dense, singular, 2, inverses));
  g_assert_false (few_dense_factor (dense, nothing, 1, inverses));
}

/* The power method, given time. */
static double
largest_by_power (const double *a, guint d)
{
  g_autofree double *v = g_new (double, d);
  g_autofree double *w = g_new (double, d);
  double quotient = 0;
  for (guint i = 0; i < d; i++)
    v[i] = 1 + 0.1 * i;
  for (guint step = 0; step < 3000; step++)
    {
      double square = 0;
      for (guint i = 0; i < d; i++)
        {
          w[i] = 0;
          for (guint j = 0; j < d; j++)
            w[i] += a[(gsize) i * d + j] * v[j];
          square += w[i] * w[i];
        }
      quotient = sqrt (square);
      for (guint i = 0; i < d; i++)
        v[i] = w[i] / quotient;
    }
  return quotient;
}

static void
test_eigenvalue (gconstpointer data)
{
  guint d = GPOINTER_TO_UINT (data);
  GRand *random = g_rand_new_with_seed (5);
  g_autofree double *a = positive_matrix (random, d);
  double wanted = largest_by_power (a, d);
  double largest = 0;
  g_assert_true (few_dense_largest_eigenvalue (a, d, &largest, NULL));
  g_assert_cmpfloat_with_epsilon (largest, wanted, 1e-9 * wanted);
  g_rand_free (random);
}

/* exp in double precision, from what is certain to what is nearly impossible */
static void
test_softmax (gconstpointer level)
{
  g_autoptr (FewDense) dense = few_dense_new_for (level);
  if (!dense)
    {
      g_test_skip ("this processor lacks the level");
      return;
    }
  for (guint n = 1; n < 40; n++)
    {
      double row[40], wanted[40];
      double sum = 0;
      for (guint i = 0; i < n; i++)
        {
          row[i] = 3 - 1.7 * i * i;
          wanted[i] = exp (row[i] - 3);
          sum += wanted[i];
        }
      g_assert_cmpfloat_with_epsilon (few_dense_softmax (dense, n, row), 3 + log (sum), 1e-14);
      for (guint i = 0; i < n; i++)
        g_assert_cmpfloat_with_epsilon (row[i], wanted[i] / sum, 1e-15 * wanted[i] + 1e-300);
    }
}

int
main (int argc, char **argv)
{
  static const char *const levels[] = { FLOOR, "v3", "v4" };
  static const guint sizes[] = { 1, 5, 31, 32, 33, 97, 200 };
  static const guint shared[] = { 7, FEW_DENSE_WIDE, FEW_DENSE_WIDE + 1, 4 * FEW_DENSE_WIDE + 77 };
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *factor = g_strdup_printf ("/dense/factor/%u", sizes[i]);
      g_autofree char *eigenvalue = g_strdup_printf ("/dense/eigenvalue/%u", sizes[i]);
      g_test_add_data_func (factor, GUINT_TO_POINTER (sizes[i]), test_factor);
      g_test_add_data_func (eigenvalue, GUINT_TO_POINTER (sizes[i]), test_eigenvalue);
    }
  for (guint i = 0; i < G_N_ELEMENTS (shared); i++)
    {
      g_autofree char *factor = g_strdup_printf ("/dense/factor-shared/%u", shared[i]);
      g_test_add_data_func (factor, GUINT_TO_POINTER (shared[i]), test_shared_factor);
    }
  g_test_add_func ("/dense/singular", test_singular);
  g_test_add_func ("/dense/singular-shared", test_shared_singular);
  for (guint i = 0; i < G_N_ELEMENTS (levels); i++)
    {
      g_autofree char *products = g_strdup_printf ("/dense/products/%s", levels[i]);
      g_autofree char *softmax = g_strdup_printf ("/dense/softmax/%s", levels[i]);
      g_test_add_data_func (products, levels[i], test_products);
      g_test_add_data_func (softmax, levels[i], test_softmax);
    }
  return g_test_run ();
}
