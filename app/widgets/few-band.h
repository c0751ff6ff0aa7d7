/* SPDX-License-Identifier: MIT */
/* The band of a grid, with which items are chosen, and drags of those items: both begin with the
 * same movement. The UI thread only. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
/* What lies in a grid is dragged. The grid knows nothing of that: it would draw a band from where
 * the drag began, and never hear of its end. */
void few_band_take_away (GtkWidget *dragged);
G_END_DECLS
