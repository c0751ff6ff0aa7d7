/* SPDX-License-Identifier: MIT */
/* What a picture file says of itself, read by us before any decoder sees a byte: format, size,
 * orientation, wholeness. */
#pragma once
#include <glib.h>

typedef struct
{
  const char *format; /* "JPEG", "PNG", "GIF", "WebP", "BMP", "TIFF" */
  guint width, height;
  guint64 frame_pixels; /* GIF: of the largest frame, which may be larger than the picture */
  guint orientation; /* EXIF 1..8; 1 when the file says nothing */
  gboolean whole;    /* FALSE when the end of the file is missing */
} FewImageHeader;

/* FALSE when the bytes are none of the formats above or the header is damaged. */
gboolean few_image_header_parse (const guint8 *data, gsize size, FewImageHeader *header);
/* Whether a file of `size` bytes can hold so many pixels: a few bytes that state a hundred
 * megapixels would take a gigabyte and ten seconds to decode into nothing. */
gboolean few_image_header_is_plausible (const FewImageHeader *header, gsize size);
