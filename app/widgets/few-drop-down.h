/* SPDX-License-Identifier: MIT */
/* Lists that drop down and are no wider than there is room. The UI thread only. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
/* The choice is cut where it is longer than the button; the list shows all of it. */
void few_drop_down_shrink (GtkDropDown *list);
/* Below what it shares a box with, where that leaves no room for its words, or beside it. */
void few_drop_down_stand_below (GtkDropDown *list, gboolean below);
G_END_DECLS
