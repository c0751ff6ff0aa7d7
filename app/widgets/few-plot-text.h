/* SPDX-License-Identifier: MIT */
/* Words in what a widget draws. The UI thread only. */
#pragma once
#include <gtk/gtk.h>

/* In the widget's font and the colour that cr has; y is the middle of the line, x what lies at the
 * share `align` of its width (0: its left end, 1: its right). */
void few_plot_text (GtkWidget *widget, cairo_t *cr, const char *text, double x, double y,
                    double align);
