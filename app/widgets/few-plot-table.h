/* SPDX-License-Identifier: MIT */
/* The numbers behind a plot, as a table in a window of its own: for who cannot see the plot, and
 * for who wants the numbers. */
#pragma once
#include <gtk/gtk.h>

/* titles: of the columns, NULL-terminated. rows: GtkStringList, the cells of each separated by
 * tabs; taken over. */
GtkWindow *few_plot_table_new (GtkWindow *parent, const char *title, const char *const *titles,
                               GtkStringList *rows);
