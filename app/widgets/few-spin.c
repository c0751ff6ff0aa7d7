/* SPDX-License-Identifier: MIT */
/* A spin button's own controller of the wheel is put to rest, so that the event goes on to the
 * scrolled window. */
#include "widgets/few-spin.h"

static void
rest_wheel (GtkWidget *spin)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (spin);
  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);
      if (GTK_IS_EVENT_CONTROLLER_SCROLL (controller))
        gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_NONE);
    }
}

void
few_spin_ignore_wheel (GtkWidget *root)
{
  g_return_if_fail (GTK_IS_WIDGET (root));
  if (GTK_IS_SPIN_BUTTON (root))
    {
      rest_wheel (root);
      return;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (root); child;
       child = gtk_widget_get_next_sibling (child))
    few_spin_ignore_wheel (child);
}
