/* SPDX-License-Identifier: MIT */
/* Opening, fetching and removing models. */
#include "models/few-model-actions.h"
#include "base/few-settings.h"
#include "models/few-model-row.h"
#include "widgets/few-actions.h"
#include "widgets/few-chooser.h"
#include "widgets/few-dialog.h"
#include <adwaita.h>
#include <glib/gi18n.h>

#define FEW_TYPE_MODEL_ACTIONS (few_model_actions_get_type ())
G_DECLARE_FINAL_TYPE (FewModelActions, few_model_actions, FEW, MODEL_ACTIONS, FewActions)

struct _FewModelActions
{
  FewActions parent;
  FewModels *models;
  GtkWindow *dialog; /* the Models window; weak, NULL while it is closed */
};

G_DEFINE_FINAL_TYPE (FewModelActions, few_model_actions, FEW_TYPE_ACTIONS)

/* ---- opening */

static void
open_model (gpointer self, const char *path)
{
  g_autofree char *device = few_settings_device ();
  few_session_open_model (few_actions_get_session (self), path, device);
}

static void
path_chosen_cb (gpointer user, const char *const *paths)
{
  open_model (user, paths[0]);
}

static void
open_folder_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  few_choose (few_actions_get_window (user),
              &(FewChooser) { _ ("Open the Folder of a CLIP Model"),
                              GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER },
              path_chosen_cb, user);
}

static void
open_file_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  few_choose (
      few_actions_get_window (user),
      &(FewChooser) { _ ("Open the Weights of a CLIP Model"), GTK_FILE_CHOOSER_ACTION_OPEN },
      path_chosen_cb, user);
}

static void
open_at_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  open_model (user, g_variant_get_string (parameter, NULL));
}

/* ---- one of the list */

static FewModelItem *
find_item (FewModelActions *self, GVariant *name)
{
  FewModelItem *item = few_models_find (self->models, g_variant_get_string (name, NULL));
  if (!item)
    {
      g_autofree char *text = g_strdup_printf (_ ("There is no model “%s” in the list."),
                                               g_variant_get_string (name, NULL));
      few_actions_say (FEW_ACTIONS (self), text);
    }
  return item;
}

/* "pull-model", "pause-model", "cancel-model" */
static void
fetch_cb (GSimpleAction *action, GVariant *name, gpointer user)
{
  static const struct
  {
    const char *action;
    void (*act) (FewModels *models, FewModelItem *item);
  } steps[] = {
    { "pull-model", few_models_pull },
    { "pause-model", few_models_pause },
    { "cancel-model", few_models_cancel },
  };
  FewModelActions *self = user;
  FewModelItem *item = find_item (self, name);
  for (guint i = 0; item && i < G_N_ELEMENTS (steps); i++)
    if (g_str_equal (steps[i].action, g_action_get_name (G_ACTION (action))))
      steps[i].act (self->models, item);
}

static void
pull_repository_cb (GSimpleAction *action, GVariant *name, gpointer user)
{
  FewModelActions *self = user;
  if (!few_models_pull_repository (self->models, g_variant_get_string (name, NULL)))
    few_actions_say (user, _ ("A repository is written as an organisation, a slash and a name: "
                              "openai/clip-vit-large-patch14."));
}

static void
use_model_cb (GSimpleAction *action, GVariant *name, gpointer user)
{
  FewModelActions *self = user;
  FewModelItem *item = find_item (self, name);
  if (!item || few_model_item_get_state (item) != FEW_MODEL_READY)
    return;
  open_model (self, few_model_item_get_folder (item));
  if (self->dialog)
    gtk_window_close (self->dialog);
}

/* ---- removing */

/* What a question is about. */
typedef struct
{
  FewModels *models;
  FewModelItem *item;
} Removal;

static void
removal_free (gpointer data, GClosure *closure G_GNUC_UNUSED)
{
  Removal *removal = data;
  g_object_unref (removal->models);
  g_object_unref (removal->item);
  g_free (removal);
}

static void
removal_answered_cb (AdwMessageDialog *dialog, const char *answer, gpointer user)
{
  const Removal *removal = user;
  if (g_str_equal (answer, "remove"))
    few_models_remove (removal->models, removal->item);
}

/* A question, not a toast with Undo: what it undoes would be hundreds of megabytes to fetch
 * again. */
static GtkWidget *
create_question (GtkWindow *parent, const char *title)
{
  GtkWidget *dialog = adw_message_dialog_new (parent, NULL, NULL);
  /* Translators: %s is the name of a model */
  adw_message_dialog_format_heading (ADW_MESSAGE_DIALOG (dialog), _ ("Remove %s?"), title);
  adw_message_dialog_format_body (ADW_MESSAGE_DIALOG (dialog), "%s",
                                  _ ("To use it again it has to be downloaded again."));
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "keep", _ ("_Keep"), "remove",
                                    _ ("_Remove"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "remove",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "keep");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "keep");
  return dialog;
}

