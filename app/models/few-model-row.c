/* SPDX-License-Identifier: MIT */
/* Shows what a model's item says whenever it changes. */
#include "models/few-model-row.h"
#include "widgets/few-beside.h"
#include "widgets/few-wrap.h"
#include <glib/gi18n.h>

struct _FewModelRow
{
  GtkListBoxRow parent;
  FewModelItem *item;
  GtkLabel *title, *use, *facts, *state;
  GtkProgressBar *progress;
  GtkButton *primary, *cancel, *remove;
};

G_DEFINE_FINAL_TYPE (FewModelRow, few_model_row, GTK_TYPE_LIST_BOX_ROW)

static void
show_text (GtkLabel *label, const char *text)
{
  gtk_label_set_text (label, text);
  gtk_widget_set_visible (GTK_WIDGET (label), *text != '\0');
}

static void
update_row_cb (FewModelRow *self)
{
  static const struct
  {
    const char *label, *action;
  } primary[] = {
    [FEW_MODEL_ABSENT] = { N_ ("Download"), "win.pull-model" },
    [FEW_MODEL_PARTIAL] = { N_ ("Continue"), "win.pull-model" },
    [FEW_MODEL_BUSY] = { N_ ("Pause"), "win.pause-model" },
    [FEW_MODEL_PAUSED] = { N_ ("Continue"), "win.pull-model" },
    [FEW_MODEL_FAILED] = { N_ ("Retry"), "win.pull-model" },
    [FEW_MODEL_READY] = { N_ ("Open"), "win.use-model" },
  };
  FewModelState state = few_model_item_get_state (self->item);
  gboolean moving = state == FEW_MODEL_BUSY || state == FEW_MODEL_PAUSED;
  double fraction = few_model_item_get_fraction (self->item);
  g_autofree char *facts = few_model_item_describe_facts (self->item);
  g_autofree char *words = few_model_item_describe_state (self->item);
  const char *name = few_model_item_get_entry (self->item)->name;
  show_text (self->facts, facts);
  show_text (self->state, words);
  if (state == FEW_MODEL_FAILED)
    gtk_widget_add_css_class (GTK_WIDGET (self->state), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->state), "error");
  gtk_widget_set_visible (GTK_WIDGET (self->progress), moving);
  gtk_progress_bar_set_fraction (self->progress, CLAMP (fraction, 0, 1));
  gtk_button_set_label (self->primary, _ (primary[state].label));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->primary), primary[state].action);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (self->primary), "s", name);
  if (state == FEW_MODEL_READY)
    gtk_widget_add_css_class (GTK_WIDGET (self->primary), "suggested-action");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->primary), "suggested-action");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (self->cancel), "s", name);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (self->remove), "s", name);
  gtk_widget_set_visible (GTK_WIDGET (self->cancel), moving);
  gtk_widget_set_visible (GTK_WIDGET (self->remove), !moving && few_model_item_is_own (self->item));
}

/* LEAST: letters that it has beside the buttons, which stand below it otherwise. */
static GtkLabel *
add_label (GtkWidget *box, const char *css)
{
  enum { LEAST = 24 };
  GtkWidget *label = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_max_width_chars (GTK_LABEL (label), LEAST);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_add_css_class (label, css);
  gtk_box_append (GTK_BOX (box), label);
  return GTK_LABEL (label);
}

static GtkButton *
icon_button (GtkWidget *box, const char *icon, const char *tooltip, const char *action)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, tooltip,
                                  -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_box_append (GTK_BOX (box), button);
  return GTK_BUTTON (button);
}

static void
few_model_row_dispose (GObject *object)
{
  FewModelRow *self = FEW_MODEL_ROW (object);
  if (self->item)
    g_signal_handlers_disconnect_by_data (self->item, self);
  g_clear_object (&self->item);
  G_OBJECT_CLASS (few_model_row_parent_class)->dispose (object);
}

static void
few_model_row_class_init (FewModelRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_model_row_dispose;
}

static void
few_model_row_init (FewModelRow *self)
{
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *row = few_beside_new (words, buttons, 12);
  gtk_widget_set_halign (buttons, GTK_ALIGN_END);
  gtk_widget_add_css_class (row, "model-row");
  self->title = add_label (words, "heading");
  self->use = add_label (words, "model-use");
  self->facts = add_label (words, "dim-label");
  self->progress = GTK_PROGRESS_BAR (gtk_progress_bar_new ());
  gtk_box_append (GTK_BOX (words), GTK_WIDGET (self->progress));
  self->state = add_label (words, "numeric");
  self->primary = GTK_BUTTON (gtk_button_new_with_label ("…"));
  gtk_widget_set_valign (GTK_WIDGET (self->primary), GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (buttons), GTK_WIDGET (self->primary));
  self->cancel = icon_button (buttons, "process-stop-symbolic", _ ("Stop; what is here stays"),
                              "win.cancel-model");
  self->remove = icon_button (buttons, "user-trash-symbolic", _ ("Remove from this computer"),
                              "win.remove-model");
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (self), FALSE);
  gtk_list_box_row_set_selectable (GTK_LIST_BOX_ROW (self), FALSE);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (self), row);
  few_wrap_buttons (row);
}

GtkWidget *
few_model_row_new (FewModelItem *item)
{
  FewModelRow *self = g_object_new (FEW_TYPE_MODEL_ROW, NULL);
  self->item = g_object_ref (item);
  gtk_label_set_text (self->title, few_model_item_get_entry (item)->title);
  g_autofree char *use = few_model_item_describe_use (item);
  show_text (self->use, use);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  few_model_item_get_entry (item)->title, -1);
  g_signal_connect_swapped (item, "changed", G_CALLBACK (update_row_cb), self);
  update_row_cb (self);
  return GTK_WIDGET (self);
}
