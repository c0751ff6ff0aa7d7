/* SPDX-License-Identifier: MIT */
/* The corners that the pointer went through, kept with the widget. */
#include "pages/inspect/few-map-lasso.h"

static const double APART = 3; /* corners are at least so many pixels apart */
static const char KEY[] = "few-map-lasso";

typedef struct
{
  GtkWidget *widget;
  const FewMapZoom *zoom;
  FewMapAround around;
  GArray *corners; /* double, x and y after each other */
} Lasso;

static void
lasso_free (gpointer data)
{
  Lasso *lasso = data;
  g_array_unref (lasso->corners);
  g_free (lasso);
}

static void
add_corner (Lasso *lasso, double x, double y)
{
  const double corner[2] = { x, y };
  guint n = lasso->corners->len;
  const double *last = n ? &g_array_index (lasso->corners, double, n - 2) : NULL;
  if (last && ABS (last[0] - x) + ABS (last[1] - y) < APART)
    return;
  g_array_append_vals (lasso->corners, corner, 2);
  gtk_widget_queue_draw (lasso->widget);
}

static void
begin_cb (Lasso *lasso, double x, double y, GtkGesture *gesture)
{
  if (!few_map_zoom_chooses (lasso->zoom, gesture))
    {
      gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_DENIED);
      return;
    }
  gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
  g_array_set_size (lasso->corners, 0);
  add_corner (lasso, x, y);
}

static void
update_cb (Lasso *lasso, double dx, double dy, GtkGestureDrag *gesture)
{
  double x, y;
  if (lasso->corners->len && gtk_gesture_drag_get_start_point (gesture, &x, &y))
    add_corner (lasso, x + dx, y + dy);
}

static void
end_cb (Lasso *lasso)
{
  g_autoptr (GArray) corners = g_steal_pointer (&lasso->corners);
  lasso->corners = g_array_new (FALSE, FALSE, sizeof (double));
  if (corners->len)
    lasso->around (lasso->widget, &g_array_index (corners, double, 0), corners->len / 2);
  gtk_widget_queue_draw (lasso->widget);
}

static void
cancel_cb (Lasso *lasso)
{
  g_array_set_size (lasso->corners, 0);
  gtk_widget_queue_draw (lasso->widget);
}

void
few_map_lasso_install (GtkWidget *widget, const FewMapZoom *zoom, FewMapAround around)
{
  g_return_if_fail (GTK_IS_WIDGET (widget) && zoom != NULL && around != NULL);
  Lasso *lasso = g_new (Lasso, 1);
  *lasso = (Lasso) { widget, zoom, around, g_array_new (FALSE, FALSE, sizeof (double)) };
  g_object_set_data_full (G_OBJECT (widget), KEY, lasso, lasso_free);
  GtkGesture *drag = gtk_gesture_drag_new ();
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (begin_cb), lasso);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (update_cb), lasso);
  g_signal_connect_swapped (drag, "drag-end", G_CALLBACK (end_cb), lasso);
  g_signal_connect_swapped (drag, "cancel", G_CALLBACK (cancel_cb), lasso);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));
}

void
few_map_lasso_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  const Lasso *lasso = g_object_get_data (G_OBJECT (widget), KEY);
  GdkRGBA colour;
  if (!lasso || lasso->corners->len < 4)
    return;
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &colour);
  cairo_t *cr = gtk_snapshot_append_cairo (
      snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) gtk_widget_get_width (widget),
                                     (float) gtk_widget_get_height (widget)));
  for (guint i = 0; i + 1 < lasso->corners->len; i += 2)
    cairo_line_to (cr, g_array_index (lasso->corners, double, i),
                   g_array_index (lasso->corners, double, i + 1));
  cairo_close_path (cr);
  gdk_cairo_set_source_rgba (cr, &colour);
  cairo_set_line_width (cr, 1.5);
  cairo_stroke_preserve (cr);
  colour.alpha = .12f;
  gdk_cairo_set_source_rgba (cr, &colour);
  cairo_fill (cr);
  cairo_destroy (cr);
}
