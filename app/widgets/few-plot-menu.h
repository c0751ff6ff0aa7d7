/* SPDX-License-Identifier: MIT */
/* Taking a plot along: a context menu with copy, PNG and SVG. The UI thread only. */
#pragma once
#include <gtk/gtk.h>

/* `name`: of the file that is offered, without its ending. As it is seen then, on the colour of the
 * window; SVG keeps lines and words. */
void few_plot_menu_install (GtkWidget *plot, const char *name);

/* What is drawn now, in a file: as SVG where its name ends in .svg, else as PNG at twice its size.
 * A toast says when it is there, or why not. */
void few_plot_save (GtkWidget *plot, const char *path);
