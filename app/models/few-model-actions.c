/* SPDX-License-Identifier: MIT */
/* The Models window, and what can be done with models, as actions. */
#include "shell/few-application.h"
#include "models/few-model-row.h"
#include "shell/few-window.h"
#include <glib/gi18n.h>

static FewModels *
models_of (gpointer window)
{
  return few_application_get_models (
      FEW_APPLICATION (gtk_window_get_application (GTK_WINDOW (window))));
}

static FewModelItem *
find (gpointer window, GVariant *name)
{
  FewModelItem *item = few_models_find (models_of (window), g_variant_get_string (name, NULL));
  if (!item)
    {
      g_autofree char *text = g_strdup_printf (_ ("There is no model “%s” in the list."),
                                               g_variant_get_string (name, NULL));
      few_window_say (FEW_WINDOW (window), text, FALSE);
    }
  return item;
}

/* ---- actions */

static void
pull (GSimpleAction *action, GVariant *name, gpointer window)
{
  FewModelItem *item = find (window, name);
  if (item)
    few_models_pull (models_of (window), item);
}

static void
pull_repository (GSimpleAction *action, GVariant *name, gpointer window)
{
  if (!few_models_pull_repository (models_of (window), g_variant_get_string (name, NULL)))
    few_window_say (FEW_WINDOW (window),
                    _ ("A repository is written as an organisation, a slash and a name: "
                       "openai/clip-vit-large-patch14."),
                    FALSE);
}

static void
pause_model (GSimpleAction *action, GVariant *name, gpointer window)
{
  FewModelItem *item = find (window, name);
  if (item)
    few_models_set_paused (models_of (window), item, TRUE);
}

static void
cancel (GSimpleAction *action, GVariant *name, gpointer window)
{
  FewModelItem *item = find (window, name);
  if (item)
    few_models_cancel (models_of (window), item);
}

static void
use (GSimpleAction *action, GVariant *name, gpointer window)
{
  FewModelItem *item = find (window, name);
  if (!item || few_model_item_get_state (item) != FEW_MODEL_READY)
    return;
  few_session_open_model (few_window_get_session (FEW_WINDOW (window)),
                          few_model_item_get_folder (item));
  GtkWindow *dialog = g_object_get_data (G_OBJECT (window), "models-window");
  if (dialog)
    gtk_window_close (dialog);
}

static void
remove_answered (AdwMessageDialog *dialog, const char *answer, gpointer window)
{
  if (g_str_equal (answer, "remove"))
    few_models_remove (models_of (window), g_object_get_data (G_OBJECT (dialog), "item"));
}

/* A question, not a toast with Undo: what it undoes would be hundreds of megabytes to fetch
 * again. */
static void
remove_model (GSimpleAction *action, GVariant *name, gpointer window)
{
  FewModelItem *item = find (window, name);
  if (!item || !few_model_item_is_own (item))
    return;
  GtkWindow *parent = g_object_get_data (G_OBJECT (window), "models-window");
  /* Translators: %s is the name of a model */
  GtkWidget *dialog = adw_message_dialog_new (parent ? parent : GTK_WINDOW (window), NULL, NULL);
  adw_message_dialog_format_heading (ADW_MESSAGE_DIALOG (dialog), _ ("Remove %s?"),
                                     few_model_item_get_entry (item)->title);
  adw_message_dialog_format_body (ADW_MESSAGE_DIALOG (dialog), "%s",
                                  _ ("To use it again it has to be downloaded again."));
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "keep", _ ("_Keep"), "remove",
                                    _ ("_Remove"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "remove",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "keep");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "keep");
  g_object_set_data_full (G_OBJECT (dialog), "item", g_object_ref (item), g_object_unref);
  g_signal_connect_object (dialog, "response", G_CALLBACK (remove_answered), window, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* ---- the window */

static GtkWidget *
make_row (gpointer item, gpointer user)
{
  return few_model_row_new (item);
}

static void
repository_applied (AdwEntryRow *row, FewWindow *window)
{
  g_autofree char *name = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (row))));
  if (few_models_pull_repository (models_of (window), name))
    {
      gtk_widget_remove_css_class (GTK_WIDGET (row), "error");
      gtk_editable_set_text (GTK_EDITABLE (row), "");
    }
  else
    gtk_widget_add_css_class (GTK_WIDGET (row), "error");
}

static void
models (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  GtkWindow *open = g_object_get_data (user, "models-window");
  if (open)
    {
      gtk_window_present (open);
      return;
    }
  g_autoptr (GtkBuilder) builder =
      gtk_builder_new_from_resource ("/io/github/fewshot/Fewshot/models/few-models-window.ui");
  GtkWindow *window = GTK_WINDOW (gtk_builder_get_object (builder, "window"));
  gtk_list_box_bind_model (GTK_LIST_BOX (gtk_builder_get_object (builder, "list")),
                           few_models_get_list (models_of (user)), make_row, NULL, NULL);
  g_signal_connect_object (gtk_builder_get_object (builder, "repository"), "apply",
                           G_CALLBACK (repository_applied), user, 0);
  /* the rows' actions are this window's */
  gtk_widget_insert_action_group (GTK_WIDGET (window), "win", G_ACTION_GROUP (user));
  gtk_window_set_transient_for (window, GTK_WINDOW (user));
  gtk_window_set_destroy_with_parent (window, TRUE);
  g_object_set_data (user, "models-window", window);
  g_signal_connect_object (window, "destroy", G_CALLBACK (few_window_models_closed), user,
                           G_CONNECT_SWAPPED);
  gtk_window_present (window);
}

void
few_window_models_closed (FewWindow *self)
{
  g_object_set_data (G_OBJECT (self), "models-window", NULL);
}

static void
fetched (FewModels *models, FewModelItem *item, FewWindow *self)
{
  /* Translators: %s is the name of a model */
  g_autofree char *text =
      g_strdup_printf (_ ("%s is ready to be opened"), few_model_item_get_entry (item)->title);
  few_window_say (self, text, FALSE);
}

void
few_window_models_init (FewWindow *self)
{
  static const GActionEntry actions[] = {
    { "models", models },
    { "pull-model", pull, "s" },
    { "pull-repository", pull_repository, "s" },
    { "pause-model", pause_model, "s" },
    { "cancel-model", cancel, "s" },
    { "use-model", use, "s" },
    { "remove-model", remove_model, "s" },
  };
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
}

static void
failed (FewModels *models, const char *text, FewWindow *self)
{
  few_window_say (self, text, FALSE);
}

/* Once the window has its application. */
void
few_window_models_watch (FewWindow *self)
{
  g_signal_connect_object (models_of (self), "fetched", G_CALLBACK (fetched), self, 0);
  g_signal_connect_object (models_of (self), "failed", G_CALLBACK (failed), self, 0);
}
