/* SPDX-License-Identifier: MIT */
/* The boxes that HEIC, AVIF and JPEG XL files are made of (ISO/IEC 14496-12). */
#pragma once
#include <glib.h>

/* A stretch of bytes; reading behind its end sets `bad` and gives 0. */
typedef struct
{
  const guint8 *at, *end;
  gboolean bad;
} FewBytes;

typedef struct
{
  char type[4];
  FewBytes body;
  gboolean whole; /* FALSE: it states more than there is */
} FewBox;

/* The next n bytes, at most 8, the first the highest. */
guint64 few_bytes_take (FewBytes *bytes, guint n);
/* FALSE at the end, or where no box can be. A box that states more than there is has what there
 * is. */
gboolean few_box_next (FewBytes *bytes, FewBox *box);
gboolean few_box_is (const FewBox *box, const char *type);
/* The body of the first box of that type. */
gboolean few_box_find (FewBytes in, const char *type, FewBytes *body);
