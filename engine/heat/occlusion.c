/* SPDX-License-Identifier: MIT */
/* Pictures of which a window is covered, some at a time, on all lanes. */
#include "base/memory.h"
#include "heat/heat.h"
#include <fewshot/classify.h>
#include <string.h>

/* AT_ONCE: pictures in memory; BLUR: of the picture's side, to each side of a pixel; a window is as
 * wide as WINDOW / 2 places, so that what lies on the border of two is covered whole once. */
enum { AT_ONCE = 16, BLUR = 6, TIMES = 2, WINDOW = 3 };

/* Means of what lies within `radius` along one line of n values, `step` apart. */
static void
blur_line (const float *line, guint n, gsize step, guint radius, float *out)
{
  double sum = 0;
  guint first = 0;
  guint end = 0;
  for (guint i = 0; i < n; i++)
    {
      while (end < MIN (i + radius + 1, n))
        sum += line[step * end++];
      while (first + radius < i)
        sum -= line[step * first++];
      out[step * i] = (float) (sum / (end - first));
    }
}

gboolean
few_heat_blur (const float *pixels, guint side, float *blurred, GError **error)
{
  gsize plane = (gsize) side * side;
  guint radius = MAX (side / BLUR, 1);
  g_autofree float *rows = few_try_floats (plane, 1, "a picture's pixels", error);
  if (!rows)
    return FALSE;
  memcpy (blurred, pixels, 3 * plane * sizeof *blurred);
  for (guint turn = 0; turn < 3 * TIMES; turn++)
    {
      float *channel = blurred + turn / TIMES * plane;
      for (guint i = 0; i < side; i++)
        blur_line (channel + (gsize) i * side, side, 1, radius, rows + (gsize) i * side);
      for (guint i = 0; i < side; i++)
        blur_line (rows + i, side, side, radius, channel + i);
    }
  return TRUE;
}

/* The window of place `index` along one side of r pixels. */
static void
find_window (guint index, guint r, guint *from, guint *to)
{
  guint twice = 2 * FEW_OCCLUSION_SIDE;
  guint middle = (2 * index + 1) * r; /* over `twice` */
  guint half = WINDOW * r / 2;
  *from = middle > half ? (middle - half) / twice : 0;
  *to = MIN (r, (middle + half + twice - 1) / twice);
}

/* to [3, R, R] = the picture, with the window of a place out of its blurred copy */
static void
cover_place (const float *pixels, const float *blurred, guint r, guint place, float *to)
{
  guint left, right, top, bottom;
  find_window (place % FEW_OCCLUSION_SIDE, r, &left, &right);
  find_window (place / FEW_OCCLUSION_SIDE, r, &top, &bottom);
  memcpy (to, pixels, (gsize) 3 * r * r * sizeof *to);
  for (guint c = 0; c < 3; c++)
    for (guint y = top; y < bottom; y++)
      {
        gsize at = ((gsize) c * r + y) * r + left;
        memcpy (to + at, blurred + at, (right - left) * sizeof *to);
      }
}

gboolean
few_heat_occlude (const FewHeatJob *job, float *features, GError **error)
{
  guint r = few_model_info (job->model)->preprocess.size;
  guint places = FEW_OCCLUSION_SIDE * FEW_OCCLUSION_SIDE;
  gsize one = (gsize) 3 * r * r;
  gsize length = few_classifier_length (job->classifier);
  g_autofree float *blurred = few_try_floats (1 + AT_ONCE, one, "covered pictures", error);
  if (!blurred || !few_heat_blur (job->pixels, r, blurred, error)
      || !few_classifier_encode_pixels (job->classifier, job->model, job->pixels, 1, features,
                                        job->cancellable, error))
    return FALSE;
  float *covered = blurred + one;
  for (guint first = 0; first < places; first += AT_ONCE)
    {
      guint n = MIN (AT_ONCE, places - first);
      for (guint i = 0; i < n; i++)
        cover_place (job->pixels, blurred, r, first + i, covered + i * one);
      if (!few_classifier_encode_pixels (job->classifier, job->model, covered, n,
                                         features + (1 + first) * length, job->cancellable, error))
        return FALSE;
      if (job->progress)
        job->progress (job->user, first + n, places);
    }
  return TRUE;
}
