/* SPDX-License-Identifier: MIT */
/* When and with which camera a picture was taken, as EXIF has it. */
#pragma once
#include "base/file.h"

typedef struct
{
  guint64 camera; /* maker, model and serial number, as one number */
  gint64 time;    /* ms, on the camera's clock */
} FewMoment;

/* Of a JPEG, PNG, WebP, TIFF, HEIC, AVIF or JPEG XL. FALSE where camera or time are not told, or
 * not as EXIF tells them. */
gboolean few_moment_of_file (const FewFile *file, FewMoment *moment);
/* The same of its bytes. */
gboolean few_moment_read (const guint8 *data, gsize size, FewMoment *moment);
enum { FEW_MOMENT_TIME = 20 };
/* "2026-11-29T10:15:00" on the camera's clock, whichever camera it was. */
gboolean few_moment_read_time (const guint8 *data, gsize size, char time[FEW_MOMENT_TIME]);
