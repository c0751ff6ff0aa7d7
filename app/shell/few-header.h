/* SPDX-License-Identifier: MIT */
/* The window's header where there is little room. The UI thread only. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
/* Whether the button, which the menu has, too, is shown in a window of that width: what else is in
 * the header goes first. */
void few_header_fit (GtkWidget *button, gboolean narrow);
/* Calls it, with the widget, when letters have another size or font. */
void few_header_follow_letters (GtkWidget *widget, GCallback changed);
G_END_DECLS
