/* SPDX-License-Identifier: MIT */
/* Convolutions of each channel for itself: a row of output pixels, a panel's width of channels.
 * As many pixels as a product's tile has rows are summed in registers, so that a weight is read
 * once for all of them. */
#include "backend/cpu/kernels-levelled.h"
#include "backend/cpu/vector.h"

typedef struct
{
  guint kernel, stride, n_rows;
  const float *const *rows;
  const float *weights, *bias;
  FewActivation activation;
} Taps;

/* m pixels (a compile-time constant) from x, the first's place in each row. In the order of the
 * taps: features do not depend on how many pixels are summed at once. */
INLINE void
sum_taps (const guint m, const guint kernel, const guint stride, const Taps *t, gsize x,
          float *sums)
{
  Vec sum[TILE_ROWS][2];
  const float *weight = t->weights;
#pragma GCC unroll 16
  for (guint i = 0; i < m; i++)
    {
      sum[i][0] = load (t->bias);
      sum[i][1] = load (t->bias + LANES);
    }
  for (guint row = 0; row < t->n_rows; row++)
    {
      const float *from = t->rows[row] + x;
      for (guint tap = 0; tap < kernel; tap++, from += COLUMNS, weight += COLUMNS)
        {
          /* or the compiler keeps what neighbours share, and spills the sums for it */
          __asm__ ("" : "+r"(from));
          Vec left = load (weight);
          Vec right = load (weight + LANES);
#pragma GCC unroll 16
          for (guint i = 0; i < m; i++)
            {
              sum[i][0] += load (from + (gsize) i * stride * COLUMNS) * left;
              sum[i][1] += load (from + (gsize) i * stride * COLUMNS + LANES) * right;
            }
        }
    }
#pragma GCC unroll 16
  for (guint i = 0; i < m; i++)
    {
      store (sums + i * COLUMNS, sum[i][0]);
      store (sums + i * COLUMNS + LANES, sum[i][1]);
    }
}

static void
sum_by_stride (guint m, const Taps *t, gsize x, float *sums)
{
#define NEXT(n) sum_taps (n, t->kernel, 1, t, x, sums)
#define SECOND(n) sum_taps (n, t->kernel, 2, t, x, sums)
  if (t->stride == 1)
    SWITCH_HEIGHT (m, NEXT)
  else
    SWITCH_HEIGHT (m, SECOND)
#undef NEXT
#undef SECOND
}

void
FEW_LEVELLED (depthwise) (guint pixels, guint kernel, guint stride, guint n_rows,
                          const float *const *rows, const float *weights, const float *bias,
                          FewActivation activation, float *y, gsize ldy, guint columns)
{
  const Taps taps = { kernel, stride, n_rows, rows, weights, bias, activation };
  float sums[TILE_ROWS * COLUMNS] __attribute__ ((aligned (VECTOR_BYTES)));
  const FewEpilogue epilogue = { .activation = activation, .scale = 1 };
  guint tiles = (pixels + TILE_ROWS - 1) / TILE_ROWS;
  for (guint t = 0; t < tiles; t++)
    {
      guint first = pixels * t / tiles;
      guint m = pixels * (t + 1) / tiles - first;
      sum_by_stride (m, &taps, (gsize) first * stride * COLUMNS, sums);
      FEW_LEVELLED (finish_tile) (m, sums, &epilogue, y + first * ldy, ldy, columns);
    }
}
