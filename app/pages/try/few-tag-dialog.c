/* SPDX-License-Identifier: MIT */
/* A message dialog: counts that follow the choices, the root, beside or inside. */
#include "pages/try/few-tag-dialog.h"
#include "base/few-parts.h"
#include "base/few-settings.h"
#include "pages/try/few-refusal-words.h"
#include "widgets/few-drop-down.h"
#include "widgets/few-typed-row.h"
#include <glib/gi18n.h>

struct _FewTagDialog
{
  AdwMessageDialog parent;
  FewTrials *trials;
  GListModel *list;
  FewTagAnswered answered;
  gpointer object; /* weak */
  GtkEditable *root;
  GtkDropDown *none;
  GtkWidget *refusing; /* of one class each: labels have thresholds of their own */
  GtkSwitch *inside;
};

G_DEFINE_FINAL_TYPE (FewTagDialog, few_tag_dialog, ADW_TYPE_MESSAGE_DIALOG)

/* ---- words */

typedef struct
{
  guint told, none, waiting, unread;
} Counts;

static Counts
count (GListModel *trials)
{
  Counts counts = { 0 };
  for (guint i = 0; i < g_list_model_get_n_items (trials); i++)
    {
      g_autoptr (FewTrial) trial = g_list_model_get_item (trials, i);
      if (few_trial_get_reason (trial))
        counts.unread++;
      else if (!few_trial_get_snapshot (trial, NULL))
        counts.waiting++;
      else if (few_trial_get_class (trial))
        counts.told++;
      else
        counts.none++;
    }
  return counts;
}

static char *
describe (const Counts c)
{
  g_autoptr (GString) text = g_string_new (NULL);
  few_append_part (text, "\n", 1,
                   g_strdup_printf (ngettext ("%u picture gets its class as a tag.",
                                              "%u pictures get their classes as tags.", c.told),
                                    c.told));
  few_append_part (
      text, "\n", c.none,
      g_strdup_printf (ngettext ("%u is none of these and gets none: a tag of an earlier "
                                 "run is taken away.",
                                 "%u are none of these and get none: tags of an earlier "
                                 "run are taken away.",
                                 c.none),
                       c.none));
  few_append_part (
      text, "\n", c.waiting,
      g_strdup_printf (ngettext ("%u is not recognised yet and is left alone.",
                                 "%u are not recognised yet and are left alone.", c.waiting),
                       c.waiting));
  few_append_part (text, "\n", c.unread,
                   g_strdup_printf (ngettext ("%u could not be read and is left alone.",
                                              "%u could not be read and are left alone.", c.unread),
                                    c.unread));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
trials_changed_cb (FewTagDialog *self)
{
  const Counts c = count (self->list);
  g_autofree char *body = describe (c);
  adw_message_dialog_set_body (ADW_MESSAGE_DIALOG (self), body);
  adw_message_dialog_set_response_enabled (ADW_MESSAGE_DIALOG (self), "write", c.told + c.none > 0);
}

/* ---- the answer */

static void
few_tag_dialog_response (AdwMessageDialog *dialog, const char *response)
{
  FewTagDialog *self = FEW_TAG_DIALOG (dialog);
  const char *root = gtk_editable_get_text (self->root);
  if (!g_str_equal (response, "write") || !self->object)
    return;
  g_settings_set_string (few_settings (), "tag-root", root);
  self->answered (self->object, root, gtk_switch_get_active (self->inside));
}

/* The page's own choice, which the counts follow. */
static void
none_selected_cb (FewTagDialog *self)
{
  if (self->trials)
    few_trials_set_keep (self->trials, few_refusal_keep (gtk_drop_down_get_selected (self->none)));
}

/* ---- life */

static void
few_tag_dialog_dispose (GObject *object)
{
  FewTagDialog *self = FEW_TAG_DIALOG (object);
  if (self->trials)
    g_signal_handlers_disconnect_by_data (self->trials, self);
  g_clear_object (&self->trials);
  g_clear_object (&self->list);
  g_clear_weak_pointer (&self->object);
  G_OBJECT_CLASS (few_tag_dialog_parent_class)->dispose (object);
}

static void
few_tag_dialog_class_init (FewTagDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = few_tag_dialog_dispose;
  ADW_MESSAGE_DIALOG_CLASS (klass)->response = few_tag_dialog_response;
  g_type_ensure (FEW_TYPE_TYPED_ROW);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/fewshot/Fewshot/pages/try/few-tag-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, FewTagDialog, root);
  gtk_widget_class_bind_template_child (widget_class, FewTagDialog, none);
  gtk_widget_class_bind_template_child (widget_class, FewTagDialog, refusing);
  gtk_widget_class_bind_template_child (widget_class, FewTagDialog, inside);
  gtk_widget_class_bind_template_callback (widget_class, none_selected_cb);
}

static void
few_tag_dialog_init (FewTagDialog *self)
{
  g_autoptr (GListModel) names = few_refusal_names ();
  gtk_widget_init_template (GTK_WIDGET (self));
  few_drop_down_shrink_words (self->none);
  gtk_drop_down_set_model (self->none, names);
}

GtkWindow *
few_tag_dialog_new (GtkWindow *parent, FewSession *session, GListModel *trials,
                    FewTagAnswered answered, gpointer object)
{
  g_return_val_if_fail (FEW_IS_SESSION (session) && G_IS_LIST_MODEL (trials), NULL);
  g_return_val_if_fail (answered && G_IS_OBJECT (object), NULL);
  FewTagDialog *self = g_object_new (FEW_TYPE_TAG_DIALOG, "transient-for", parent, "modal", TRUE,
                                     "destroy-with-parent", TRUE, NULL);
  FewTrials *tried = few_session_get_trials (session);
  g_autofree char *root = g_settings_get_string (few_settings (), "tag-root");
  self->list = g_object_ref (trials);
  self->answered = answered;
  g_set_weak_pointer (&self->object, object);
  gtk_editable_set_text (self->root, root);
  gtk_drop_down_set_selected (self->none, few_refusal_choice (few_trials_get_keep (tried)));
  gtk_widget_set_visible (self->refusing, few_view_has_alpha (few_session_get_view (session)));
  self->trials = g_object_ref (tried); /* from here on the choice is a person's */
  g_signal_connect_swapped (tried, "changed", G_CALLBACK (trials_changed_cb), self);
  trials_changed_cb (self);
  return GTK_WINDOW (self);
}
