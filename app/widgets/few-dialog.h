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
/* Over a window of a phone's width, which is then the screen's, it comes no wider. */
void few_dialog_keep_narrow (GtkWindow *dialog);
/* For a class that derives from `parent`. A window's least size is its least height and the width
 * for that: sentences that wrap would have it as wide as they are in one line. So it is as narrow
 * as it can be, and as high as that needs. */
void few_dialog_measure (GtkWidgetClass *parent, GtkWidget *dialog, GtkOrientation orientation,
                         int for_size, int *minimum, int *natural, int *minimum_baseline,
                         int *natural_baseline);
/* Of the window that it is over, as it is closed: what a thread still looks for may keep a dialog
 * longer than that, of which GTK would then let go once more. Part of few_dialog_attach. */
void few_dialog_let_go (GtkWindow *dialog);
G_END_DECLS
