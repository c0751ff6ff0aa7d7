/* SPDX-License-Identifier: MIT */
/* What a frame says of itself, as a camera's picture does: EXIF in a JPEG. */
#pragma once
#include <glib.h>

/* Pictures of one source and moment are a burst (few_groups_of_files), which stays on one side of
 * every split, wherever the files are taken and whatever they are called. So all frames of a video
 * have the moment of the video; those of a camera have their own. */
typedef struct
{
  const char *model;       /* "video", "camera" */
  const char *serial;      /* of this video, or sitting before a camera */
  const char *description; /* where it is from */
  gint64 time;             /* µs since 1970 */
} FewFrameSource;

/* A JPEG with that in it. Free with g_byte_array_unref. NULL: it is none. */
GByteArray *few_frame_describe (const guint8 *jpeg, gsize size, const FewFrameSource *source);
