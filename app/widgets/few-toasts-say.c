/* SPDX-License-Identifier: MIT */
/* What is said, and the action that takes it back or shows it, as the window's action "say". */
#include "widgets/few-toasts.h"

char *
few_toasts_print_undo (guint64 step)
{
  return g_action_print_detailed_name (FEW_TOASTS_UNDO_STEP, g_variant_new_uint64 (step));
}

void
few_toasts_say_with_undo (GtkWindow *window, const char *text, const char *undo)
{
  g_return_if_fail (text && undo);
  while (window && !G_IS_ACTION_GROUP (window)) /* a dialog has none of its own */
    window = gtk_window_get_transient_for (window);
  if (window)
    g_action_group_activate_action (G_ACTION_GROUP (window), "say",
                                    g_variant_new ("(ss)", text, undo));
}

void
few_toasts_say_of_file (GtkWindow *window, const char *text, const char *path)
{
  g_return_if_fail (text && path);
  g_autofree char *uri = g_filename_to_uri (path, NULL, NULL);
  g_autofree char *show =
      uri ? g_action_print_detailed_name (FEW_TOASTS_SHOW_FILE, g_variant_new_string (uri))
          : g_strdup ("");
  few_toasts_say_with_undo (window, text, show);
}

void
few_toasts_say (GtkWindow *window, const char *text)
{
  few_toasts_say_with_undo (window, text, "");
}

void
few_toasts_say_undoable (GtkWindow *window, const char *text, guint64 step)
{
  g_autofree char *undo = few_toasts_print_undo (step);
  few_toasts_say_with_undo (window, text, undo);
}
