/* SPDX-License-Identifier: MIT */
/* Squares of four pixels as rows: two neighbours of a line are one piece. */
#include "clip/squares.h"

void
few_gather_squares (const FewBackendOps *ops, FewStream *stream, guint b, guint side, guint c,
                    const float *x, float *rows)
{
  guint half = side / 2;
  gsize n = (gsize) b * half * half * 2;
  g_autofree guint32 *order = g_new (guint32, n);
  for (gsize i = 0; i < n; i++)
    {
      guint32 square = (guint32) (i / 2);
      guint32 line = square / half * 2 + (guint32) (i % 2); /* of all pictures' */
      order[i] = line * half + square % half;
    }
  ops->gather_rows (stream, (guint) n, 2 * c, order, x, 2 * (gsize) c, rows);
}
