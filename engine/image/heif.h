/* SPDX-License-Identifier: MIT */
/* The size that HEIC and AVIF files state: their boxes (ISO/IEC 14496-12), the primary item and its
 * properties (ISO/IEC 23008-12). */
#pragma once
#include "image/header.h"

/* Sets format, size and wholeness. FALSE when the bytes are no such file or it states no size.
 * Orientation stays 1: the file's own turns are properties that its decoder follows, and what EXIF
 * says beside them counts for nothing. */
gboolean few_heif_parse (const guint8 *data, gsize size, FewImageHeader *header);
