/* SPDX-License-Identifier: MIT */
/* A context menu, where it was asked for. The UI thread only. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
/* At a point of `widget`; gone once something was chosen or it was left. */
void few_popup (GtkWidget *widget, GMenuModel *menu, double x, double y);
/* Asked for by the right button, a long press of a finger, or the Menu key. `popup` gets the point;
 * for the key, −1, −1: what has the focus. Handlers get `user`, which lives as long as widget. */
typedef gboolean (*FewPopupFunc) (GtkWidget *widget, double x, double y, gpointer user);
void few_popup_install (GtkWidget *widget, FewPopupFunc popup, gpointer user);
G_END_DECLS
