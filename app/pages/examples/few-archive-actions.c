/* SPDX-License-Identifier: MIT */
/* Archives of pictures: where to, unpacked in a thread while a dialog shows how far it is, and then
 * imported as the folder that they have become. */
#include "pages/examples/few-examples-page.h"
#include "widgets/few-actions.h"
#include "widgets/few-chooser.h"
#include "widgets/few-progress-dialog.h"
#include <adwaita.h>
#include <glib/gi18n.h>

#define FEW_TYPE_ARCHIVE_ACTIONS (few_archive_actions_get_type ())
G_DECLARE_FINAL_TYPE (FewArchiveActions, few_archive_actions, FEW, ARCHIVE_ACTIONS, FewActions)

struct _FewArchiveActions
{
  FewActions parent;
  char *archive; /* while it is asked where to; NULL: nothing is asked */
  FewProgressDialog *dialog; /* NULL: nothing is unpacked */
};

G_DEFINE_FINAL_TYPE (FewArchiveActions, few_archive_actions, FEW_TYPE_ACTIONS)

/* ---- in a thread */

typedef struct
{
  char *archive, *folder;
  FewUnpacked unpacked;
  int thousandths; /* atomic */
} Unpacking;

static void
unpacking_free (gpointer data)
{
  Unpacking *unpacking = data;
  g_free (unpacking->archive);
  g_free (unpacking->folder);
  g_free (unpacking);
}

static void
note_progress (gpointer user, guint64 done, guint64 total)
{
  g_atomic_int_set (&((Unpacking *) user)->thousandths, (int) (1000 * done / MAX (total, 1)));
}

static void
unpack_in_thread (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data,
                  GCancellable *cancellable)
{
  Unpacking *unpacking = data;
  GError *error = NULL;
  if (few_archive_unpack (unpacking->archive, unpacking->folder, note_progress, unpacking,
                          cancellable, &unpacking->unpacked, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* What it has become is proposed like any folder. */
static void
unpacked_cb (GObject *source, GAsyncResult *result, gpointer user G_GNUC_UNUSED)
{
  FewArchiveActions *self = FEW_ARCHIVE_ACTIONS (source);
  const Unpacking *unpacking = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  gboolean unpacked = g_task_propagate_boolean (G_TASK (result), &error);
  FewSession *session = few_actions_get_session (FEW_ACTIONS (self));
  few_progress_dialog_clear (&self->dialog);
  if (!unpacked)
    {
      few_actions_say (FEW_ACTIONS (self), g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
                                               ? _ ("Stopped: nothing was unpacked.")
                                               : error->message);
      return;
    }
  if (!session)
    return; /* the window went meanwhile */
  const char *const paths[] = { unpacking->folder, NULL };
  few_actions_activate (FEW_ACTIONS (self), "page", g_variant_new_string ("examples"));
  few_import_propose (few_session_get_import (session), paths, NULL, TRUE);
}

static void
unpack (FewArchiveActions *self, const char *archive, const char *folder)
{
  if (self->dialog)
    return; /* it was asked for twice */
  Unpacking *unpacking = g_new0 (Unpacking, 1);
  unpacking->archive = g_strdup (archive);
  unpacking->folder = g_strdup (folder);
  self->dialog = few_progress_dialog_new (few_actions_get_window (FEW_ACTIONS (self)),
                                          _ ("Unpacking the Archive"));
  g_autoptr (GTask) task =
      g_task_new (self, few_progress_dialog_get_stop (self->dialog), unpacked_cb, NULL);
  g_task_set_task_data (task, unpacking, unpacking_free);
  g_task_set_check_cancellable (task, FALSE); /* what was there before Stop is no error */
  few_progress_dialog_follow (self->dialog, task, &unpacking->thousandths);
  g_task_run_in_thread (task, unpack_in_thread);
}

/* ---- which, and where to */

static void
folder_chosen_cb (gpointer user, const char *const *paths)
{
  FewArchiveActions *self = user;
  g_autofree char *archive = g_steal_pointer (&self->archive);
  if (archive)
    unpack (self, archive, paths[0]);
}

static void
archive_chosen_cb (gpointer user, const char *const *paths)
{
  FewArchiveActions *self = user;
  g_autofree char *folder = few_archive_folder (paths[0]);
  g_autofree char *name = g_path_get_basename (folder);
  g_free (self->archive);
  self->archive = g_strdup (paths[0]);
  few_choose (few_actions_get_window (user),
              &(FewChooser) { _ ("A New Folder for the Pictures of the Archive"),
                              GTK_FILE_CHOOSER_ACTION_SAVE, .name = name },
              folder_chosen_cb, user);
}

static void
import_archive_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED,
                   gpointer user)
{
  few_choose (few_actions_get_window (user),
              &(FewChooser) { _ ("Import an Archive (zip, tar)"), GTK_FILE_CHOOSER_ACTION_OPEN,
                              FEW_CHOOSE_ARCHIVES },
              archive_chosen_cb, user);
}

/* The archive and the new folder. */
static void
import_archive_to_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter, gpointer user)
{
  const char *archive, *folder;
  g_variant_get (parameter, "(&s&s)", &archive, &folder);
  unpack (user, archive, folder);
}

/* ---- life */

static void
few_archive_actions_dispose (GObject *object)
{
  FewArchiveActions *self = FEW_ARCHIVE_ACTIONS (object);
  if (self->dialog)
    g_cancellable_cancel (few_progress_dialog_get_stop (self->dialog));
  few_progress_dialog_clear (&self->dialog);
  g_clear_pointer (&self->archive, g_free);
  G_OBJECT_CLASS (few_archive_actions_parent_class)->dispose (object);
}

static void
few_archive_actions_class_init (FewArchiveActionsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_archive_actions_dispose;
}

static void
few_archive_actions_init (FewArchiveActions *self G_GNUC_UNUSED)
{
}

void
few_archive_actions_install (GActionMap *window, FewSession *session)
{
  static const GActionEntry entries[] = {
    { "import-archive", import_archive_cb },
    { "import-archive-to", import_archive_to_cb, "(ss)" },
  };
  FewActions *self = few_actions_new (FEW_TYPE_ARCHIVE_ACTIONS, window, session);
  few_actions_add (self, entries, G_N_ELEMENTS (entries));
}
