/* SPDX-License-Identifier: MIT */
/* Lists that drop down and are no wider than there is room. The UI thread only. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
/* The choice is cut where it is longer than the button; the list shows all of it. */
void few_drop_down_shrink (GtkDropDown *list);
G_END_DECLS
