/* SPDX-License-Identifier: MIT */
/* Export of a folder with a model that runs elsewhere: where to, how far it is, what came of it. */
#include "export/few-folder-actions.h"
#include "common/licence.h"
#include "export/few-folder-question.h"
#include "session/few-desk.h"
#include "session/few-roll.h"
#include "widgets/few-actions.h"
#include "widgets/few-chooser.h"
#include "widgets/few-progress-dialog.h"
#include "widgets/few-show-file.h"
#include <adwaita.h>
#include <glib/gi18n.h>

#define FEW_TYPE_FOLDER_ACTIONS (few_folder_actions_get_type ())
G_DECLARE_FINAL_TYPE (FewFolderActions, few_folder_actions, FEW, FOLDER_ACTIONS, FewActions)

enum { MOST_PICTURES = 200 }; /* that the model is run on */

struct _FewFolderActions
{
  FewActions parent;
  char *path; /* of the folder on its way; NULL: none is */
  gboolean half; /* as was answered, while it is asked where to */
  FewProgressDialog *dialog; /* while it is */
};

G_DEFINE_FINAL_TYPE (FewFolderActions, few_folder_actions, FEW_TYPE_ACTIONS)

static FewDesk *
get_desk (FewFolderActions *self)
{
  return few_session_get_desk (few_actions_get_session (FEW_ACTIONS (self)));
}

/* ---- on its way */

static void
stop_cb (FewFolderActions *self)
{
  if (self->path)
    few_worker_stop_taking (few_desk_get_worker (get_desk (self)));
}

static void
show_progress (FewFolderActions *self)
{
  self->dialog = few_progress_dialog_new (few_actions_get_window (FEW_ACTIONS (self)),
                                          _ ("Writing the Folder"));
  g_signal_connect_object (few_progress_dialog_get_stop (self->dialog), "cancelled",
                           G_CALLBACK (stop_cb), self, G_CONNECT_SWAPPED);
}

static void
take_progress (FewFolderActions *self, const FewEvent *event)
{
  if (!self->dialog || event->total == 0)
    return;
  few_progress_dialog_tell (self->dialog,
                            event->id == 0 ? _ ("Writing the Folder")
                                           : _ ("Running the Model to Verify It"),
                            (double) event->done / event->total);
}

/* ---- what came of it */

static char *
describe_result (const FewFolderActions *self, const FewEvent *event, gboolean same)
{
  const FewVerification *v = &event->verification;
  g_autofree char *shown = g_filename_display_name (self->path);
  if (event->unverified)
    /* Translators: a folder; then why */
    return g_strdup_printf (_ ("%s\n\nNot verified: %s"), shown, event->unverified);
  /* Translators: a folder; the runtime with its version; counts */
  g_autofree char *run =
      g_strdup_printf (_ ("%s\n\nRun with %s on pictures of the project: %u/%u predictions match."),
                       shown, v->runtime, v->alike, v->n);
  if (same)
    return g_steal_pointer (&run);
  return g_strdup_printf (
      "%s %s", run,
      v->half ? _ ("Weights of 16 bits are too coarse for this classifier: export it exact.")
              : _ ("Probabilities differ by more than they may."));
}

/* The folder is the dialog's own. */
static void
response_cb (AdwMessageDialog *dialog, const char *id, gpointer folder)
{
  GtkWindow *window = gtk_window_get_transient_for (GTK_WINDOW (dialog));
  if (g_str_equal (id, "show") && window)
    few_show_file_in_folder (window, folder);
}

static void
free_folder (gpointer folder, GClosure *closure G_GNUC_UNUSED)
{
  g_free (folder);
}

