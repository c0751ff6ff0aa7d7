/* SPDX-License-Identifier: MIT */
/* Pillow's antialiased filters, bit for bit: 8-bit, horizontal pass first, each pass rounded to 8
 * bit with 22-bit fixed-point weights (Pillow, src/libImaging/Resample.c). Only the columns and
 * rows that are kept are computed. */
#pragma once
#include <fewshot/picture.h>

typedef struct
{
  const guint8 *pixels; /* RGB, 3 bytes a pixel; with alpha 4, and laid over white */
  guint width, height;
  gsize stride; /* bytes per row */
  gboolean alpha;
} FewRgb;

/* The whole of a picture resized to (width, height), and the part of that which is wanted. */
typedef struct
{
  FewResample resample;
  guint width, height, left, top, columns, rows;
  gboolean plain; /* without the processor's vectors: the same, for tests */
} FewWindow;

/* Writes the window of `source` resized to `out` [rows, columns, 3], whose rows are out_stride
 * bytes apart. FALSE: not enough memory, or much more of it would be wanted than any picture needs:
 * a line of pixels squeezed into a square. */
gboolean few_resize_window (const FewRgb *source, const FewWindow *window, guint8 *out,
                            gsize out_stride);
