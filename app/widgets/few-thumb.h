/* SPDX-License-Identifier: MIT */
/* A small thumbnail without words, beside what names it: in a table, in a list. */
#pragma once
#include "widgets/few-thumbnails.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_THUMB (few_thumb_get_type ())
G_DECLARE_FINAL_TYPE (FewThumb, few_thumb, FEW, THUMB, GtkWidget)

/* side: of the square that it takes, in pixels. */
GtkWidget *few_thumb_new (FewThumbnails *thumbnails, int side);
/* NULL: none. */
void few_thumb_set_picture (FewThumb *self, FewPicture *picture);
/* A first column of them; `get_picture` says which picture an item of the view has. */
void few_thumb_add_column (GtkColumnView *view, FewThumbnails *thumbnails, int side,
                           FewPicture *(*get_picture) (gpointer item));
G_END_DECLS
