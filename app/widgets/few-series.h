/* SPDX-License-Identifier: MIT */
/* Colours and dashes that tell series apart, on light and on dark backgrounds, for those who see
 * no colours too. */
#pragma once
#include <gtk/gtk.h>

gboolean few_widget_is_dark (GtkWidget *widget);
/* GNOME's palette: 8 colours, then again with dashes. */
void few_series_colour (guint series, gboolean dark, GdkRGBA *colour);
/* Sets the dash pattern of `series` on cr. */
void few_series_dash (cairo_t *cr, guint series);
/* A short line as the plot draws it. Presentation only. */
GtkWidget *few_series_swatch_new (guint series);
