/* SPDX-License-Identifier: MIT */
/* Subspace iteration on RᵀR, which is made once: a round is then two products with [d, d]. */
#include "lens/axes.h"
#include "backend/dense.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/words.h"
#include <math.h>
#include <string.h>

enum { AXES = FEW_MAP_AXES, MOST_ROUNDS = 500, ROWS = 1024 };

static const char WHAT[] = N_ ("the map");

double
few_axes_multiply (const float *a, const float *b, guint d)
{
  float sums[8] = { 0 };
  guint j = 0;
  for (; j + 8 <= d; j += 8)
    for (guint l = 0; l < 8; l++)
      sums[l] += a[j + l] * b[j + l];
  double sum = 0;
  for (guint l = 0; l < 8; l++)
    sum += sums[l];
  for (; j < d; j++)
    sum += (double) a[j] * b[j];
  return sum;
}

double
few_axes_centre (float *rows, guint n, guint d, float *mean)
{
  double total = 0;
  g_autofree double *sum = g_new0 (double, d);
  for (guint i = 0; i < n; i++)
    {
      float *row = rows + (gsize) i * d;
      double square = few_axes_multiply (row, row, d);
      float scale = square > 1e-24 ? (float) (1 / sqrt (square)) : 0;
      for (guint j = 0; j < d; j++)
        sum[j] += row[j] = scale > 0 ? row[j] * scale : 0;
    }
  for (guint j = 0; j < d; j++)
    mean[j] = (float) (sum[j] / MAX (n, 1));
  for (guint i = 0; i < n; i++)
    for (guint j = 0; j < d; j++)
      {
        float *value = rows + (gsize) i * d + j;
        *value -= mean[j];
        total += (double) *value * *value;
      }
  return total;
}

static double
multiply_doubles (const double *a, const double *b, guint d)
{
  double sums[4] = { 0 };
  guint j = 0;
  for (; j + 4 <= d; j += 4)
    for (guint l = 0; l < 4; l++)
      sums[l] += a[j + l] * b[j + l];
  for (; j < d; j++)
    sums[0] += a[j] * b[j];
  return sums[0] + sums[1] + sums[2] + sums[3];
}

/* axes [2, d] to orthonormal rows; their lengths before in size */
static void
orthonormalise_axes (double *axes, guint d, double size[AXES])
{
  for (guint k = 0; k < AXES; k++)
    {
      double *axis = axes + (gsize) k * d;
      for (guint p = 0; p < k; p++)
        {
          const double *other = axes + (gsize) p * d;
          double along = multiply_doubles (axis, other, d);
          for (guint j = 0; j < d; j++)
            axis[j] -= along * other[j];
        }
      size[k] = sqrt (multiply_doubles (axis, axis, d));
      for (guint j = 0; j < d; j++)
        axis[j] = size[k] > 1e-12 ? axis[j] / size[k] : 0;
    }
}

/* square [d, d] = RᵀR, some rows at a time */
static gboolean
square_rows (FewPool *pool, const float *rows, guint n, guint d, double *square, double *some,
             GCancellable *cancellable, GError **error)
{
  FewDense **dense = few_dense_new_each (pool, error);
  gboolean ok = dense != NULL;
  for (guint first = 0; ok && first < n; first += ROWS)
    {
      guint m = MIN (ROWS, n - first);
      for (gsize i = 0; i < (gsize) m * d; i++)
        some[i] = (double) rows[(gsize) first * d + i];
      FewDenseProduct product = { .m = d,
                                  .n = d,
                                  .k = m,
                                  .scale = 1,
                                  .beta = first > 0,
                                  .a = some,
                                  .lda = d,
                                  .transpose_a = TRUE,
                                  .b = some,
                                  .ldb = d,
                                  .c = square,
                                  .ldc = d,
                                  .lower = TRUE };
      few_dense_product_shared (pool, dense, &product);
      ok = !g_cancellable_set_error_if_cancelled (cancellable, error);
    }
  few_dense_free_each (dense);
  few_dense_mirror (square, d);
  return ok;
}

/* The same way round every time: the largest part is positive. */
static void
turn_axes (const double *axes, guint d, float *out)
{
  for (guint k = 0; k < AXES; k++)
    {
      const double *axis = axes + (gsize) k * d;
      double largest = 0;
      for (guint j = 0; j < d; j++)
        largest = fabs (axis[j]) > fabs (largest) ? axis[j] : largest;
      for (guint j = 0; j < d; j++)
        out[(gsize) k * d + j] = (float) (largest < 0 ? -axis[j] : axis[j]);
    }
}

gboolean
few_axes_find (FewPool *pool, const float *rows, guint n, guint d, float *axes,
               double variance[AXES], GCancellable *cancellable, GError **error)
{
  g_autoptr (GRand) rand = few_rand_new (1);
  g_auto (FewRoom) room = { 0 };
  double *square = few_room_new (&room, double, d, d);
  double *some = few_room_new (&room, double, MIN (n, ROWS), d);
  double *now = few_room_new (&room, double, AXES, d);
  double *next = few_room_new (&room, double, AXES, d);
  double before[AXES] = { 0 };
  if (few_room_is_short (&room, WHAT, error)
      || !square_rows (pool, rows, n, d, square, some, cancellable, error))
    return FALSE;
  for (gsize j = 0; j < (gsize) AXES * d; j++)
    now[j] = g_rand_double_range (rand, -1, 1);
  orthonormalise_axes (now, d, variance);
  for (guint round = 0; round < MOST_ROUNDS; round++)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      for (guint k = 0; k < AXES; k++)
        for (guint j = 0; j < d; j++)
          next[(gsize) k * d + j] =
              multiply_doubles (square + (gsize) j * d, now + (gsize) k * d, d);
      memcpy (now, next, (gsize) AXES * d * sizeof *now);
      orthonormalise_axes (now, d, variance);
      if (fabs (variance[0] - before[0]) <= 1e-7 * variance[0]
          && fabs (variance[1] - before[1]) <= 1e-7 * variance[0])
        break;
      memcpy (before, variance, sizeof before);
    }
  turn_axes (now, d, axes);
  return TRUE;
}
