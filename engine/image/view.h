/* SPDX-License-Identifier: MIT */
/* Augmented views: torchvision's RandomResizedCrop (scale ½–1 as Tip-Adapter's, ratio ¾–4/3) and
 * a flip for every other. */
#pragma once
#include <glib.h>

typedef struct
{
  guint left, top, width, height;
  gboolean flipped;
} FewImageView;

/* View `index` of a picture of this size. The same for the same content hash (32 bytes), seed
 * and index. */
void few_image_view_draw (const guint8 hash[32], guint64 seed, guint index, guint width,
                          guint height, FewImageView *view);
/* What the feature of such a view is cached under (32 bytes). */
void few_image_view_hash (const guint8 hash[32], guint64 seed, guint index, guint8 key[32]);