static void
remove_model_cb (GSimpleAction *action, GVariant *name, gpointer user)
{
  FewModelActions *self = user;
  FewModelItem *item = find_item (self, name);
  if (!item || !few_model_item_is_own (item))
    return;
  GtkWindow *window = few_actions_get_window (user);
  GtkWidget *dialog = create_question (self->dialog ? self->dialog : window,
                                       few_model_item_get_entry (item)->title);
  Removal *removal = g_new (Removal, 1);
  *removal = (Removal) { g_object_ref (self->models), g_object_ref (item) };
  g_signal_connect_data (dialog, "response", G_CALLBACK (removal_answered_cb), removal,
                         removal_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* ---- the Models window */

static GtkWidget *
create_row (gpointer item, gpointer user G_GNUC_UNUSED)
{
  return few_model_row_new (item);
}

static void
repository_applied_cb (AdwEntryRow *row, FewModelActions *self)
{
  g_autofree char *name = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (row))));
  if (few_models_pull_repository (self->models, name))
    {
      gtk_widget_remove_css_class (GTK_WIDGET (row), "error");
      gtk_editable_set_text (GTK_EDITABLE (row), "");
    }
  else
    gtk_widget_add_css_class (GTK_WIDGET (row), "error");
}

static GtkWindow *
create_dialog (FewModelActions *self)
{
  GtkWindow *window = few_actions_get_window (FEW_ACTIONS (self));
  g_autoptr (GtkBuilder) builder =
      gtk_builder_new_from_resource ("/io/github/fewshot/Fewshot/models/few-models-window.ui");
  GtkWindow *dialog = GTK_WINDOW (gtk_builder_get_object (builder, "window"));
  gtk_list_box_bind_model (GTK_LIST_BOX (gtk_builder_get_object (builder, "list")),
                           few_models_get_list (self->models), create_row, NULL, NULL);
  g_signal_connect_object (gtk_builder_get_object (builder, "repository"), "apply",
                           G_CALLBACK (repository_applied_cb), self, 0);
  /* the rows' actions are the window's */
  gtk_widget_insert_action_group (GTK_WIDGET (dialog), "win", G_ACTION_GROUP (window));
  few_dialog_attach (dialog, window);
  return dialog;
}

static void
show_models_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  FewModelActions *self = user;
  if (!self->dialog)
    g_set_weak_pointer (&self->dialog, create_dialog (self));
  gtk_window_present (self->dialog);
}

/* ---- life */

static void
fetched_cb (FewActions *self, FewModelItem *item)
{
  /* Translators: %s is the name of a model */
  g_autofree char *text =
      g_strdup_printf (_ ("%s is ready to be opened"), few_model_item_get_entry (item)->title);
  few_actions_say (self, text);
}

static void
few_model_actions_dispose (GObject *object)
{
  FewModelActions *self = FEW_MODEL_ACTIONS (object);
  g_clear_weak_pointer (&self->dialog);
  g_clear_object (&self->models);
  G_OBJECT_CLASS (few_model_actions_parent_class)->dispose (object);
}

static void
few_model_actions_class_init (FewModelActionsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_model_actions_dispose;
}

static void
few_model_actions_init (FewModelActions *self)
{
}

void
few_model_actions_install (GActionMap *window, FewSession *session, FewModels *models)
{
  static const GActionEntry entries[] = {
    { "open-model", open_folder_cb },     { "open-model-file", open_file_cb },
    { "open-model-at", open_at_cb, "s" }, { "models", show_models_cb },
    { "pull-model", fetch_cb, "s" },      { "pause-model", fetch_cb, "s" },
    { "cancel-model", fetch_cb, "s" },    { "pull-repository", pull_repository_cb, "s" },
    { "use-model", use_model_cb, "s" },   { "remove-model", remove_model_cb, "s" },
  };
  static const FewKeys accels[] = {
    { "win.open-model", { "<Control>m" } },
    { "win.models", { "<Control><Shift>m" } },
  };
  g_return_if_fail (FEW_IS_MODELS (models));
  FewModelActions *self = few_actions_new (FEW_TYPE_MODEL_ACTIONS, window, session);
  self->models = g_object_ref (models);
  few_actions_set_accels (accels, G_N_ELEMENTS (accels));
  few_actions_add (FEW_ACTIONS (self), entries, G_N_ELEMENTS (entries));
  g_signal_connect_object (models, "fetched", G_CALLBACK (fetched_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (models, "failed", G_CALLBACK (few_actions_say), self, G_CONNECT_SWAPPED);
}
