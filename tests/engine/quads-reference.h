/* SPDX-License-Identifier: MIT */
/* Products of bytes by plain loops over integers, which every level of kernels-quads.c has to give
 * to the last bit. Needs no library, so that it runs under qemu-user, too. */
#pragma once
#include "backend/cpu/kernel-table.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static guint32 quads_state = 777;

static inline guint32
quads_random (void)
{
  quads_state = quads_state * 1664525u + 1013904223u;
  return quads_state >> 8;
}

/* Weights of eight bytes whose groups 0, 1, 4, 5 and 2, 3, 6, 7 have 128 of one sign at most. */
static inline void
quads_draw_narrow (gint8 w[8])
{
  static const gint8 extremes[][4] = { { 127, 1, 0, 0 },       { 1, 0, 127, 0 },
                                       { 64, 64, 0, 0 },       { 32, 32, 32, 32 },
                                       { -127, 0, 0, -1 },     { -64, 0, -64, 0 },
                                       { -32, -32, -32, -32 }, { 127, -127, 1, -1 } };
  for (int group = 0; group < 2; group++)
    {
      const gint8 *extreme = extremes[quads_random () % 8];
      gboolean extremely = quads_random () % 2;
      for (int i = 0; i < 4; i++)
        {
          int at = group * 2 + i % 2 + i / 2 * 4;
          w[at] = extremely ? extreme[i] : (gint8) ((int) (quads_random () % 65) - 32);
        }
    }
}

/* a [m, 4 K] and panel [K, columns, 4] of bytes; half of a is 255. narrow: FewQuadKernels. */
static inline void
quads_draw (guint m, guint k, guint columns, gboolean narrow, guint8 *a, gint8 *panel)
{
  for (gsize i = 0; i < (gsize) m * 4 * k; i++)
    a[i] = quads_random () % 2 ? 255 : (guint8) quads_random ();
  for (guint j = 0; j < k; j += 2)
    for (guint n = 0; n < columns; n++)
      {
        gint8 w[8];
        quads_draw_narrow (w);
        for (int i = 0; i < 8; i++)
          {
            gint8 wide = (gint8) ((int) (quads_random () % 255) - 127);
            panel[((gsize) (j + i / 4) * columns + n) * 4 + i % 4] = narrow ? w[i] : wide;
          }
      }
}

/* The number of results of a tile of that height that are not those of the loops. Sums stay below
 * 2²⁴, so that their floats are exact. */
static inline guint
quads_tile_faults (const FewQuadKernels *kernels, guint m, guint k, guint columns, guint width,
                   gboolean narrow)
{
  guint8 *a = malloc ((gsize) m * k * 4);
  gint8 *panel = malloc ((gsize) k * columns * 4);
  float *c = calloc ((gsize) m * columns, sizeof (float));
  float *ones = malloc ((m + columns) * sizeof (float));
  float *lows = malloc (m * sizeof (float));
  gint32 *sums = calloc (columns, sizeof (gint32));
  guint faults = 0;
  quads_draw (m, k, columns, narrow, a, panel);
  for (guint i = 0; i < m + columns; i++)
    ones[i] = 1;
  for (guint i = 0; i < m; i++)
    lows[i] = -(float) (quads_random () % 256);
  for (guint n = 0; n < columns; n++)
    for (guint i = 0; i < 4 * k; i++)
      sums[n] += panel[((gsize) (i / 4) * columns + n) * 4 + i % 4];
  FewEpilogue e = {
    .scale = 1, .row_steps = ones, .row_lows = lows, .column_scales = ones + m, .column_sums = sums
  };
  gconstpointer left = a;
  gconstpointer right = panel;
  if (kernels->tile.open)
    kernels->tile.open (m);
  kernels->tile.run (m, k, left, k, right, right, 0, &e, c, columns, width);
  if (kernels->tile.close)
    kernels->tile.close ();
  for (guint i = 0; i < m; i++)
    for (guint n = 0; n < columns; n++)
      {
        gint32 sum = 0;
        for (guint j = 0; j < 4 * k; j++)
          sum += a[(gsize) i * 4 * k + j] * panel[((gsize) (j / 4) * columns + n) * 4 + j % 4];
        float expected = n < width ? (float) (sum + (gint32) lows[i] * sums[n]) : 0;
        faults += c[i * columns + n] != expected;
      }
  free (a);
  free (panel);
  free (c);
  free (ones);
  free (lows);
  free (sums);
  return faults;
}

/* The same of rows to bytes. what: 0 values of both signs, 1 all equal, 2 with NaN, 3 with
 * infinity, 4 of a range that has no float */
static inline guint
quads_convert_faults (const FewQuadKernels *kernels, guint n, int what)
{
  float *x = malloc (n * sizeof (float));
  guint8 *bytes = calloc (n + 8, 1);
  volatile float low = INFINITY;
  volatile float high = -INFINITY;
  float step;
  float found;
  for (guint i = 0; i < n; i++)
    x[i] = what == 1 ? 3.25f : (float) quads_random () / (1 << 22) - 1;
  if (what == 2)
    x[quads_random () % n] = NAN;
  if (what == 3)
    x[quads_random () % n] = -INFINITY;
  if (what == 4)
    x[quads_random () % n] = quads_random () % 2 ? 3e38f : -3e38f;
  for (guint i = 0; i < n; i++)
    {
      low = x[i] < low ? x[i] : low;
      high = x[i] > high ? x[i] : high;
    }
  gpointer quads = bytes;
  kernels->convert (n, x, quads, &step, &found);
  gboolean wild = what >= 2 && !(what == 4 && n == 1);
  guint faults = 0;
  volatile float range = high - low;
  volatile float inverse = range > 0 ? 255 / range : 0;
  for (guint i = 0; i < n && !wild; i++)
    {
      volatile float off = x[i] - low;
      volatile float scaled = off * inverse;
      faults += bytes[i] != (guint8) rintf (scaled);
    }
  faults += wild ? !isnan (found) : found != low;
  faults += step != (wild || n == 1 ? 0 : range / 255);
  free (x);
  free (bytes);
  return faults;
}
