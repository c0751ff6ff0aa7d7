/* SPDX-License-Identifier: MIT */
/* The size that HEIC and AVIF files state, and where their EXIF is: their boxes (ISO/IEC 14496-12),
 * the primary item and its properties (ISO/IEC 23008-12). */
#pragma once
#include "image/header.h"

/* Of the body of the box “meta”: where in the file the item is that holds EXIF. FALSE: there is
 * none, or not in one piece. */
gboolean few_heif_find_exif (const guint8 *meta, gsize size, guint64 *offset, guint64 *length);

/* Sets format, size and wholeness. FALSE when the bytes are no such file or it states no size.
 * Orientation stays 1: the file's own turns are properties that its decoder follows, and what EXIF
 * says beside them counts for nothing. */
gboolean few_heif_parse (const guint8 *data, gsize size, FewImageHeader *header);
