/* SPDX-License-Identifier: MIT */
/* The size that JPEG XL files state (ISO/IEC 18181-1 and -2). */
#pragma once
#include "image/header.h"

/* Sets format, size and wholeness. FALSE when the bytes are no such file, or cut in its first few.
 * Orientation stays 1: the decoder turns. */
gboolean few_jxl_parse (const guint8 *data, gsize size, FewImageHeader *header);
