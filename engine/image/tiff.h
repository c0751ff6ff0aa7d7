/* SPDX-License-Identifier: MIT */
/* Directories of TIFF, of a file or inside EXIF: nothing outside of the bytes is looked at. */
#pragma once
#include <glib.h>

typedef struct
{
  const guint8 *data;
  gsize size;
  gboolean little;
} FewTiff;

guint few_tiff_16 (const FewTiff *tiff, const guint8 *p);
guint32 few_tiff_32 (const FewTiff *tiff, const guint8 *p);
/* Whether the bytes begin as TIFF does. *directory: where the first one is. */
gboolean few_tiff_open (FewTiff *tiff, const guint8 *data, gsize size, guint32 *directory);
/* The entries of the directory at `offset`, 12 bytes each, and how many; NULL where they are not
 * all there. */
const guint8 *few_tiff_entries (const FewTiff *tiff, guint32 offset, guint *n);
/* The values of an entry: bytes, SHORTs or LONGs. NULL where the bytes end before them. */
const guint8 *few_tiff_values (const FewTiff *tiff, const guint8 *entry);
/* Value `index` of an entry of SHORTs or LONGs, 0 when there is none. */
guint32 few_tiff_value (const FewTiff *tiff, const guint8 *entry, guint32 index);
