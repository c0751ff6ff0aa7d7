/* SPDX-License-Identifier: MIT */
/* The transforms of Winograd's F(4×4, 3×3): 36 multiplications an input channel for 16 results
 * where the direct sum needs 144. Points 0, ±1, ±2, ∞ (Lavin and Gray, "Fast Algorithms for
 * Convolutional Neural Networks", 2016, §4.4). */
#include "backend/cpu/kernels-levelled.h"
#include "backend/cpu/vector.h"

/* Bᵀ d of one line of six */
INLINE void
input_line (const Vec d[6], Vec out[6])
{
  Vec even = d[4] - 4 * d[2];
  Vec odd = d[3] - 4 * d[1];
  Vec near = d[4] - d[2];
  Vec far = 2 * (d[3] - d[1]);
  out[0] = 4 * d[0] - 5 * d[2] + d[4];
  out[1] = even + odd;
  out[2] = even - odd;
  out[3] = near + far;
  out[4] = near - far;
  out[5] = 4 * d[1] - 5 * d[3] + d[5];
}

void
FEW_LEVELLED (winograd_input) (guint c, const float *const pixels[36], float *points, gsize plane)
{
  for (guint at = 0; at < c; at += LANES)
    {
      Vec columns[6][6]; /* [row of Bᵀ][column of the tile] */
      for (int x = 0; x < 6; x++)
        {
          Vec line[6], out[6];
          for (int y = 0; y < 6; y++)
            line[y] = load (pixels[6 * y + x] + at);
          input_line (line, out);
          for (int y = 0; y < 6; y++)
            columns[y][x] = out[y];
        }
      for (int y = 0; y < 6; y++)
        {
          Vec out[6];
          input_line (columns[y], out);
          for (int x = 0; x < 6; x++)
            store (points + (gsize) (6 * y + x) * plane + at, out[x]);
        }
    }
}

/* Aᵀ m of one line of six */
INLINE void
output_line (const Vec m[6], Vec out[4])
{
  Vec sum1 = m[1] + m[2];
  Vec difference1 = m[1] - m[2];
  Vec sum2 = m[3] + m[4];
  Vec difference2 = m[3] - m[4];
  out[0] = m[0] + sum1 + sum2;
  out[1] = difference1 + 2 * difference2;
  out[2] = sum1 + 4 * sum2;
  out[3] = difference1 + 8 * difference2 + m[5];
}

void
FEW_LEVELLED (winograd_output) (guint n, const float *points, gsize plane, const float *bias,
                                FewActivation activation, guint rows, guint columns, float *y,
                                gsize ld_row, gsize ld_pixel)
{
  for (guint at = 0; at < n; at += LANES)
    {
      Vec lines[4][6];
      for (int j = 0; j < 6; j++)
        {
          Vec m[6], out[4];
          for (int i = 0; i < 6; i++)
            m[i] = load (points + (gsize) (6 * i + j) * plane + at);
          output_line (m, out);
          for (int i = 0; i < 4; i++)
            lines[i][j] = out[i];
        }
      Vec shift = load (bias + at);
      for (guint i = 0; i < rows; i++)
        {
          Vec out[4];
          output_line (lines[i], out);
          for (guint j = 0; j < columns; j++)
            store (y + i * ld_row + j * ld_pixel + at, activate (out[j] + shift, activation));
        }
    }
}
