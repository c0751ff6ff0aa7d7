/* SPDX-License-Identifier: MIT */
/* The columns of the table of what is tried: as many as there is room for, of which a picture, its
 * answer and its probability are always there. */
#pragma once
#include "widgets/few-thumbnails.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
/* Of a view of FewTrial that lies in a GtkScrolledWindow, whose width says what there is room
 * for. */
void few_try_columns_add (GtkColumnView *view, FewThumbnails *thumbnails);
G_END_DECLS
