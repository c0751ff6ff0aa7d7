/* SPDX-License-Identifier: MIT */
/* Windows over a window, with the same manners: Escape closes them, the keys of the application
 * work. The UI thread only. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
/* A header bar over `content` (floating), not yet presented; goes with its parent. */
GtkWindow *few_dialog_new (GtkWindow *parent, const char *title, GtkWidget *content);
/* The manners alone, for one that has a template. */
void few_dialog_attach (GtkWindow *dialog, GtkWindow *parent);
G_END_DECLS
