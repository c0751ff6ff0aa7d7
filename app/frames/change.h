/* SPDX-License-Identifier: MIT */
/* Whether a picture shows something else than the last one that was kept. */
#pragma once
#include <gst/gst.h>

enum { FRAMES_CELLS = 16 };

typedef struct
{
  float kept[FRAMES_CELLS * FRAMES_CELLS * 3];
  float before[FRAMES_CELLS * FRAMES_CELLS * 3];
  gboolean any;  /* one was kept */
  guint waiting; /* so many pictures are others than that already, and none stayed */
} FramesChange;

/* Of a sample of RGB video, in the order of the video: whether it is to be kept. */
gboolean frames_change_see (FramesChange *change, GstSample *sample);
