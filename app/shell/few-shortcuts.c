/* SPDX-License-Identifier: MIT */
/* From its first showing on it is the window's help overlay, and the action is GTK's. */
#include "shell/few-shortcuts.h"
#include "widgets/few-actions.h"

static void
show_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED, gpointer user)
{
  GtkApplicationWindow *window = user;
  g_autoptr (GtkBuilder) builder =
      gtk_builder_new_from_resource ("/io/github/fewshot/Fewshot/shell/help-overlay.ui");
  GtkWindow *overlay = GTK_WINDOW (gtk_builder_get_object (builder, "help_overlay"));
  gtk_application_window_set_help_overlay (window, GTK_SHORTCUTS_WINDOW (overlay));
  gtk_window_present (overlay);
}

void
few_shortcuts_install (GActionMap *window)
{
  static const GActionEntry entries[] = { { "show-help-overlay", show_cb } };
  static const FewKeys accels[] = {
    { "win.show-help-overlay", { "<Control>question", "<Control>F1" } },
  };
  g_return_if_fail (GTK_IS_APPLICATION_WINDOW (window));
  g_action_map_add_action_entries (window, entries, G_N_ELEMENTS (entries), window);
  few_actions_set_accels (accels, G_N_ELEMENTS (accels));
}