/* Takes the folder's name. */
static void
show_result (FewFolderActions *self, const char *heading, const char *body, char *folder)
{
  GtkWidget *dialog =
      adw_message_dialog_new (few_actions_get_window (FEW_ACTIONS (self)), heading, body);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "show", _ ("_Show in Files"),
                                    "close", _ ("_Close"), NULL);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "close");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "close");
  g_signal_connect_data (dialog, "response", G_CALLBACK (response_cb), folder, free_folder, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
take_result (FewFolderActions *self, const FewEvent *event)
{
  const FewVerification *v = &event->verification;
  gboolean same = v->alike == v->n && v->worst <= v->bound;
  g_autofree char *body = event->error ? NULL : describe_result (self, event, same);
  g_autofree char *folder = g_steal_pointer (&self->path);
  few_progress_dialog_clear (&self->dialog);
  few_actions_enable (FEW_ACTIONS (self), "export-folder",
                      few_session_can_export (few_actions_get_session (FEW_ACTIONS (self))));
  if (event->error)
    {
      gboolean stopped = g_error_matches (event->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      few_desk_say (get_desk (self), stopped ? _ ("Export stopped") : event->error->message);
      return;
    }
  const char *heading =
      event->unverified || same ? _ ("Folder Exported") : _ ("Exported, but Not the Same");
  show_result (self, heading, body, g_steal_pointer (&folder));
}

static void
event_cb (FewFolderActions *self, const FewEvent *event)
{
  if (event->kind == FEW_EVENT_TAKING)
    take_progress (self, event);
  else if (event->kind == FEW_EVENT_TAKEN && self->path)
    take_result (self, event);
}

/* ---- where to */

/* Some of the project's pictures, from all of it; free with g_free, the paths are the roll's. */
static const char **
choose_pictures (const FewRoll *roll)
{
  guint all = roll->pictures.n;
  guint n = MIN (all, MOST_PICTURES);
  const char **paths = g_new0 (const char *, n + 1);
  for (guint i = 0; i < n; i++)
    paths[i] = roll->pictures.paths[(guint64) i * all / n];
  return paths;
}

static void
export_folder (FewFolderActions *self, const char *path, gboolean half)
{
  FewSession *session = few_actions_get_session (FEW_ACTIONS (self));
  FewView *view = few_session_get_view (session);
  const FewModelInfo *model = few_desk_get_model (get_desk (self));
  g_auto (FewRoll) roll = { 0 };
  if (self->path || !model || !few_session_can_export (session))
    return;
  few_examples_call (few_session_get_examples (session), &roll);
  g_autofree const char **paths = choose_pictures (&roll);
  g_autofree char *licence = few_model_licence (model);
  const FewPortableOptions onnx = { .alpha = few_view_get_exported_alpha (view), .half = half };
  self->path = g_strdup (path);
  few_actions_enable (FEW_ACTIONS (self), "export-folder", FALSE);
  show_progress (self);
  few_worker_take_away (few_desk_get_worker (get_desk (self)), few_view_get_snapshot (view), &onnx,
                        licence, path, paths);
}

static void
chosen_cb (gpointer user, const char *const *paths)
{
  FewFolderActions *self = user;
  export_folder (self, paths[0], self->half);
}

static void
ask_where_cb (gpointer user, gboolean half)
{
  FewFolderActions *self = user;
  self->half = half;
  few_choose (
      few_actions_get_window (user),
      &(FewChooser) { _ ("Export Folder"), GTK_FILE_CHOOSER_ACTION_SAVE, .name = "classifier" },
      chosen_cb, user);
}

static void
export_folder_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED,
                  gpointer user)
{
  few_folder_ask (few_actions_get_window (user), ask_where_cb, user);
}

/* Where to, and whether in f16 */
static void
export_folder_to_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter, gpointer user)
{
  const char *path;
  gboolean half;
  g_variant_get (parameter, "(&sb)", &path, &half);
  export_folder (user, path, half);
}

/* ---- life */

static void
update_enabled (FewActions *actions)
{
  FewFolderActions *self = FEW_FOLDER_ACTIONS (actions);
  gboolean can = !self->path && few_session_can_export (few_actions_get_session (actions));
  few_actions_enable (actions, "export-folder", can);
  few_actions_enable (actions, "export-folder-to", can);
}

static void
few_folder_actions_dispose (GObject *object)
{
  FewFolderActions *self = FEW_FOLDER_ACTIONS (object);
  few_progress_dialog_clear (&self->dialog);
  g_clear_pointer (&self->path, g_free);
  G_OBJECT_CLASS (few_folder_actions_parent_class)->dispose (object);
}

static void
few_folder_actions_class_init (FewFolderActionsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_folder_actions_dispose;
}

static void
few_folder_actions_init (FewFolderActions *self G_GNUC_UNUSED)
{
}

void
few_folder_actions_install (GActionMap *window, FewSession *session)
{
  static const GActionEntry entries[] = {
    { "export-folder", export_folder_cb },
    { "export-folder-to", export_folder_to_cb, "(sb)" },
  };
  FewFolderActions *self = few_actions_new (FEW_TYPE_FOLDER_ACTIONS, window, session);
  few_actions_add (FEW_ACTIONS (self), entries, G_N_ELEMENTS (entries));
  g_signal_connect_object (few_session_get_desk (session), "event", G_CALLBACK (event_cb), self,
                           G_CONNECT_SWAPPED);
  few_actions_watch (FEW_ACTIONS (self), update_enabled);
}
