/* SPDX-License-Identifier: MIT */
/* What a person can do with a project as a whole. Opening is the application's: "app.open-path (s)"
 * knows which windows there are. */
#include "document/few-document-actions.h"
#include "document/few-recent.h"
#include "widgets/few-actions.h"
#include "widgets/few-chooser.h"
#include "widgets/few-toasts.h"
#include <adwaita.h>
#include <glib/gi18n.h>

#define FEW_TYPE_DOCUMENT_ACTIONS (few_document_actions_get_type ())
G_DECLARE_FINAL_TYPE (FewDocumentActions, few_document_actions, FEW, DOCUMENT_ACTIONS, FewActions)

struct _FewDocumentActions
{
  FewActions parent;
  FewDocument *document;
};

G_DEFINE_FINAL_TYPE (FewDocumentActions, few_document_actions, FEW_TYPE_ACTIONS)

static FewSession *
get_session (gpointer self)
{
  return few_actions_get_session (self);
}

/* ---- opening */

static void
open_path (FewDocumentActions *self, const char *path)
{
  GtkWindow *window = few_actions_get_window (FEW_ACTIONS (self));
  if (window)
    gtk_widget_activate_action (GTK_WIDGET (window), "app.open-path", "s", path);
}

static void
open_path_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  open_path (user, g_variant_get_string (parameter, NULL));
}

static void
project_chosen_cb (gpointer user, const char *const *paths)
{
  open_path (user, paths[0]);
}

static void
open_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  few_choose (few_actions_get_window (user),
              &(FewChooser) { _ ("Open a Project or a Classifier"), GTK_FILE_CHOOSER_ACTION_OPEN,
                              FEW_CHOOSE_TO_OPEN },
              project_chosen_cb, user);
}

/* ---- saving */

/* Who is asked whether a file may be written over. */
typedef struct
{
  FewDocumentActions *self;
  char *path;
} Replacing;

static void
replacing_free_cb (gpointer data, GClosure *closure G_GNUC_UNUSED)
{
  Replacing *replacing = data;
  g_object_unref (replacing->self);
  g_free (replacing->path);
  g_free (replacing);
}

static void
replacing_answered_cb (AdwMessageDialog *dialog, const char *answer, gpointer user)
{
  const Replacing *replacing = user;
  if (g_str_equal (answer, "replace") && gtk_window_get_transient_for (GTK_WINDOW (dialog)))
    few_document_save_as (replacing->self->document, replacing->path);
}

static void
ask_to_replace (FewDocumentActions *self, const char *path)
{
  GtkWindow *window = few_actions_get_window (FEW_ACTIONS (self));
  g_autofree char *shown = g_filename_display_name (path);
  AdwMessageDialog *dialog =
      ADW_MESSAGE_DIALOG (adw_message_dialog_new (window, _ ("Replace the File?"), NULL));
  /* Translators: a file */
  adw_message_dialog_format_body (dialog, _ ("There is a file %s already. It would be lost."),
                                  shown);
  adw_message_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "replace", _ ("_Replace"),
                                    NULL);
  adw_message_dialog_set_response_appearance (dialog, "replace", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (dialog, "cancel");
  adw_message_dialog_set_close_response (dialog, "cancel");
  Replacing *replacing = g_new (Replacing, 1);
  *replacing = (Replacing) { g_object_ref (self), g_strdup (path) };
  g_signal_connect_data (dialog, "response", G_CALLBACK (replacing_answered_cb), replacing,
                         replacing_free_cb, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* Of a file whose name is completed here nobody has asked yet whether it may be written over. */
static void
save_to (FewDocumentActions *self, const char *path)
{
  gboolean whole = g_str_has_suffix (path, ".fewshot");
  g_autofree char *full = g_strconcat (path, whole ? NULL : ".fewshot", NULL);
  if (whole || !g_file_test (full, G_FILE_TEST_EXISTS) || few_document_is_at (self->document, full))
    few_document_save_as (self->document, full);
  else
    ask_to_replace (self, full);
}

static void
save_to_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  save_to (user, g_variant_get_string (parameter, NULL));
}

static void
place_to_save_chosen_cb (gpointer user, const char *const *paths)
{
  save_to (user, paths[0]);
}

static void
save_as_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  FewDocumentActions *self = user;
  g_autofree char *title = few_document_get_title (self->document);
  g_autofree char *name = g_strconcat (title, ".fewshot", NULL);
  few_choose (few_actions_get_window (user),
              &(FewChooser) { _ ("Save Project"), GTK_FILE_CHOOSER_ACTION_SAVE, FEW_CHOOSE_PROJECTS,
                              .name = name },
              place_to_save_chosen_cb, user);
}

