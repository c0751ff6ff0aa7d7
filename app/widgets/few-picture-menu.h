/* SPDX-License-Identifier: MIT */
/* The context menu of a grid of pictures: by right click, long press, the Menu key; and Tab leaves
 * the grid, in which arrows move. The UI thread only. */
#pragma once
#include "session/few-examples.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
/* Its items are actions of the window on what is chosen ("win.remove", …); the tile that is asked
 * joins what is chosen, or becomes it. */
void few_picture_menu_install (GtkGridView *grid, FewExamples *examples);
/* The same behind a button, for what is chosen by other means. */
void few_picture_menu_attach (GtkMenuButton *button, FewExamples *examples);
G_END_DECLS
