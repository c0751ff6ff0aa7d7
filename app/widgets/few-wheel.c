/* SPDX-License-Identifier: MIT */
/* GTK gives the wheel to the innermost of what scrolls, which keeps it at its end, too: where a
 * list takes most of a low window, the rest of the page would be out of reach. */
#include "widgets/few-wheel.h"
#include <math.h>

/* As GtkScrolledWindow has it: a part of what is seen for a notch of the wheel; a pad's pixels. */
static double
get_step (GtkEventControllerScroll *scroll, GtkAdjustment *down)
{
  if (gtk_event_controller_scroll_get_unit (scroll) == GDK_SCROLL_UNIT_SURFACE)
    return 2.5;
  return pow (gtk_adjustment_get_page_size (down), 2. / 3);
}

static gboolean
scroll_cb (GtkEventControllerScroll *scroll, double dx, double dy, gpointer user G_GNUC_UNUSED)
{
  const GdkModifierType others = GDK_CONTROL_MASK | GDK_SHIFT_MASK; /* zoom; sideways */
  GtkEventController *controller = GTK_EVENT_CONTROLLER (scroll);
  GtkWidget *around = gtk_widget_get_parent (gtk_event_controller_get_widget (controller));
  GtkWidget *page = gtk_widget_get_ancestor (around, GTK_TYPE_SCROLLED_WINDOW);
  if (!page || gtk_event_controller_get_current_event_state (controller) & others
      || fabs (dx) > fabs (dy))
    return GDK_EVENT_PROPAGATE;
  GtkAdjustment *down = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (page));
  double before = gtk_adjustment_get_value (down);
  gtk_adjustment_set_value (down, before + dy * get_step (scroll, down));
  return gtk_adjustment_get_value (down) != before;
}

void
few_wheel_page_first (GtkWidget *inner)
{
  g_return_if_fail (GTK_IS_WIDGET (inner));
  GtkEventController *scroll =
      gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  gtk_event_controller_set_propagation_phase (scroll, GTK_PHASE_CAPTURE);
  g_signal_connect (scroll, "scroll", G_CALLBACK (scroll_cb), NULL);
  gtk_widget_add_controller (inner, scroll);
}
