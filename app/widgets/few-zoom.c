/* SPDX-License-Identifier: MIT */
/* Steps that thumbnails are sharp at. */
#include "widgets/few-zoom.h"
#include "base/few-settings.h"

static const int sides[] = { 64, 88, 112, 160 };
enum { FIRST = 2 };

/* The largest that the setting allows. */
static guint
find_step (void)
{
  int side = g_settings_get_int (few_settings (), "tile-side");
  guint step = G_N_ELEMENTS (sides) - 1;
  while (step > 0 && sides[step] > side)
    step--;
  return step;
}

int
few_zoom_get_side (void)
{
  return sides[find_step ()];
}

void
few_zoom_step (int direction)
{
  int step = direction == 0 ? FIRST : (int) find_step () + CLAMP (direction, -1, 1);
  g_settings_set_int (few_settings (), "tile-side",
                      sides[CLAMP (step, 0, (int) G_N_ELEMENTS (sides) - 1)]);
}

static gboolean
scroll_cb (GtkEventControllerScroll *scroll, double dx G_GNUC_UNUSED, double dy,
           gpointer user G_GNUC_UNUSED)
{
  GdkModifierType state =
      gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (scroll));
  if ((state & GDK_CONTROL_MASK) == 0)
    return GDK_EVENT_PROPAGATE;
  if (dy != 0)
    few_zoom_step (dy < 0 ? 1 : -1);
  return GDK_EVENT_STOP;
}

void
few_zoom_install (GtkGridView *grid)
{
  g_return_if_fail (GTK_IS_GRID_VIEW (grid));
  GtkEventController *scroll = gtk_event_controller_scroll_new (
      GTK_EVENT_CONTROLLER_SCROLL_VERTICAL | GTK_EVENT_CONTROLLER_SCROLL_DISCRETE);
  gtk_event_controller_set_propagation_phase (scroll, GTK_PHASE_CAPTURE);
  g_signal_connect (scroll, "scroll", G_CALLBACK (scroll_cb), NULL);
  gtk_widget_add_controller (GTK_WIDGET (grid), scroll);
}
