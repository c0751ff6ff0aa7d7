/* SPDX-License-Identifier: MIT */
/* Pictures of a video file: every so many seconds, or where they change. */
#pragma once
#include <glib.h>

typedef struct
{
  const char *file;
  double interval; /* seconds */
  gboolean changes;
  guint most; /* 0: what it is, and no picture */
  guint side;
} FramesWanted;

/* The program's exit status. */
int frames_video (const FramesWanted *wanted);
