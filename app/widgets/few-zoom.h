/* SPDX-License-Identifier: MIT */
/* How large the tiles of all grids are: a setting that a person changes by the wheel and by keys.
 * The UI thread only. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
/* The side of a tile's picture, in pixels. */
int few_zoom_get_side (void);
/* +1: larger, −1: smaller, 0: as at first. */
void few_zoom_step (int direction);
/* Ctrl and the wheel over a grid. */
void few_zoom_install (GtkGridView *grid);
G_END_DECLS
