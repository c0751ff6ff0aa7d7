/* SPDX-License-Identifier: MIT */
/* The inner loops in double precision, for what is solved rather than iterated: a tile of a
 * product, and the softmax of a row. One source for every level, as kernels.c. */
#include "backend/cpu/kernels-levelled.h"
#include "backend/cpu/vector.h"
#include <math.h>

enum { WIDE_LANES = VECTOR_BYTES / sizeof (double), WIDE_COLUMNS = 2 * WIDE_LANES };

typedef double Wide __attribute__ ((vector_size (VECTOR_BYTES)));
typedef double WideU __attribute__ ((vector_size (VECTOR_BYTES), aligned (8), may_alias));
typedef gint64 WideInt __attribute__ ((vector_size (VECTOR_BYTES)));

INLINE Wide
load_wide (const double *p)
{
  return *(const WideU *) p;
}

INLINE void
store_wide (double *p, Wide v)
{
  *(WideU *) p = v;
}

/* a: entry i of step j stands at a + i row + j step; b: rows of ldb */
INLINE void
sum_tile (guint k, const double *a, gsize row, gsize step, const double *b, gsize ldb, double *c,
          gsize ldc)
{
  Wide sum[TILE_ROWS][2];
#pragma GCC unroll 16
  for (guint i = 0; i < TILE_ROWS; i++)
    sum[i][0] = sum[i][1] = (Wide) { 0 };
  for (guint j = 0; j < k; j++, a += step, b += ldb)
    {
      Wide left = load_wide (b);
      Wide right = load_wide (b + WIDE_LANES);
#pragma GCC unroll 16
      for (guint i = 0; i < TILE_ROWS; i++)
        {
          sum[i][0] += a[i * row] * left;
          sum[i][1] += a[i * row] * right;
        }
    }
#pragma GCC unroll 16
  for (guint i = 0; i < TILE_ROWS; i++)
    {
      store_wide (c + i * ldc, load_wide (c + i * ldc) + sum[i][0]);
      store_wide (c + i * ldc + WIDE_LANES, load_wide (c + i * ldc + WIDE_LANES) + sum[i][1]);
    }
}

void
FEW_LEVELLED (double_tile) (guint k, const double *a, const double *b, double *c, gsize ldc)
{
  sum_tile (k, a, 1, TILE_ROWS, b, WIDE_COLUMNS, c, ldc);
}

void
FEW_LEVELLED (double_tile_rows) (guint k, const double *a, gsize lda, const double *b, double *c,
                                 gsize ldc)
{
  sum_tile (k, a, lda, 1, b, WIDE_COLUMNS, c, ldc);
}

void
FEW_LEVELLED (double_tile_columns) (guint k, const double *a, const double *b, gsize ldb, double *c,
                                    gsize ldc)
{
  sum_tile (k, a, 1, TILE_ROWS, b, ldb, c, ldc);
}

/* exp to about 1 ulp for x ≤ 0; 0 below −700, where nothing subnormal is wanted. 2ⁿ · p(r),
 * |r| ≤ ½ ln 2, with the Taylor polynomial of degree 13: what it leaves out is 4·10⁻¹⁸. */
INLINE Wide
wide_exp (Wide x)
{
  static const double inverse_factorial[] = {
    1.0 / 6227020800,
    1.0 / 479001600,
    1.0 / 39916800,
    1.0 / 3628800,
    1.0 / 362880,
    1.0 / 40320,
    1.0 / 5040,
    1.0 / 720,
    1.0 / 120,
    1.0 / 24,
    1.0 / 6,
    1.0 / 2,
    1,
    1,
  };
  const double shift = 0x1.8p52; /* its last bit counts ones */
  WideInt tiny = x < -700.0;
  x = (Wide) ((WideInt) x & ~tiny);
  Wide shifted = x * 1.4426950408889634 + shift;
  Wide n = shifted - shift;
  Wide r = x - n * 0x1.62e42feep-1 - n * 0x1.a39ef35793c76p-33; /* ln 2 in two parts */
  Wide p = r * inverse_factorial[0] + inverse_factorial[1];
  for (guint i = 2; i < G_N_ELEMENTS (inverse_factorial); i++)
    p = p * r + inverse_factorial[i];
  WideInt scaled = (WideInt) p + ((WideInt) shifted << 52);
  return (Wide) (scaled & ~tiny);
}

double
FEW_LEVELLED (double_softmax) (guint n, double *row)
{
  double largest = row[0];
  for (guint i = 1; i < n; i++)
    largest = row[i] > largest ? row[i] : largest;
  Wide total = { 0 };
  double sum = 0;
  guint i;
  for (i = 0; i + WIDE_LANES <= n; i += WIDE_LANES)
    {
      Wide e = wide_exp (load_wide (row + i) - largest);
      store_wide (row + i, e);
      total += e;
    }
  if (i < n)
    {
      double last[WIDE_LANES] = { 0 };
      memcpy (last, row + i, (n - i) * sizeof (double));
      store_wide (last, wide_exp (load_wide (last) - largest));
      for (guint j = i; j < n; j++)
        sum += row[j] = last[j - i];
    }
  for (guint lane = 0; lane < WIDE_LANES; lane++)
    sum += total[lane];
  double scale = 1 / sum;
  for (i = 0; i < n; i++)
    row[i] *= scale;
  return largest + log (sum);
}
