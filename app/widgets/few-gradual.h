/* SPDX-License-Identifier: MIT */
/* A list that a view takes in pieces: of hundreds that come at once it would make, and measure, all
 * widgets in one turn of the main loop. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
/* Of the list, the first few, and some more each frame of the view, which is in sight; then all.
 * Begins anew when the list has become short. */
GListModel *few_gradual_new (GListModel *list, GtkWidget *view);
G_END_DECLS
