/* SPDX-License-Identifier: MIT */
/* What the charts share when they write. */
#include "widgets/few-plot-text.h"

void
few_plot_text (GtkWidget *widget, cairo_t *cr, const char *text, double x, double y, double align)
{
  g_return_if_fail (GTK_IS_WIDGET (widget) && cr && text);
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, text);
  int width, height;
  pango_layout_get_pixel_size (layout, &width, &height);
  cairo_move_to (cr, x - align * width, y - height / 2.0);
  pango_cairo_show_layout (cr, layout);
}
