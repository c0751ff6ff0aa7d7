/* SPDX-License-Identifier: MIT */
/* Colours and dashes by number, and a sample of each. */
#include "widgets/few-series.h"

enum { COLOURS = 8 };

static const char *const colours[2][COLOURS] = {
  { "#1a5fb4", "#c64600", "#218f5c", "#813d9c", "#a51d2d", "#63452c", "#77767b", "#9a6700" },
  { "#62a0ea", "#ffa348", "#57e389", "#dc8add", "#f66151", "#cdab8f", "#c0bfbc", "#f8e45c" },
};

gboolean
few_widget_is_dark (GtkWidget *widget)
{
  GdkRGBA ink;
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &ink);
  return ink.red + ink.green + ink.blue > 1.5f;
}

void
few_series_colour (guint series, gboolean dark, GdkRGBA *colour)
{
  gdk_rgba_parse (colour, colours[dark ? 1 : 0][series % COLOURS]);
}

void
few_series_dash (cairo_t *cr, guint series)
{
  static const double dashes[] = { 5, 3 };
  cairo_set_dash (cr, dashes, series / COLOURS % 2 ? 2 : 0, 0);
}

static void
draw_swatch (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer series)
{
  GdkRGBA colour;
  few_series_colour (GPOINTER_TO_UINT (series), few_widget_is_dark (GTK_WIDGET (area)), &colour);
  gdk_cairo_set_source_rgba (cr, &colour);
  few_series_dash (cr, GPOINTER_TO_UINT (series));
  cairo_set_line_width (cr, 3);
  cairo_move_to (cr, 0, height / 2.0);
  cairo_line_to (cr, width, height / 2.0);
  cairo_stroke (cr);
}

GtkWidget *
few_series_swatch_new (guint series)
{
  GtkWidget *area = g_object_new (GTK_TYPE_DRAWING_AREA, "accessible-role",
                                  GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL);
  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (area), 18);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (area), 12);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (area), draw_swatch, GUINT_TO_POINTER (series),
                                  NULL);
  gtk_widget_set_valign (area, GTK_ALIGN_CENTER);
  return area;
}
