/* SPDX-License-Identifier: MIT */
/* From a picture file to the pixels a CLIP tower eats. */
#pragma once
#include "image/budget.h"
#include "image/read.h"
#include <fewshot/crop.h>
#include <fewshot/picture.h>
#include "image/view.h"
#include <gdk-pixbuf/gdk-pixbuf.h>

/* What a picture may take, and which part of it is wanted. */
typedef struct
{
  guint64 max_pixels;      /* caps width × height stated by the file */
  FewDecodeBudget *budget; /* shared by all lanes; NULL: none */
  FewCrop crop;
} FewPictureLimits;

/* The same limits (NULL: FEW_MAX_PIXELS) with the part that the address names. */
FewPictureLimits few_image_limits (const FewPictureLimits *limits, const char *address);

/* Decodes upright RGB or RGBA, the part of the picture that is wanted. `name` is used in messages.
 * `limits` may be NULL: FEW_MAX_PIXELS. A JPEG of whose part the shorter side is at least 2, 4 or 8
 * times `enough` is decoded at that fraction of its size; 0: whole. */
GdkPixbuf *few_image_decode (GBytes *bytes, const char *name, const FewPictureLimits *limits,
                             guint enough, GError **error);

/* The `enough` of a picture that is resized so: `times` what it is resized to. */
guint few_preprocess_enough (const FewPreprocess *preprocess, guint times);

/* Resized and its middle taken as `preprocess` says: `resized` [R, R, 3] 8-bit. Transparency is
 * laid over white first. FALSE: not enough memory, here and below. */
gboolean few_image_resize (GdkPixbuf *picture, const FewPreprocess *preprocess, guint8 *resized);

/* Which part of a picture of width × height few_image_resize takes: left, top, width and height of
 * the square R × R in shares of the picture's sides; outside of it where it is padded. */
void few_image_region (guint width, guint height, const FewPreprocess *preprocess,
                       double region[4]);

/* A part of the picture, squeezed into [R, R, 3]. */
gboolean few_image_view (GdkPixbuf *picture, const FewImageView *view,
                         const FewPreprocess *preprocess, guint8 *resized);

/* resized [R, R, 3] → pixels [3, R, R]: / white, minus mean, over std. */
void few_image_normalise (const guint8 *resized, const FewPreprocess *preprocess, float *pixels);

/* All of it: bytes of a picture file → resized [R, R, 3] and, unless NULL, pixels [3, R, R]. */
gboolean few_image_preprocess (GBytes *bytes, const char *name, const FewPreprocess *preprocess,
                               const FewPictureLimits *limits, guint8 *resized, float *pixels,
                               GError **error);
