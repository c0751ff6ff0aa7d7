/* SPDX-License-Identifier: MIT */
/* What goes along with the pointer while pictures are dragged: one of them, and how many there are.
 */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
/* The side of the picture. */
enum { FEW_DRAG_SIDE = 72 };

/* texture: NULL where none is there yet. */
GtkWidget *few_drag_icon_new (GdkTexture *texture, guint n);
/* Beside the pointer, so that what is below that can still be read. */
void few_drag_icon_show (GdkDrag *drag, GdkTexture *texture, guint n);
G_END_DECLS
