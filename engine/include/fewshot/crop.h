/* SPDX-License-Identifier: MIT */
/* A part of a picture, as a box in it; and addresses, which name a picture's file with its part.
 * Wherever the library reads a picture by its path, the address of a part may stand: what is read,
 * encoded, cached and looked at is that part alone, cut out of the upright picture before anything
 * else is done to it. */
#pragma once
#include <fewshot/export.h>

G_BEGIN_DECLS

enum { FEW_CROP_UNIT = 1000000 };

/* In millionths of the upright picture's sides, so that equal boxes are equal everywhere. All
 * zeroes: the whole picture. */
typedef struct
{
  guint32 left, top, width, height;
} FewCrop;

/* Shares of the sides, 0 … 1. FALSE, and the crop is the whole picture, where they are no box
 * inside it. A box of the whole picture is the whole picture. */
FEW_API gboolean few_crop_init (FewCrop *crop, double x, double y, double width, double height);
/* The same of a box that others drew: what lies outside is cut off. FALSE: nothing is left. */
FEW_API gboolean few_crop_clip (FewCrop *crop, double x, double y, double width, double height);
FEW_API gboolean few_crop_is_whole (const FewCrop *crop);
FEW_API gboolean few_crop_is_equal (const FewCrop *one, const FewCrop *other);
/* box [4]: x, y, width, height as shares. */
FEW_API void few_crop_box (const FewCrop *crop, double box[4]);
/* rect [4]: left, top, right, bottom in pixels of an upright picture of that size, as Pillow's
 * Image.crop takes them. Each edge goes to the nearest pixel's edge, the later of two that are as
 * near; a side has one pixel at least. */
FEW_API void few_crop_pixels (const FewCrop *crop, guint width, guint height, guint rect[4]);
/* A tile of a grid of so many columns and rows, which share no pixel and leave none out. */
FEW_API void few_crop_tile (guint column, guint row, guint columns, guint rows, FewCrop *crop);
/* What stands for the part in a cache, where `hash` [32] stands for its file; key [32]. */
FEW_API void few_crop_key (const FewCrop *crop, const guint8 *hash, guint8 *key);

/* PATH//box=x,y,width,height. crop may be NULL; the address of a whole picture is its path. Free
 * with g_free. */
FEW_API char *few_address_new (const char *path, const FewCrop *crop);
/* The path; crop (may be NULL): the part, the whole picture where the address names none. Free with
 * g_free. */
FEW_API char *few_address_split (const char *address, FewCrop *crop);
FEW_API gboolean few_address_has_crop (const char *address);
/* For a sentence: the file, and "[x, y, width, height]" behind it. Free with g_free. */
FEW_API char *few_address_shown (const char *address);

G_END_DECLS
