/* SPDX-License-Identifier: MIT */
/* The tooltips of menu buttons, which would lie over their open menus. UI thread. */
#pragma once
#include <gtk/gtk.h>

/* No menu button below `root` that has a menu by now shows a tooltip while it is open. */
void few_menu_tooltip_hush (GtkWidget *root);
