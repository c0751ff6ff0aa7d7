/* SPDX-License-Identifier: MIT */
/* Pictures are compared by the mean colours of 16 × 16 cells, so that noise counts for nothing. One
 * that is another is kept once the picture stays: neither the middle of a fade nor what a quick
 * turn of the camera smears. */
#include "frames/change.h"
#include <gst/video/video.h>
#include <math.h>
#include <string.h>

enum { N = FRAMES_CELLS * FRAMES_CELLS * 3, PATIENCE = 4 };
/* mean difference, of 1: what makes another picture, and what still is the same one */
static const float OTHER = .06f, SAME = .025f;

static void
add_row (const guint8 *row, guint width, guint cell_row, float *sums, guint *counts)
{
  for (guint x = 0; x < width; x++)
    {
      guint cell = cell_row * FRAMES_CELLS + x * FRAMES_CELLS / width;
      for (guint c = 0; c < 3; c++)
        sums[3 * cell + c] += row[3 * x + c];
      counts[cell]++;
    }
}

static gboolean
measure (GstSample *sample, float *cells)
{
  GstVideoInfo info;
  GstVideoFrame frame;
  guint counts[FRAMES_CELLS * FRAMES_CELLS] = { 0 };
  if (!gst_video_info_from_caps (&info, gst_sample_get_caps (sample))
      || !gst_video_frame_map (&frame, &info, gst_sample_get_buffer (sample), GST_MAP_READ))
    return FALSE;
  guint width = (guint) GST_VIDEO_INFO_WIDTH (&info);
  guint height = (guint) GST_VIDEO_INFO_HEIGHT (&info);
  gsize stride = (gsize) GST_VIDEO_FRAME_PLANE_STRIDE (&frame, 0);
  const guint8 *pixels = GST_VIDEO_FRAME_PLANE_DATA (&frame, 0);
  memset (cells, 0, N * sizeof *cells);
  for (guint y = 0; y < height; y++)
    add_row (pixels + y * stride, width, y * FRAMES_CELLS / height, cells, counts);
  for (guint i = 0; i < N; i++)
    cells[i] /= 255.f * (float) MAX (counts[i / 3], 1);
  gst_video_frame_unmap (&frame);
  return TRUE;
}

static float
compare (const float *a, const float *b)
{
  float sum = 0;
  for (guint i = 0; i < N; i++)
    sum += fabsf (a[i] - b[i]);
  return sum / N;
}

gboolean
frames_change_see (FramesChange *change, GstSample *sample)
{
  float now[N];
  if (!measure (sample, now))
    return FALSE;
  gboolean stays = change->any && compare (now, change->before) < SAME;
  gboolean other = !change->any || compare (now, change->kept) > OTHER;
  memcpy (change->before, now, sizeof now);
  change->waiting = other ? change->waiting + 1 : 0;
  if (!other || (change->any && !stays && change->waiting < PATIENCE))
    return FALSE;
  change->any = TRUE;
  change->waiting = 0;
  memcpy (change->kept, now, sizeof now);
  return TRUE;
}
