/* SPDX-License-Identifier: MIT */
/* Pillow's bicubic, bit for bit. */
#include "image/resize.h"
#include <math.h>

enum { PRECISION = 32 - 8 - 2, MOST_WEIGHTS = 1 << 24 };

typedef struct
{
  guint first, count;
  const gint32 *weights;
} Taps;

typedef struct
{
  Taps *taps;
  gint32 *weights;
} Filter;

static double
bicubic (double x)
{
  const double a = -0.5;
  x = fabs (x);
  if (x < 1)
    return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2)
    return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

static void
filter_clear (Filter *filter)
{
  g_free (filter->taps);
  g_free (filter->weights);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Filter, filter_clear)

/* The weights of output samples [from, from + count) of a line of `in` samples resized to `out`;
 * without taps when there is no room for them. */
static Filter
filter_new (guint in, guint out, guint from, guint count)
{
  double scale = (double) in / out;
  double widening = MAX (scale, 1.0);
  double support = 2.0 * widening;
  guint longest = (guint) ceil (support) * 2 + 1;
  gsize n = (gsize) count * longest;
  Filter filter = { NULL, n <= MOST_WEIGHTS ? g_try_new (gint32, n) : NULL };
  g_autofree double *exact = filter.weights ? g_try_new (double, longest) : NULL;
  filter.taps = exact ? g_try_new (Taps, count) : NULL;
  for (guint i = 0; filter.taps && i < count; i++)
    {
      double centre = (from + i + 0.5) * scale;
      double sum = 0;
      int first = MAX ((int) (centre - support + 0.5), 0);
      int end = MIN ((int) (centre + support + 0.5), (int) in);
      gint32 *weights = filter.weights + (gsize) i * longest;
      for (int x = first; x < end; x++)
        sum += exact[x - first] = bicubic ((x - centre + 0.5) / widening);
      for (int x = 0; x < end - first; x++)
        {
          double w = (sum != 0 ? exact[x] / sum : exact[x]) * (1 << PRECISION);
          weights[x] = (gint32) (w < 0 ? w - 0.5 : w + 0.5);
        }
      filter.taps[i] = (Taps) { (guint) first, (guint) (end - first), weights };
    }
  return filter;
}

static inline guint8
rounded (gint32 sum)
{
  gint32 value = sum >> PRECISION;
  return (guint8) CLAMP (value, 0, 255);
}

/* A row over white: (c·a + 255·(255 − a)) / 255, rounded. A row at a time: a copy of the whole
 * picture would be as large as the picture. */
static const guint8 *
lay_over_white (const guint8 *row, guint width, guint8 *flat)
{
  guint8 *to = flat;
  for (guint x = 0; x < width; x++, row += 4, to += 3)
    for (int c = 0; c < 3; c++)
      to[c] = (guint8) ((row[c] * row[3] + 255 * (255 - row[3]) + 127) / 255);
  return flat;
}

gboolean
few_resize_bicubic_window (const FewRgb *source, guint width, guint height, guint left, guint top,
                           guint side, guint8 *out)
{
  g_auto (Filter) across = filter_new (source->width, width, left, side);
  g_auto (Filter) down = filter_new (source->height, height, top, side);
  if (!across.taps || !down.taps)
    return FALSE;
  guint first_row = down.taps[0].first;
  guint end_row = down.taps[side - 1].first + down.taps[side - 1].count;
  gsize line = (gsize) side * 3;
  g_autofree guint8 *between = g_try_malloc ((end_row - first_row) * line);
  g_autofree guint8 *flat = source->alpha ? g_try_malloc ((gsize) source->width * 3) : NULL;
  if (!between || (source->alpha && !flat))
    return FALSE;
  for (guint y = first_row; y < end_row; y++)
    {
      const guint8 *row = source->pixels + y * source->stride;
      if (source->alpha)
        row = lay_over_white (row, source->width, flat);
      guint8 *to = between + (y - first_row) * line;
      for (guint x = 0; x < side; x++, to += 3)
        {
          const Taps *t = &across.taps[x];
          const guint8 *p = row + 3 * (gsize) t->first;
          gint32 r = 1 << (PRECISION - 1);
          gint32 g = r;
          gint32 b = r;
          for (guint i = 0; i < t->count; i++, p += 3)
            {
              r += p[0] * t->weights[i];
              g += p[1] * t->weights[i];
              b += p[2] * t->weights[i];
            }
          to[0] = rounded (r);
          to[1] = rounded (g);
          to[2] = rounded (b);
        }
    }
  g_autofree gint32 *sums = g_new (gint32, line);
  for (guint y = 0; y < side; y++)
    {
      const Taps *t = &down.taps[y];
      for (gsize x = 0; x < line; x++)
        sums[x] = 1 << (PRECISION - 1);
      for (guint i = 0; i < t->count; i++)
        {
          const guint8 *row = between + (t->first - first_row + i) * line;
          gint32 weight = t->weights[i];
          for (gsize x = 0; x < line; x++)
            sums[x] += row[x] * weight;
        }
      for (gsize x = 0; x < line; x++)
        out[y * line + x] = rounded (sums[x]);
    }
  return TRUE;
}
