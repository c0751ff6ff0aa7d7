/* SPDX-License-Identifier: MIT */
/* When and with which camera a picture was taken, as EXIF has it. */
#pragma once
#include <glib.h>

/* Bytes at the start of a JPEG that hold its EXIF: a segment of 64 kB behind a few others. */
enum { FEW_MOMENT_HEAD = 96 << 10 };

typedef struct
{
  guint64 camera; /* maker, model and serial number, as one number */
  gint64 time;    /* ms, on the camera's clock */
} FewMoment;

/* Of the start of a JPEG. FALSE where camera or time are not told, or not as EXIF tells them. */
gboolean few_moment_read (const guint8 *data, gsize size, FewMoment *moment);
