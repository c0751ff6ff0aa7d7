/* SPDX-License-Identifier: MIT */
/* Arithmetic of a view, and the gestures that move it. */
#include "pages/inspect/few-map-zoom.h"
#include <math.h>

static const double STEP = 1.25;     /* of a notch of the wheel, and of a key */
static const double KEY_PAN = 0.15;

/* No part of the view is beyond the map. */
static double
keep_inside (double middle, double scale)
{
  return CLAMP (middle, .5 / scale, 1 - .5 / scale);
}

void
few_map_zoom_reset (FewMapZoom *zoom)
{
  zoom->scale = 1;
  zoom->x = zoom->y = .5;
}

void
few_map_zoom_by (FewMapZoom *zoom, double factor, double x, double y)
{
  double scale = CLAMP (zoom->scale * factor, 1, FEW_MAP_ZOOM_MOST);
  zoom->x = keep_inside (zoom->x + (x - .5) * (1 / zoom->scale - 1 / scale), scale);
  zoom->y = keep_inside (zoom->y + (y - .5) * (1 / zoom->scale - 1 / scale), scale);
  zoom->scale = scale;
}

void
few_map_zoom_pan (FewMapZoom *zoom, double dx, double dy)
{
  zoom->x = keep_inside (zoom->x - dx / zoom->scale, zoom->scale);
  zoom->y = keep_inside (zoom->y - dy / zoom->scale, zoom->scale);
}

void
few_map_zoom_place (const FewMapZoom *zoom, double *x, double *y)
{
  *x = .5 + (*x - zoom->x) * zoom->scale;
  *y = .5 + (*y - zoom->y) * zoom->scale;
}

void
few_map_zoom_find (const FewMapZoom *zoom, double *x, double *y)
{
  *x = zoom->x + (*x - .5) / zoom->scale;
  *y = zoom->y + (*y - .5) / zoom->scale;
}

static double
follow (double middle, double place, double scale)
{
  double half = .45 / scale; /* not at the very edge */
  return keep_inside (CLAMP (middle, place - half, place + half), scale);
}

void
few_map_zoom_show (FewMapZoom *zoom, double x, double y)
{
  zoom->x = follow (zoom->x, x, zoom->scale);
  zoom->y = follow (zoom->y, y, zoom->scale);
}

gboolean
few_map_zoom_chooses (const FewMapZoom *zoom, GtkGesture *gesture)
{
  GdkModifierType state =
      gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture));
  return zoom->chooses != ((state & GDK_SHIFT_MASK) != 0);
}

/* ---- gestures */

typedef struct
{
  FewMapZoom *zoom;
  GtkWidget *widget;
  void (*changed) (GtkWidget *);
  double pointer_x, pointer_y; /* in the view */
  double pinched;              /* scale of the pinch so far */
  double dragged_x, dragged_y; /* pixels of the drag so far */
} Hands;

static double
share (double pixels, int size)
{
  return pixels / MAX (size, 1);
}

static void
motion_cb (Hands *hands, double x, double y)
{
  hands->pointer_x = share (x, gtk_widget_get_width (hands->widget));
  hands->pointer_y = share (y, gtk_widget_get_height (hands->widget));
}

static gboolean
scroll_cb (Hands *hands, double dx G_GNUC_UNUSED, double dy)
{
  few_map_zoom_by (hands->zoom, pow (STEP, -dy), hands->pointer_x, hands->pointer_y);
  hands->changed (hands->widget);
  return GDK_EVENT_STOP;
}

static void
pinch_begin_cb (Hands *hands)
{
  hands->pinched = 1;
}

static void
pinch_cb (Hands *hands, double scale, GtkGesture *gesture)
{
  double x, y;
  if (!gtk_gesture_get_bounding_box_center (gesture, &x, &y))
    return;
  motion_cb (hands, x, y);
  few_map_zoom_by (hands->zoom, scale / hands->pinched, hands->pointer_x, hands->pointer_y);
  hands->pinched = scale;
  hands->changed (hands->widget);
}

static void
drag_begin_cb (Hands *hands, double x G_GNUC_UNUSED, double y G_GNUC_UNUSED, GtkGesture *gesture)
{
  hands->dragged_x = hands->dragged_y = 0;
  if (few_map_zoom_chooses (hands->zoom, gesture))
    gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_DENIED);
}

static void
drag_cb (Hands *hands, double x, double y)
{
  few_map_zoom_pan (hands->zoom, share (x - hands->dragged_x, gtk_widget_get_width (hands->widget)),
                    share (y - hands->dragged_y, gtk_widget_get_height (hands->widget)));
  hands->dragged_x = x;
  hands->dragged_y = y;
  hands->changed (hands->widget);
}

static gboolean
pan_by_key (Hands *hands, guint key, GdkModifierType state)
{
  int dx = (key == GDK_KEY_Left) - (key == GDK_KEY_Right);
  int dy = (key == GDK_KEY_Up) - (key == GDK_KEY_Down);
  if (!(state & GDK_SHIFT_MASK) || (dx == 0 && dy == 0) || hands->zoom->scale <= 1)
    return FALSE;
  few_map_zoom_pan (hands->zoom, KEY_PAN * dx, KEY_PAN * dy);
  return TRUE;
}

static gboolean
key_cb (Hands *hands, guint key, guint code G_GNUC_UNUSED, GdkModifierType state)
{
  if (state & (GDK_CONTROL_MASK | GDK_ALT_MASK))
    return GDK_EVENT_PROPAGATE;
  if (key == GDK_KEY_plus || key == GDK_KEY_equal || key == GDK_KEY_KP_Add)
    few_map_zoom_by (hands->zoom, STEP, .5, .5);
  else if (key == GDK_KEY_minus || key == GDK_KEY_KP_Subtract)
    few_map_zoom_by (hands->zoom, 1 / STEP, .5, .5);
  else if (key == GDK_KEY_0 || key == GDK_KEY_KP_0)
    few_map_zoom_reset (hands->zoom);
  else if (!pan_by_key (hands, key, state))
    return GDK_EVENT_PROPAGATE;
  hands->changed (hands->widget);
  return GDK_EVENT_STOP;
}

void
few_map_zoom_install (FewMapZoom *zoom, GtkWidget *widget, void (*changed) (GtkWidget *))
{
  g_return_if_fail (zoom != NULL && GTK_IS_WIDGET (widget) && changed != NULL);
  Hands *hands = g_new (Hands, 1);
  *hands = (Hands) { .zoom = zoom, .widget = widget, .changed = changed, .pointer_x = .5 };
  g_object_set_data_full (G_OBJECT (widget), "few-map-zoom", hands, g_free);
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *scroll =
      gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkGesture *pinch = gtk_gesture_zoom_new ();
  GtkGesture *drag = gtk_gesture_drag_new ();
  *zoom = (FewMapZoom) { 0 };
  few_map_zoom_reset (zoom);
  g_signal_connect_swapped (motion, "motion", G_CALLBACK (motion_cb), hands);
  g_signal_connect_swapped (scroll, "scroll", G_CALLBACK (scroll_cb), hands);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_cb), hands);
  g_signal_connect_swapped (pinch, "begin", G_CALLBACK (pinch_begin_cb), hands);
  g_signal_connect_swapped (pinch, "scale-changed", G_CALLBACK (pinch_cb), hands);
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin_cb), hands);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_cb), hands);
  gtk_widget_add_controller (widget, motion);
  gtk_widget_add_controller (widget, scroll);
  gtk_widget_add_controller (widget, keys);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (pinch));
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));
  gtk_widget_set_focusable (widget, TRUE);
}
