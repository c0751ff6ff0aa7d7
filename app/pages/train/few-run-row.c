/* SPDX-License-Identifier: MIT */
/* A kept run: what it was, what it came to, and a button that deletes it. */
#include "pages/train/few-run-row.h"
#include "pages/train/few-run-words.h"
#include <adwaita.h>
#include <glib/gi18n.h>

GtkWidget *
few_run_row_new (const FewProjectRun *record, guint number)
{
  g_autofree char *measured = few_run_words_of_record (record);
  g_autofree char *subtitle =
      record->stopped ? g_strdup_printf (_ ("stopped · %s"), measured) : g_strdup (measured);
  g_autofree char *title = g_markup_escape_text (record->title, -1);
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *remove = gtk_button_new_from_icon_name ("user-trash-symbolic");
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  gtk_widget_set_tooltip_text (remove, _ ("Delete this run"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (remove), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Delete this run"), -1);
  gtk_widget_add_css_class (remove, "flat");
  gtk_widget_set_valign (remove, GTK_ALIGN_CENTER);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (remove), "win.delete-run");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (remove), "i", (int) number);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), remove);
  return row;
}
