/* SPDX-License-Identifier: MIT */
/* Data sets of the project's pictures, copied in a thread while a dialog shows how far it is; and a
 * model card. */
#include "export/few-others-actions.h"
#include "base/few-parts.h"
#include "common/labelled.h"
#include "common/model-card.h"
#include "session/few-roll.h"
#include "widgets/few-actions.h"
#include "widgets/few-chooser.h"
#include "widgets/few-progress-dialog.h"
#include <adwaita.h>
#include <glib/gi18n.h>
#include <string.h>

#define FEW_TYPE_OTHERS_ACTIONS (few_others_actions_get_type ())
G_DECLARE_FINAL_TYPE (FewOthersActions, few_others_actions, FEW, OTHERS_ACTIONS, FewActions)

struct _FewOthersActions
{
  FewActions parent;
  FewLabelledFormat format; /* while it is asked where to */
  FewProgressDialog *dialog; /* NULL: nothing is written */
};

G_DEFINE_FINAL_TYPE (FewOthersActions, few_others_actions, FEW_TYPE_ACTIONS)

/* ---- the project's pictures */

/* What the run in view learned from and was tested on; id → role + 1. */
static GHashTable *
gather_roles (FewSession *session)
{
  GHashTable *roles = g_hash_table_new (NULL, NULL);
  FewSnapshot *snapshot = few_view_get_snapshot (few_session_get_view (session));
  const FewSnapshotInfo *info = snapshot ? few_snapshot_info (snapshot) : NULL;
  for (guint i = 0; info && info->trained && i < info->n; i++)
    g_hash_table_insert (roles, GUINT_TO_POINTER (info->ids[i]),
                         GUINT_TO_POINTER (info->roles[i] + 1u));
  return roles;
}

/* Those that take part, of any class. */
static FewDataset *
gather_set (FewSession *session)
{
  g_auto (FewRoll) roll = { 0 };
  g_autoptr (GHashTable) roles = gather_roles (session);
  FewDataset *set = few_dataset_new ();
  few_examples_call (few_session_get_examples (session), &roll);
  set->has_roles = g_hash_table_size (roles) > 0;
  for (guint k = 0; k < roll.prompts.n_classes; k++)
    g_ptr_array_add (set->classes, g_strdup (roll.prompts.names[k]));
  for (guint i = 0; i < roll.pictures.n; i++)
    {
      gpointer id = GUINT_TO_POINTER (roll.pictures.ids[i]);
      guint role = GPOINTER_TO_UINT (g_hash_table_lookup (roles, id));
      FewDataPicture *picture = g_new (FewDataPicture, 1);
      *picture = (FewDataPicture) { .path = g_strdup (roll.pictures.paths[i]),
                                    .label = roll.pictures.labels[i],
                                    .role = role > 0 ? (FewRole) (role - 1) : FEW_ROLE_TRAIN };
      if (roll.pictures.pinned[i])
        picture->role = FEW_ROLE_TEST;
      g_ptr_array_add (set->pictures, picture);
    }
  return set;
}

/* ---- in a thread */

typedef struct
{
  FewDataset *set;
  FewLabelledFormat format;
  char *output;
  FewLabelledDone done;
  int thousandths; /* atomic */
} Writing;

static void
writing_free (gpointer data)
{
  Writing *writing = data;
  few_dataset_free (writing->set);
  g_free (writing->output);
  g_free (writing);
}

static void
count_done (gpointer user, guint done)
{
  Writing *writing = user;
  g_atomic_int_set (&writing->thousandths,
                    (int) (1000ull * done / MAX (writing->set->pictures->len, 1)));
}

