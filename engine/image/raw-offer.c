/* SPDX-License-Identifier: MIT */
/* Of the JPEGs that a raw file has, the largest that ordinary decoders read. */
#include "image/raw.h"

static guint
take_16 (const guint8 *p)
{
  return (guint) p[0] << 8 | p[1];
}

/* Not the lossless kind, which is how some cameras pack what their sensor saw. */
static gboolean
is_ordinary_jpeg (const guint8 *data, gsize size)
{
  enum { BASELINE = 0xc0, PROGRESSIVE = 0xc2, TABLES = 0xc4, SCAN = 0xda };
  if (size < 4 || data[0] != 0xff || data[1] != 0xd8)
    return FALSE;
  for (gsize at = 2; at + 4 <= size && data[at] == 0xff && data[at + 1] != SCAN;)
    {
      guint marker = data[at + 1];
      if (marker >= BASELINE && marker != TABLES && marker <= PROGRESSIVE)
        return TRUE;
      if (marker >= BASELINE && marker != TABLES && marker <= 0xcf)
        return FALSE;
      at += 2 + take_16 (data + at + 2);
    }
  return FALSE;
}

void
few_raw_offer (const guint8 *data, gsize size, guint64 offset, guint64 length, FewRawPreview *best)
{
  FewImageHeader header;
  if (offset == 0 || offset > size || size - offset < length
      || !is_ordinary_jpeg (data + offset, length)
      || !few_image_header_parse (data + offset, length, &header)
      || (guint64) header.width * header.height <= (guint64) best->width * best->height)
    return;
  best->offset = offset;
  best->size = length;
  best->width = header.width;
  best->height = header.height;
}
