/* SPDX-License-Identifier: MIT */
/* Whether pictures are of one class each or of any number: "several (b)". What would be lost is
 * asked about first. */
#include "pages/examples/few-examples-page.h"
#include "widgets/few-actions.h"
#include <adwaita.h>
#include <glib/gi18n.h>

static FewExamples *
get_examples (FewActions *self)
{
  return few_session_get_examples (few_actions_get_session (self));
}

static void
set_several (FewActions *self, gboolean several)
{
  few_examples_set_several (get_examples (self), several);
  few_actions_say_undoable (self, several ? _ ("A picture may have any number of labels now")
                                          : _ ("Every picture is of one class now"));
}

static void
answered_cb (AdwMessageDialog *dialog, const char *answer, gpointer user)
{
  if (g_str_equal (answer, "one") && gtk_window_get_transient_for (GTK_WINDOW (dialog)))
    set_several (user, FALSE);
}

static void
unref_cb (gpointer self, GClosure *closure G_GNUC_UNUSED)
{
  g_object_unref (self);
}

static void
ask (FewActions *self, guint extra)
{
  g_autofree char *body = g_strdup_printf (
      /* Translators: how many labels are lost */
      ngettext (
          "A picture of several classes keeps the first of them: %u label would be lost. Undo "
          "brings it back.",
          "Pictures of several classes keep the first of them: %u labels would be lost. Undo "
          "brings them back.",
          extra),
      extra);
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (
      adw_message_dialog_new (few_actions_get_window (self), _ ("One Class Each?"), NULL));
  adw_message_dialog_set_body (dialog, body);
  adw_message_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "one", _ ("_One Class Each"),
                                    NULL);
  adw_message_dialog_set_response_appearance (dialog, "one", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (dialog, "cancel");
  adw_message_dialog_set_close_response (dialog, "cancel");
  g_signal_connect_data (dialog, "response", G_CALLBACK (answered_cb), g_object_ref (self),
                         unref_cb, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
change_several_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *value, gpointer user)
{
  gboolean several = g_variant_get_boolean (value);
  FewExamples *examples = get_examples (user);
  guint extra = several ? 0 : few_examples_count_extra (examples);
  if (several == few_examples_is_several (examples))
    return;
  if (extra > 0)
    ask (user, extra);
  else
    set_several (user, several);
}

/* The action's state follows what undo and files say, too. */
static void
show_state (FewActions *self)
{
  GtkWindow *window = few_actions_get_window (self);
  GAction *action = window ? g_action_map_lookup_action (G_ACTION_MAP (window), "several") : NULL;
  if (action)
    g_simple_action_set_state (
        G_SIMPLE_ACTION (action),
        g_variant_new_boolean (few_examples_is_several (get_examples (self))));
}

void
few_several_name_button (GtkButton *button, FewExamples *examples)
{
  g_return_if_fail (GTK_IS_BUTTON (button) && FEW_IS_EXAMPLES (examples));
  gboolean several = few_examples_is_several (examples);
  gtk_button_set_label (button, several ? _ ("_Label…") : _ ("_Move…"));
  gtk_widget_set_tooltip_text (GTK_WIDGET (button),
                               several ? _ ("Give or take a label (M, or the class’s number)")
                                       : _ ("Move to another class (M, or the class’s number)"));
}

void
few_several_actions_install (GActionMap *window, FewSession *session)
{
  static const GActionEntry entries[] = { { "several", NULL, "b", "false", change_several_cb } };
  FewActions *self = few_actions_new (FEW_TYPE_ACTIONS, window, session);
  few_actions_add (self, entries, G_N_ELEMENTS (entries));
  few_actions_watch (self, show_state);
}
