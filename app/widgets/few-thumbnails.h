/* SPDX-License-Identifier: MIT */
/* Thumbnails: decoded on two threads, delivered to the UI thread, the least recently wanted ones
 * dropped. */
#pragma once
#include "session/few-picture.h"
#include <fewshot/picture.h>

G_BEGIN_DECLS
#define FEW_TYPE_THUMBNAILS (few_thumbnails_get_type ())
G_DECLARE_FINAL_TYPE (FewThumbnails, few_thumbnails, FEW, THUMBNAILS, GObject)

enum { FEW_THUMBNAIL_SIDE = 160, FEW_THUMBNAILS_KEPT = 480 };

/* Decoding stays within the budget, which others may share. */
FewThumbnails *few_thumbnails_new (FewDecodeBudget *budget);
/* The picture's texture property is set now or soon. */
void few_thumbnails_want (FewThumbnails *self, FewPicture *picture);
/* No longer on screen: a request that has not started is dropped. */
void few_thumbnails_unwant (FewThumbnails *self, FewPicture *picture);
guint few_thumbnails_get_kept (FewThumbnails *self);
G_END_DECLS
