/* SPDX-License-Identifier: MIT */
/* See tiff.h. */
#include "image/tiff.h"
#include <string.h>

enum { ENTRY = 12 }; /* bytes of one */
enum { BYTES = 1, SHORTS = 3 };

guint
few_tiff_16 (const FewTiff *tiff, const guint8 *p)
{
  return tiff->little ? (guint) p[1] << 8 | p[0] : (guint) p[0] << 8 | p[1];
}

guint32
few_tiff_32 (const FewTiff *tiff, const guint8 *p)
{
  guint32 first = few_tiff_16 (tiff, p);
  guint32 second = few_tiff_16 (tiff, p + 2);
  return tiff->little ? second << 16 | first : first << 16 | second;
}

gboolean
few_tiff_open (FewTiff *tiff, const guint8 *data, gsize size, guint32 *directory)
{
  if (size < 8 || (memcmp (data, "II*\0", 4) != 0 && memcmp (data, "MM\0*", 4) != 0))
    return FALSE;
  *tiff = (FewTiff) { data, size, data[0] == 'I' };
  *directory = few_tiff_32 (tiff, data + 4);
  return TRUE;
}

const guint8 *
few_tiff_entries (const FewTiff *tiff, guint32 offset, guint *n)
{
  *n = 0;
  if (offset > tiff->size || tiff->size - offset < 2)
    return NULL;
  guint count = few_tiff_16 (tiff, tiff->data + offset);
  if ((tiff->size - offset - 2) / ENTRY < count)
    return NULL;
  *n = count;
  return tiff->data + offset + 2;
}

static gsize
width_of (const FewTiff *tiff, const guint8 *entry)
{
  guint type = few_tiff_16 (tiff, entry + 2);
  if (type == BYTES)
    return 1;
  return type == SHORTS ? 2 : 4;
}

const guint8 *
few_tiff_values (const FewTiff *tiff, const guint8 *entry)
{
  gsize width = width_of (tiff, entry);
  guint32 count = few_tiff_32 (tiff, entry + 4);
  if (count <= 4 / width)
    return entry + 8;
  guint32 offset = few_tiff_32 (tiff, entry + 8);
  if (offset > tiff->size || (tiff->size - offset) / width < count)
    return NULL;
  return tiff->data + offset;
}

guint32
few_tiff_value (const FewTiff *tiff, const guint8 *entry, guint32 index)
{
  const guint8 *values = few_tiff_values (tiff, entry);
  if (!values || index >= few_tiff_32 (tiff, entry + 4))
    return 0;
  gsize width = width_of (tiff, entry);
  const guint8 *at = values + width * index;
  if (width == 1)
    return *at;
  return width == 2 ? few_tiff_16 (tiff, at) : few_tiff_32 (tiff, at);
}
