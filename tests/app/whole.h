/* SPDX-License-Identifier: MIT */
/* Whether what a window says is whole. What is not is printed. */
#pragma once
#include <gtk/gtk.h>

/* Each label of `root` that is in view and may be cut is not. */
gboolean whole_labels (GtkWidget *root, const char *where, guint percent);
/* No title or subtitle of a row of settings is cut, nor anything in one that is typed in. */
gboolean whole_rows (GtkWidget *root, const char *where, guint percent);
/* No line of running text ends within a word of Hangul. */
gboolean whole_hangul (GtkWidget *root, const char *where, guint percent);
/* No button in view, nor the choice of a list that drops down, breaks a word or cuts one. */
gboolean whole_buttons (GtkWidget *root, const char *where, guint percent);
/* The same of every choice of the lists in view, one after the other, each of which leaves the
 * window its width. */
gboolean whole_choices (GtkWidget *root, const char *where, guint percent);
