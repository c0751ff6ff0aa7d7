/* SPDX-License-Identifier: MIT */
/* The window moves the focus on, past a widget that can have none for that moment. */
#include "widgets/few-tab.h"

static gboolean
leave_cb (GtkWidget *widget, GVariant *arguments, gpointer user G_GNUC_UNUSED)
{
  GtkWidget *root = GTK_WIDGET (gtk_widget_get_root (widget));
  gtk_widget_set_can_focus (widget, FALSE);
  gboolean moved =
      gtk_widget_child_focus (root, (GtkDirectionType) g_variant_get_uint32 (arguments));
  gtk_widget_set_can_focus (widget, TRUE);
  return moved;
}

static void
add_key (GtkShortcutController *keys, const char *trigger, GtkDirectionType direction)
{
  GtkShortcut *shortcut = gtk_shortcut_new (gtk_shortcut_trigger_parse_string (trigger),
                                            gtk_callback_action_new (leave_cb, NULL, NULL));
  gtk_shortcut_set_arguments (shortcut, g_variant_new_uint32 (direction));
  gtk_shortcut_controller_add_shortcut (keys, shortcut);
}

void
few_tab_install (GtkWidget *widget)
{
  g_return_if_fail (GTK_IS_WIDGET (widget));
  GtkEventController *keys = gtk_shortcut_controller_new ();
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  add_key (GTK_SHORTCUT_CONTROLLER (keys), "Tab|KP_Tab", GTK_DIR_TAB_FORWARD);
  add_key (GTK_SHORTCUT_CONTROLLER (keys), "<Shift>Tab|<Shift>KP_Tab|<Shift>ISO_Left_Tab",
           GTK_DIR_TAB_BACKWARD);
  gtk_widget_add_controller (widget, keys);
}