static void
write_in_thread (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data,
                 GCancellable *cancellable)
{
  Writing *writing = data;
  GError *error = NULL;
  if (few_labelled_write (writing->set, writing->format, writing->output, FALSE, count_done,
                          writing, cancellable, &writing->done, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* A folder got them, or a file their names. */
static char *
describe_pictures (const Writing *writing)
{
  guint n = writing->done.copied;
  if (writing->format != FEW_LABELLED_COCO)
    return g_strdup_printf (ngettext ("%u picture copied", "%u pictures copied", n), n);
  g_autofree char *name = g_filename_display_basename (writing->output);
  /* Translators: %s: a file */
  return g_strdup_printf (ngettext ("%u picture named in %s", "%u pictures named in %s", n), n,
                          name);
}

/* "12 pictures copied · 3 were there already · the split was drawn …" */
static char *
describe_done (const Writing *writing)
{
  const FewLabelledDone *done = &writing->done;
  g_autofree char *pictures = describe_pictures (writing);
  GString *text = g_string_new (pictures);
  few_append_part (
      text, " · ", done->there,
      g_strdup_printf (ngettext ("%u was there already", "%u were there already", done->there),
                       done->there));
  few_append_part (text, " · ", done->elsewhere,
                   g_strdup_printf (ngettext ("%u by its whole path: the file is not above it",
                                              "%u by their whole path: the file is not above them",
                                              done->elsewhere),
                                    done->elsewhere));
  few_append_part (text, " · ", *done->card_kept != 0,
                   /* Translators: %s: a file */
                   g_strdup_printf (_ ("the card that was there is %s now"), done->card_kept));
  few_append_part (text, " · ", done->split_drawn,
                   g_strdup (_ ("the split was drawn: train first to export the one measured on")));
  return g_string_free (text, FALSE);
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user G_GNUC_UNUSED)
{
  FewOthersActions *self = FEW_OTHERS_ACTIONS (source);
  const Writing *writing = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  gboolean written = g_task_propagate_boolean (G_TASK (result), &error);
  few_progress_dialog_clear (&self->dialog);
  if (written)
    {
      g_autofree char *text = describe_done (writing);
      few_actions_say_of_file (FEW_ACTIONS (self), text, writing->output);
      return;
    }
  few_actions_say (FEW_ACTIONS (self), g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
                                           ? _ ("Stopped. Do it again to go on where it was.")
                                           : error->message);
}

static void
write_labelled (FewOthersActions *self, FewLabelledFormat format, const char *output)
{
  if (self->dialog)
    return; /* it was asked for twice */
  FewDataset *set = gather_set (few_actions_get_session (FEW_ACTIONS (self)));
  Writing *writing = g_new0 (Writing, 1);
  writing->set = set;
  writing->format = format;
  writing->output = g_strdup (output);
  self->dialog = few_progress_dialog_new (few_actions_get_window (FEW_ACTIONS (self)),
                                          _ ("Copying the Pictures"));
  g_autoptr (GTask) task =
      g_task_new (self, few_progress_dialog_get_stop (self->dialog), written_cb, NULL);
  g_task_set_task_data (task, writing, writing_free);
  g_task_set_check_cancellable (task, FALSE);
  few_progress_dialog_follow (self->dialog, task, &writing->thousandths);
  g_task_run_in_thread (task, write_in_thread);
}

/* ---- where to */

static void
labelled_chosen_cb (gpointer user, const char *const *paths)
{
  FewOthersActions *self = user;
  write_labelled (self, self->format, paths[0]);
}

static void
choose_folder (gpointer user, FewLabelledFormat format, const char *title)
{
  ((FewOthersActions *) user)->format = format;
  few_choose (few_actions_get_window (user),
              &(FewChooser) { title, GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER }, labelled_chosen_cb,
              user);
}

static void
export_yolo_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED,
                gpointer user)
{
  choose_folder (user, FEW_LABELLED_YOLO, _ ("A Folder for train, val and test"));
}

static void
export_hugging_face_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED,
                        gpointer user)
{
  choose_folder (user, FEW_LABELLED_HUGGING_FACE, _ ("A Folder for the Data Set"));
}

static void
export_coco_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED,
                gpointer user)
{
  ((FewOthersActions *) user)->format = FEW_LABELLED_COCO;
  few_choose (few_actions_get_window (user),
              &(FewChooser) { _ ("COCO: Save above the Pictures"), GTK_FILE_CHOOSER_ACTION_SAVE,
                              .name = "labels.json" },
              labelled_chosen_cb, user);
}

/* A format of common/labelled.h, and a path. */
static void
export_labelled_to_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter, gpointer user)
{
  const char *name, *path;
  g_variant_get (parameter, "(&s&s)", &name, &path);
  FewLabelledFormat format = few_labelled_format_find (name);
  if (format < FEW_LABELLED_FORMATS)
    write_labelled (user, format, path);
}

/* ---- a model card */

typedef struct
{
  FewSnapshot *snapshot;
  double alpha;
  char *path;
} Card;

