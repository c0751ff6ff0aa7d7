/* SPDX-License-Identifier: MIT */
/* Pillow's filters, bit for bit. */
#include "image/resize.h"
#include <math.h>
#include <string.h>
#if defined __x86_64__
#include <immintrin.h>
#endif

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

static double
bilinear (double x)
{
  return MAX (1 - fabs (x), 0);
}

static double
box (double x)
{
  return x > -0.5 && x <= 0.5 ? 1 : 0;
}

static double
sinc (double x)
{
  return x == 0 ? 1 : sin (x * G_PI) / (x * G_PI);
}

static double
hamming (double x)
{
  x = fabs (x);
  /* Pillow's constants are floats */
  return x < 1 ? sinc (x) * ((double) 0.54f + (double) 0.46f * cos (x * G_PI)) : 0;
}

static double
lanczos (double x)
{
  return x >= -3 && x < 3 ? sinc (x) * sinc (x / 3) : 0;
}

static const struct
{
  double (*weigh) (double x);
  double support;
} kinds[] = {
  [FEW_RESAMPLE_BICUBIC] = { bicubic, 2 }, [FEW_RESAMPLE_BILINEAR] = { bilinear, 1 },
  [FEW_RESAMPLE_BOX] = { box, 0.5 },       [FEW_RESAMPLE_HAMMING] = { hamming, 1 },
  [FEW_RESAMPLE_LANCZOS] = { lanczos, 3 },
};

static void
filter_clear (Filter *filter)
{
  g_free (filter->taps);
  g_free (filter->weights);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Filter, filter_clear)

/* The sample under the middle of each output sample. Pillow adds up the step, and so do we. */
static void
find_nearest (Filter *filter, guint in, guint out, guint from, guint count)
{
  double step = (double) in / out;
  double at = step * 0.5;
  for (guint i = 0; i < from + count; i++, at += step)
    if (i >= from)
      {
        filter->weights[i - from] = 1 << PRECISION;
        filter->taps[i - from] =
            (Taps) { MIN ((guint) at, in - 1), 1, filter->weights + (i - from) };
      }
}

/* The weights of output samples [from, from + count) of a line of `in` samples resized to `out`;
 * without taps when there is no room for them. */
