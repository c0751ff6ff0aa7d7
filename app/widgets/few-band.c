/* SPDX-License-Identifier: MIT */
/* The grid's own gesture forgets the press. */
#include "widgets/few-band.h"

void
few_band_take_away (GtkWidget *dragged)
{
  g_return_if_fail (GTK_IS_WIDGET (dragged));
  GtkWidget *grid = gtk_widget_get_ancestor (dragged, GTK_TYPE_GRID_VIEW);
  if (!grid)
    return;
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (grid);
  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);
      if (GTK_IS_GESTURE_DRAG (controller))
        gtk_event_controller_reset (controller);
    }
}