/* What has a file is saved by itself; the key that hands know saves what has none. */
static void
save_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  FewDocumentActions *self = user;
  if (few_document_get_path (self->document))
    few_actions_say (user, _ ("Changes are saved by themselves."));
  else
    save_as_cb (action, parameter, user);
}

/* ---- pictures that were moved or changed */

static void
place_chosen_cb (gpointer user, const char *const *paths)
{
  few_missing_locate (few_session_get_missing (get_session (user)), paths[0]);
}

static void
locate_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  few_choose (
      few_actions_get_window (user),
      &(FewChooser) { _ ("Where Are the Pictures Now?"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER },
      place_chosen_cb, user);
}

static void
locate_in_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  few_missing_locate (few_session_get_missing (get_session (user)),
                      g_variant_get_string (parameter, NULL));
}

/* Somebody comes back from another program, which may have changed pictures. */
static void
active_cb (FewDocumentActions *self, GParamSpec *pspec, GtkWindow *window)
{
  if (gtk_window_is_active (window))
    few_changes_look (few_session_get_changes (get_session (self)), NULL, NULL);
}

/* ---- undo */

/* Takes the step and says which it was; `title` is what it is called, NULL when there is none. */
static void
take_step (FewActions *self, const char *title, void (*step) (FewSession *session),
           const char *format)
{
  g_autofree char *what = g_strdup (title);
  step (get_session (self));
  if (!what)
    return;
  g_autoptr (GString) text = g_string_new (format);
  g_string_replace (text, "%s", what, 1);
  few_actions_say (self, text->str);
}

static void
undo_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  if (few_toasts_take_back (few_actions_get_window (user)))
    return;
  /* Translators: %s is what was undone, as “Remove 3 Pictures” */
  take_step (user, few_session_get_undo (get_session (user)), few_session_undo, _ ("Undone: %s"));
}

/* A toast's button: it belongs to its own step. */
static void
undo_step_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  if (g_variant_get_uint64 (parameter) == few_session_get_step (get_session (user)))
    undo_cb (action, NULL, user);
}

static void
redo_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  /* Translators: %s is what was done again, as “Remove 3 Pictures” */
  take_step (user, few_session_get_redo (get_session (user)), few_session_redo, _ ("Redone: %s"));
}

/* ---- life */

static void
update_enabled (FewActions *self)
{
  few_actions_enable (self, "undo",
                      few_session_get_undo (get_session (self)) != NULL
                          || few_toasts_can_take_back (few_actions_get_window (self)));
  few_actions_enable (self, "redo", few_session_get_redo (get_session (self)) != NULL);
}

static void
said_cb (FewDocumentActions *self)
{
  update_enabled (FEW_ACTIONS (self));
}

/* A project that got a file, or was opened from one, is a recent one. */
static void
document_changed_cb (FewDocumentActions *self)
{
  const char *path = few_document_get_path (self->document);
  if (path)
    few_recent_remember (path);
}

static void
few_document_actions_dispose (GObject *object)
{
  g_clear_object (&FEW_DOCUMENT_ACTIONS (object)->document);
  G_OBJECT_CLASS (few_document_actions_parent_class)->dispose (object);
}

static void
few_document_actions_class_init (FewDocumentActionsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_document_actions_dispose;
}

static void
few_document_actions_init (FewDocumentActions *self)
{
}

void
few_document_actions_install (GActionMap *window, FewSession *session, FewDocument *document)
{
  static const GActionEntry entries[] = {
    { "open", open_cb },
    { "open-path", open_path_cb, "s" },
    { "save", save_cb },
    { "save-as", save_as_cb },
    { "save-to", save_to_cb, "s" },
    { "locate", locate_cb },
    { "locate-in", locate_in_cb, "s" },
    { "undo", undo_cb },
    { "undo-step", undo_step_cb, "t" },
    { "redo", redo_cb },
  };
  static const FewKeys accels[] = {
    { "win.open", { "<Control>o" } },
    { "win.save", { "<Control>s" } },
    { "win.save-as", { "<Control><Shift>s" } },
    { "win.undo", { "<Control>z" } },
    { "win.redo", { "<Control><Shift>z", "<Control>y" } },
  };
  g_return_if_fail (FEW_IS_DOCUMENT (document));
  FewDocumentActions *self = few_actions_new (FEW_TYPE_DOCUMENT_ACTIONS, window, session);
  self->document = g_object_ref (document);
  few_actions_set_accels (accels, G_N_ELEMENTS (accels));
  few_actions_add (FEW_ACTIONS (self), entries, G_N_ELEMENTS (entries));
  few_actions_watch (FEW_ACTIONS (self), update_enabled);
  g_signal_connect_object (window, "notify::is-active", G_CALLBACK (active_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (g_action_map_lookup_action (window, "say"), "notify::state",
                           G_CALLBACK (said_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (document, "changed", G_CALLBACK (document_changed_cb), self,
                           G_CONNECT_SWAPPED);
}
