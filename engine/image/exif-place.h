/* SPDX-License-Identifier: MIT */
/* Where a picture file has its EXIF, without reading the rest of it. */
#pragma once
#include "base/file.h"

/* Bytes: of a file, or of memory where that is NULL. */
typedef struct
{
  const FewFile *file;
  const guint8 *data;
  guint64 size;
} FewSource;

/* FALSE where they are not all there. */
gboolean few_source_read (const FewSource *source, guint64 offset, gsize size, gpointer out);

typedef struct
{
  guint64 offset, size;
} FewStretch;

enum { FEW_EXIF_MOST = 2 };
/* What is laid out as a TIFF file is: a segment of a JPEG, a chunk of a PNG or WebP, an
 * item of HEIC or AVIF, a box of JPEG XL, all of a TIFF or of a raw file that is one; of a CR3 two,
 * what the picture is and how it was taken. How many. */
guint few_exif_find (const FewSource *source, FewStretch exif[FEW_EXIF_MOST]);
