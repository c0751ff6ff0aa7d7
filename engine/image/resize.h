/* SPDX-License-Identifier: MIT */
/* Pillow's antialiased bicubic (a = −0.5), bit for bit: 8-bit, horizontal pass first, each pass
 * rounded to 8 bit with 22-bit fixed-point weights (Pillow, src/libImaging/Resample.c). Only the
 * columns and rows that are kept are computed. */
#pragma once
#include <glib.h>

typedef struct
{
  const guint8 *pixels; /* RGB, 3 bytes a pixel; with alpha 4, and laid over white */
  guint width, height;
  gsize stride; /* bytes per row */
  gboolean alpha;
} FewRgb;

/* Resizes the whole of `source` to (width, height) and writes the window of `side` × `side`
 * pixels at (left, top) of the result to `out` [side, side, 3]. FALSE: not enough memory, or much
 * more of it would be wanted than any picture needs: a line of pixels squeezed into a square. */
gboolean few_resize_bicubic_window (const FewRgb *source, guint width, guint height, guint left,
                                    guint top, guint side, guint8 *out);
