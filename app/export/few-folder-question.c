/* SPDX-License-Identifier: MIT */
/* Exact or half the size: two rows of which one is chosen, and what either costs. */
#include "export/few-folder-question.h"
#include <adwaita.h>
#include <glib/gi18n.h>

typedef struct
{
  GtkCheckButton *half; /* the dialog's */
  FewFolderAnswered answered;
  gpointer object; /* weak */
} Question;

static void
question_free (gpointer data, GClosure *closure G_GNUC_UNUSED)
{
  Question *question = data;
  g_clear_weak_pointer (&question->object);
  g_free (question);
}

static void
answered_cb (AdwMessageDialog *dialog G_GNUC_UNUSED, const char *answer, gpointer user)
{
  const Question *question = user;
  if (question->object && g_str_equal (answer, "choose"))
    question->answered (question->object, gtk_check_button_get_active (question->half));
}

/* A row of `list` whose mark is in the group of the one before it; NULL: it is the first. */
static GtkCheckButton *
add_row (GtkListBox *list, const char *title, const char *subtitle, GtkCheckButton *before)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *mark = gtk_check_button_new ();
  gtk_check_button_set_group (GTK_CHECK_BUTTON (mark), before);
  gtk_widget_set_valign (mark, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (mark), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), mark);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), mark);
  gtk_list_box_append (list, row);
  return GTK_CHECK_BUTTON (mark);
}

static GtkWidget *
create_choice (Question *question)
{
  GtkWidget *list = gtk_list_box_new ();
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  GtkCheckButton *exact =
      add_row (GTK_LIST_BOX (list), _ ("Exact"),
               _ ("32-bit weights (f32). It answers as this window does."), NULL);
  question->half = add_row (GTK_LIST_BOX (list), _ ("Half the Size"),
                            _ ("16-bit weights (f16). Probabilities are a little off, most by less "
                               "than 2 percentage points; a close decision may change."),
                            exact);
  gtk_check_button_set_active (exact, TRUE);
  return list;
}

void
few_folder_ask (GtkWindow *window, FewFolderAnswered answered, gpointer object)
{
  Question *question = g_new0 (Question, 1);
  question->answered = answered;
  g_set_weak_pointer (&question->object, object);
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (
      adw_message_dialog_new (window, _ ("Folder with the Whole Model"),
                              _ ("Weights of more than 2 GB lie in a file of their own beside the "
                                 "model.")));
  adw_message_dialog_set_extra_child (dialog, create_choice (question));
  adw_message_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "choose",
                                    _ ("Choose _Folder…"), NULL);
  adw_message_dialog_set_response_appearance (dialog, "choose", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (dialog, "choose");
  adw_message_dialog_set_close_response (dialog, "cancel");
  g_signal_connect_data (dialog, "response", G_CALLBACK (answered_cb), question, question_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}