static Filter
filter_new (FewResample resample, guint in, guint out, guint from, guint count)
{
  gboolean nearest = resample == FEW_RESAMPLE_NEAREST;
  double scale = (double) in / out;
  double widening = MAX (scale, 1.0);
  double narrowing = 1 / widening;
  double support = nearest ? 0 : kinds[resample].support * widening;
  guint longest = (guint) ceil (support) * 2 + 1;
  gsize n = (gsize) count * longest;
  Filter filter = { NULL, n <= MOST_WEIGHTS ? g_try_new (gint32, n) : NULL };
  g_autofree double *exact = filter.weights ? g_try_new (double, longest) : NULL;
  filter.taps = exact ? g_try_new (Taps, count) : NULL;
  if (filter.taps && nearest)
    {
      find_nearest (&filter, in, out, from, count);
      return filter;
    }
  for (guint i = 0; filter.taps && i < count; i++)
    {
      double centre = (from + i + 0.5) * scale;
      double sum = 0;
      int first = MAX ((int) (centre - support + 0.5), 0);
      int end = MIN ((int) (centre + support + 0.5), (int) in);
      gint32 *weights = filter.weights + (gsize) i * longest;
      for (int x = first; x < end; x++)
        sum += exact[x - first] = kinds[resample].weigh ((x - centre + 0.5) * narrowing);
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

/* A pixel of a row resized: the sum of `t` over p. */
static inline void
resize_pixel (const Taps *t, const guint8 *p, guint8 *to)
{
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

/* The next row of the output: sums [n] of rows `line` apart. */
static inline __attribute__ ((always_inline)) void
resize_column_any (const Taps *t, gsize n, const guint8 *rows, gint32 *sums, guint8 *out)
{
  for (gsize x = 0; x < n; x++)
    sums[x] = 1 << (PRECISION - 1);
  for (guint i = 0; i < t->count; i++, rows += n)
    {
      gint32 weight = t->weights[i];
      for (gsize x = 0; x < n; x++)
        sums[x] += rows[x] * weight;
    }
  for (gsize x = 0; x < n; x++)
    out[x] = rounded (sums[x]);
}

/* Products of 32 bits are one instruction from SSE4.1 on, which not every x86-64 has. */
#if defined __x86_64__
/* The three colours at once, with the byte that follows, of which nothing becomes. Behind the last
 * of the taps there may be none. */
__attribute__ ((target ("avx2"))) static void
resize_pixel_avx2 (const Taps *t, const guint8 *p, guint8 *to)
{
  const gint32 half = 1 << (PRECISION - 1);
  __m128i even = _mm_setr_epi32 (half, half, half, 0);
  __m128i odd = _mm_setzero_si128 ();
  guint i;
  for (i = 0; i + 2 < t->count; i += 2, p += 6)
    {
      __m128i first = _mm_cvtepu8_epi32 (_mm_loadu_si32 (p));
      __m128i second = _mm_cvtepu8_epi32 (_mm_loadu_si32 (p + 3));
      even = _mm_add_epi32 (even, _mm_mullo_epi32 (first, _mm_set1_epi32 (t->weights[i])));
      odd = _mm_add_epi32 (odd, _mm_mullo_epi32 (second, _mm_set1_epi32 (t->weights[i + 1])));
    }
  for (; i < t->count; i++, p += 3)
    {
      __m128i last = _mm_setr_epi32 (p[0], p[1], p[2], 0);
      even = _mm_add_epi32 (even, _mm_mullo_epi32 (last, _mm_set1_epi32 (t->weights[i])));
    }
  even = _mm_srai_epi32 (_mm_add_epi32 (even, odd), PRECISION);
  __m128i bytes = _mm_packus_epi16 (_mm_packs_epi32 (even, even), even);
  guint32 rgb = (guint32) _mm_cvtsi128_si32 (bytes);
  memcpy (to, &rgb, 3);
}

__attribute__ ((target ("avx2"))) static void
resize_row_avx2 (const Filter *across, guint columns, const guint8 *row, guint8 *to)
{
  for (guint x = 0; x < columns; x++, to += 3)
    resize_pixel_avx2 (&across->taps[x], row + 3 * (gsize) across->taps[x].first, to);
}

__attribute__ ((target ("avx2"))) static void
resize_column_avx2 (const Taps *t, gsize n, const guint8 *rows, gint32 *sums, guint8 *out)
{
  resize_column_any (t, n, rows, sums, out);
}
#endif

/* A row resized: line [columns, 3]. */
static void
resize_row (gboolean plain, const Filter *across, guint columns, const guint8 *row, guint8 *to)
{
#if defined __x86_64__
  if (!plain && __builtin_cpu_supports ("avx2"))
    {
      resize_row_avx2 (across, columns, row, to);
      return;
    }
#endif
  for (guint x = 0; x < columns; x++, to += 3)
    resize_pixel (&across->taps[x], row + 3 * (gsize) across->taps[x].first, to);
}

static void
resize_column (gboolean plain, const Taps *t, gsize n, const guint8 *rows, gint32 *sums,
               guint8 *out)
{
#if defined __x86_64__
  if (!plain && __builtin_cpu_supports ("avx2"))
    {
      resize_column_avx2 (t, n, rows, sums, out);
      return;
    }
#endif
  resize_column_any (t, n, rows, sums, out);
}

gboolean
few_resize_window (const FewRgb *source, const FewWindow *window, guint8 *out, gsize out_stride)
{
  FewResample resample = window->resample;
  guint rows = window->rows;
  guint columns = window->columns;
  g_auto (Filter) across =
      filter_new (resample, source->width, window->width, window->left, columns);
  g_auto (Filter) down = filter_new (resample, source->height, window->height, window->top, rows);
  if (!across.taps || !down.taps)
    return FALSE;
  guint first_row = down.taps[0].first;
  guint end_row = down.taps[rows - 1].first + down.taps[rows - 1].count;
  gsize line = (gsize) columns * 3;
  g_autofree guint8 *between = g_try_malloc ((end_row - first_row) * line);
  g_autofree guint8 *flat = source->alpha ? g_try_malloc ((gsize) source->width * 3) : NULL;
  g_autofree gint32 *sums = g_try_new (gint32, line);
  if (!between || !sums || (source->alpha && !flat))
    return FALSE;
  for (guint y = first_row; y < end_row; y++)
    {
      const guint8 *row = source->pixels + y * source->stride;
      if (source->alpha)
        row = lay_over_white (row, source->width, flat);
      resize_row (window->plain, &across, columns, row, between + (y - first_row) * line);
    }
  for (guint y = 0; y < rows; y++)
    {
      const Taps *t = &down.taps[y];
      resize_column (window->plain, t, line, between + (t->first - first_row) * line, sums,
                     out + y * out_stride);
    }
  return TRUE;
}
