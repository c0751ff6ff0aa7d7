/* SPDX-License-Identifier: MIT */
/* A tooltip that is asked for when it is wanted. GTK's own, when it is set, asks the display where
 * the pointer is, each time: of a table of forty that takes longer than a frame. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
void few_tip_set (GtkWidget *widget, const char *text);
G_END_DECLS