static void
card_free (gpointer data)
{
  Card *card = data;
  few_snapshot_unref (card->snapshot);
  g_free (card->path);
  g_free (card);
}

static void
write_card_in_thread (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data,
                      GCancellable *cancellable G_GNUC_UNUSED)
{
  const Card *card = data;
  GError *error = NULL;
  g_autoptr (FewClassifier) measured = few_snapshot_measured (card->snapshot, card->alpha, &error);
  g_autofree char *text =
      measured ? few_model_card (few_classifier_info (measured), "classifier.safetensors") : NULL;
  if (text && few_file_write (card->path, text, strlen (text), &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
card_written_cb (GObject *source, GAsyncResult *result, gpointer user G_GNUC_UNUSED)
{
  const Card *card = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      few_actions_say (FEW_ACTIONS (source), error->message);
      return;
    }
  g_autofree char *shown = g_filename_display_name (card->path);
  /* Translators: a file */
  g_autofree char *text = g_strdup_printf (_ ("Model card saved as %s"), shown);
  few_actions_say_of_file (FEW_ACTIONS (source), text, card->path);
}

static void
write_card (FewOthersActions *self, const char *path)
{
  FewView *view = few_session_get_view (few_actions_get_session (FEW_ACTIONS (self)));
  FewSnapshot *snapshot = few_view_get_snapshot (view);
  if (!snapshot || !few_snapshot_info (snapshot)->classifier)
    return;
  Card *card = g_new (Card, 1);
  *card = (Card) { few_snapshot_ref (snapshot), few_view_get_alpha (view), g_strdup (path) };
  g_autoptr (GTask) task = g_task_new (self, NULL, card_written_cb, NULL);
  g_task_set_task_data (task, card, card_free);
  g_task_run_in_thread (task, write_card_in_thread);
}

static void
card_chosen_cb (gpointer user, const char *const *paths)
{
  write_card (user, paths[0]);
}

static void
export_card_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED,
                gpointer user)
{
  few_choose (
      few_actions_get_window (user),
      &(FewChooser) { _ ("Export a Model Card: what whoever uses the classifier should know"),
                      GTK_FILE_CHOOSER_ACTION_SAVE, .name = "README.md" },
      card_chosen_cb, user);
}

static void
export_card_to_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter, gpointer user)
{
  write_card (user, g_variant_get_string (parameter, NULL));
}

/* ---- life */

static void
update_enabled (FewActions *self)
{
  static const char *const labelled[] = { "export-yolo", "export-hugging-face", "export-coco",
                                          "export-labelled-to" };
  FewSession *session = few_actions_get_session (self);
  FewExamples *examples = few_session_get_examples (session);
  gboolean some = g_list_model_get_n_items (few_examples_get_classes (examples)) > 0
                  && !few_examples_is_several (examples);
  for (guint i = 0; i < G_N_ELEMENTS (labelled); i++)
    few_actions_enable (self, labelled[i], some);
  few_actions_enable (self, "export-card", few_session_can_export (session));
  few_actions_enable (self, "export-card-to", few_session_can_export (session));
}

static void
few_others_actions_dispose (GObject *object)
{
  FewOthersActions *self = FEW_OTHERS_ACTIONS (object);
  if (self->dialog)
    g_cancellable_cancel (few_progress_dialog_get_stop (self->dialog));
  few_progress_dialog_clear (&self->dialog);
  G_OBJECT_CLASS (few_others_actions_parent_class)->dispose (object);
}

static void
few_others_actions_class_init (FewOthersActionsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_others_actions_dispose;
}

static void
few_others_actions_init (FewOthersActions *self G_GNUC_UNUSED)
{
}

void
few_others_actions_install (GActionMap *window, FewSession *session)
{
  static const GActionEntry entries[] = {
    { "export-yolo", export_yolo_cb }, { "export-hugging-face", export_hugging_face_cb },
    { "export-coco", export_coco_cb }, { "export-labelled-to", export_labelled_to_cb, "(ss)" },
    { "export-card", export_card_cb }, { "export-card-to", export_card_to_cb, "s" },
  };
  FewActions *self = few_actions_new (FEW_TYPE_OTHERS_ACTIONS, window, session);
  few_actions_add (self, entries, G_N_ELEMENTS (entries));
  few_actions_watch (self, update_enabled);
}
