/* SPDX-License-Identifier: MIT */
/* What a picture file says of itself, read by us before any decoder sees a byte: format, size,
 * orientation, wholeness. */
#pragma once
#include <glib.h>

typedef struct
{
  const char *format; /* "JPEG", "PNG", "GIF", "WebP", "BMP", "TIFF", "HEIC", "AVIF", "JPEG XL" */
  guint width, height;
  guint64 frame_pixels; /* GIF: of the largest frame, which may be larger than the picture */
  guint orientation; /* EXIF 1..8; 1 when the file says nothing */
  gboolean around;   /* the raw file around a preview says so, whatever that says itself */
  gboolean whole;    /* FALSE when the end of the file is missing */
  /* What the decoder is given: the first `used` bytes (0: all), then `closing`, so that what lies
   * behind the picture, or its missing end, does not matter. */
  gsize used;
  const char *closing;
  gsize closing_size;
  /* The decoder fills what is missing with grey: only the rows that it reports are there. */
  gboolean count_rows;
  /* libtiff multiplies by alpha, and takes a fourth sample of no meaning for alpha. */
  gboolean premultiplied, alpha_is_none;
} FewImageHeader;

/* BigTIFF, which has offsets of 64 bits and is not read. */
gboolean few_image_is_big_tiff (const guint8 *data, gsize size);

/* FALSE when the bytes are none of the formats above or the header is damaged. */
gboolean few_image_header_parse (const guint8 *data, gsize size, FewImageHeader *header);
/* Whether a file of `size` bytes can hold so many pixels: a few bytes that state a hundred
 * megapixels would take a gigabyte and ten seconds to decode into nothing. */
gboolean few_image_header_is_plausible (const FewImageHeader *header, gsize size);
