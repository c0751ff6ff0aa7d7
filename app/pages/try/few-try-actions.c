/* SPDX-License-Identifier: MIT */
/* Trying pictures: choosers, the table as CSV, copies sorted into folders, examples from what
 * was tried. */
#include "base/few-parts.h"
#include "common/csv.h"
#include "pages/try/few-label-window.h"
#include "pages/try/few-sorter.h"
#include "pages/try/few-try-camera.h"
#include "pages/try/few-try-job.h"
#include "pages/try/few-try-labels.h"
#include "pages/try/few-try-page.h"
#include "widgets/few-actions.h"
#include "widgets/few-chooser.h"
#include <glib/gi18n.h>

#define FEW_TYPE_TRY_ACTIONS (few_try_actions_get_type ())
G_DECLARE_FINAL_TYPE (FewTryActions, few_try_actions, FEW, TRY_ACTIONS, FewActions)

struct _FewTryActions
{
  FewActions parent;
  FewTryPage *page; /* weak */
};

G_DEFINE_FINAL_TYPE (FewTryActions, few_try_actions, FEW_TYPE_ACTIONS)

static FewSession *
get_session (gpointer self)
{
  return few_actions_get_session (self);
}

/* ---- what is tried */

static void
pictures_chosen_cb (gpointer user, const char *const *paths)
{
  few_trials_try (few_session_get_trials (get_session (user)), paths);
}

static void
try_pictures_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  few_choose (
      few_actions_get_window (user),
      &(FewChooser) { _ ("Try Pictures"), GTK_FILE_CHOOSER_ACTION_OPEN, FEW_CHOOSE_PICTURES, TRUE },
      pictures_chosen_cb, user);
}

static void
try_folder_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  few_choose (few_actions_get_window (user),
              &(FewChooser) { _ ("Try a Folder of Pictures"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER,
                              .several = TRUE },
              pictures_chosen_cb, user);
}

static void
try_path_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  const char *paths[] = { g_variant_get_string (parameter, NULL), NULL };
  few_actions_activate (user, "page", g_variant_new_string ("try"));
  few_trials_try (few_session_get_trials (get_session (user)), paths);
}

static void
clear_trials_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  guint n = few_trials_clear (few_session_get_trials (get_session (user)));
  g_autofree char *text =
      g_strdup_printf (ngettext ("%u answer cleared", "%u answers cleared", n), n);
  if (n > 0)
    few_actions_say_with_undo (user, text, "win.try-restore");
}

static void
restore_trials_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  few_trials_restore (few_session_get_trials (get_session (user)));
}

/* Those that are chosen join a class, counted from 1; 0: with the labels that were given. */
static void
add_example_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  FewTryActions *self = user;
  FewSession *session = get_session (self);
  g_autoptr (GPtrArray) chosen = few_try_page_get_chosen (self->page);
  int number = g_variant_get_int32 (parameter);
  g_autoptr (FewClass) klass = g_list_model_get_item (
      few_examples_get_classes (few_session_get_examples (session)), (guint) number - 1);
  if (chosen->len == 0 || (!klass && number != 0))
    return;
  g_autoptr (FewDataset) set = few_try_labels_dataset (chosen, klass);
  g_autoptr (GPtrArray) found = few_found_of_dataset (set);
  few_import_add_found (few_session_get_import (session), found);
}

/* ---- labels, one picture after the other */

/* What is asked is which one class a picture is of. */
static gboolean
refuses_several (FewTryActions *self)
{
  gboolean several = few_examples_is_several (few_session_get_examples (get_session (self)));
  if (several)
    few_actions_say (FEW_ACTIONS (self),
                     _ ("Pictures are asked about one by one where each is of one class. Here, add "
                        "them and give them labels on Examples, with the keys 1 to 9."));
  return several;
}

static void
label_paths (FewTryActions *self, const char *const *paths)
{
  if (refuses_several (self))
    return;
  FewLabelWindow *window =
      few_label_window_new (few_actions_get_window (FEW_ACTIONS (self)), get_session (self));
  few_labelling_add_paths (few_label_window_get_labelling (window), paths);
  gtk_window_present (GTK_WINDOW (window));
}

static void
unlabelled_chosen_cb (gpointer user, const char *const *paths)
{
  label_paths (user, paths);
}

/* Of what is tried; where nothing is, of a folder. */
static void
label_next_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  GListModel *trials = few_trials_get_list (few_session_get_trials (get_session (user)));
  g_autoptr (GPtrArray) pictures = g_ptr_array_new ();
  if (refuses_several (user))
    return;
  for (guint i = 0; i < g_list_model_get_n_items (trials); i++)
    {
      g_autoptr (FewTrial) trial = g_list_model_get_item (trials, i);
      g_ptr_array_add (pictures, few_trial_get_picture (trial)); /* the list keeps it */
    }
  if (pictures->len == 0)
    {
      few_choose (few_actions_get_window (user),
                  &(FewChooser) { _ ("A Folder of Pictures without Labels"),
                                  GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, .several = TRUE },
                  unlabelled_chosen_cb, user);
      return;
    }
  FewLabelWindow *window = few_label_window_new (few_actions_get_window (user), get_session (user));
  few_labelling_add_pictures (few_label_window_get_labelling (window), pictures);
  gtk_window_present (GTK_WINDOW (window));
}

static void
label_next_path_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  label_paths (user, (const char *const[]) { g_variant_get_string (parameter, NULL), NULL });
}

/* ---- the table as CSV */

static void
put_class (GString *csv, FewTrial *trial)
{
  FewClass *klass = few_trial_get_class (trial);
  FewClass *nearest = few_trial_get_nearest (trial);
  few_csv_text (csv, klass ? few_class_get_name (klass) : "");
  few_csv_text (csv, nearest ? few_class_get_name (nearest) : "");
  few_csv_number (csv, few_trial_get_cosine (trial));
  few_csv_number (csv, few_trial_get_probability (trial));
  few_csv_text (csv, few_trial_get_set (trial) ? few_trial_get_set (trial) : "");
}

/* The columns of `fewshot-cli predict` for any number of labels. */
static void
put_labels (GString *csv, FewTrial *trial)
{
  g_autofree char *labels = few_try_labels_join (trial);
  g_autofree char *chances = few_try_labels_join_chances (trial);
  few_csv_text (csv, labels);
  few_csv_text (csv, chances);
}

static GString *
format_csv (GListModel *trials)
{
  gboolean several = few_try_labels_are_told (trials);
  GString *csv =
      g_string_new (several ? "file,labels,probabilities,problem\r\n"
                            : "file,class,nearest_class,cosine,probability,may_be,problem\r\n");
  for (guint i = 0; i < g_list_model_get_n_items (trials); i++)
    {
      g_autoptr (FewTrial) trial = g_list_model_get_item (trials, i);
      g_autofree char *file =
          few_address_shown (few_picture_get_address (few_trial_get_picture (trial)));
      few_csv_text (csv, file);
      (several ? put_labels : put_class) (csv, trial);
      few_csv_text (csv, few_trial_get_reason (trial) ? few_trial_get_reason (trial) : "");
      few_csv_end (csv);
    }
  return csv;
}

static void
csv_written_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  g_autoptr (FewActions) self = user;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_file_get_path (G_FILE (source));
  if (!g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    {
      few_actions_say (self, error->message);
      return;
    }
  g_autofree char *name = g_filename_display_name (path);
  /* Translators: a file */
  g_autofree char *text = g_strdup_printf (_ ("Table saved as %s"), name);
  few_actions_say_of_file (self, text, path);
}

static void
write_csv (FewTryActions *self, const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GBytes) bytes =
      g_string_free_to_bytes (format_csv (few_try_page_get_model (self->page)));
  g_file_replace_contents_bytes_async (file, bytes, NULL, FALSE, G_FILE_CREATE_NONE, NULL,
                                       csv_written_cb, g_object_ref (self));
}

static void
csv_chosen_cb (gpointer user, const char *const *paths)
{
  write_csv (user, paths[0]);
}

static void
save_csv_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  few_choose (
      few_actions_get_window (user),
      &(FewChooser) { _ ("Save Table"), GTK_FILE_CHOOSER_ACTION_SAVE, .name = "answers.csv" },
      csv_chosen_cb, user);
}

static void
save_csv_to_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  write_csv (user, g_variant_get_string (parameter, NULL));
}

/* ---- copies sorted into folders */

typedef struct
{
  GPtrArray *items;
  char *folder;
} Sorting;

static void
sorting_free (gpointer data)
{
  Sorting *sorting = data;
  g_ptr_array_unref (sorting->items);
  g_free (sorting->folder);
  g_free (sorting);
}

static void
sort_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Sorting *sorting = few_try_job_get (data);
  GError *error = NULL;
  FewSorted *sorted =
      few_sort (sorting->items, sorting->folder, few_try_job_count, data, cancellable, &error);
  if (sorted)
    g_task_return_pointer (task, sorted, (GDestroyNotify) few_sorted_free);
  else
    g_task_return_error (task, error);
}

/* "12 pictures copied · 3 were there already · what went wrong first" */
static char *
describe_sorted (const FewSorted *sorted)
{
  GString *text = g_string_new (NULL);
  few_append_part (
      text, " · ", 1,
      g_strdup_printf (ngettext ("%u picture copied", "%u pictures copied", sorted->copied),
                       sorted->copied));
  few_append_part (
      text, " · ", sorted->there,
      g_strdup_printf (ngettext ("%u was there already", "%u were there already", sorted->there),
                       sorted->there));
  if (sorted->failed->len)
    few_append_part (text, " · ", 1, g_strdup (sorted->failed->pdata[0]));
  return g_string_free (text, FALSE);
}

static void
set_sorting (FewTryActions *self, GCancellable *sorting)
{
  if (self->page)
    few_try_actions_set_job (FEW_ACTIONS (self), self->page, sorting);
}

static void
sorted_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  FewTryActions *self = FEW_TRY_ACTIONS (source);
  g_autoptr (GError) error = NULL;
  const Sorting *sorting = few_try_job_get (g_task_get_task_data (G_TASK (result)));
  FewSorted *sorted = g_task_propagate_pointer (G_TASK (result), &error);
  set_sorting (self, NULL);
  if (sorted)
    {
      g_autofree char *text = describe_sorted (sorted);
      few_actions_say_of_file (FEW_ACTIONS (self), text, sorting->folder);
      few_sorted_free (sorted);
      return;
    }
  few_actions_say (FEW_ACTIONS (self), g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
                                           ? _ ("Stopped. Do it again to go on where it was.")
                                           : error->message);
}

/* What could not be read is left where it is, and so are parts, for it is whole files that are
 * copied; what has several labels goes to each. */
static GPtrArray *
collect_items (GListModel *trials)
{
  GPtrArray *items = few_sort_items_new ();
  for (guint i = 0; i < g_list_model_get_n_items (trials); i++)
    {
      g_autoptr (FewTrial) trial = g_list_model_get_item (trials, i);
      FewClass *klass = few_trial_get_class (trial);
      const GPtrArray *labels = few_trial_get_labels (trial);
      const char *path = few_picture_get_path (few_trial_get_picture (trial));
      const char *none = labels ? _ ("no label") : _ ("none of these");
      if (!few_crop_is_whole (few_picture_get_crop (few_trial_get_picture (trial))))
        continue;
      for (guint k = 0; labels && k < labels->len; k++)
        few_sort_items_add (items, path, few_class_get_name (labels->pdata[k]));
      if (few_trial_get_snapshot (trial, NULL) && !(labels && labels->len))
        few_sort_items_add (items, path, klass ? few_class_get_name (klass) : none);
    }
  return items;
}

static void
sort_into (FewTryActions *self, const char *folder)
{
  if (!self->page || few_try_page_get_job (self->page))
    return; /* a folder was asked for twice */
  Sorting *sorting = g_new0 (Sorting, 1);
  sorting->items = collect_items (few_try_page_get_model (self->page));
  sorting->folder = g_strdup (folder);
  few_try_job_begin (FEW_ACTIONS (self), self->page, sorting->items->len, sort_in_thread, sorting,
                     sorting_free, sorted_cb);
}

static void
folder_chosen_cb (gpointer user, const char *const *paths)
{
  sort_into (user, paths[0]);
}

static void
sort_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  few_choose (
      few_actions_get_window (user),
      &(FewChooser) { _ ("Where Shall the Copies Go?"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER },
      folder_chosen_cb, user);
}

static void
sort_to_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  sort_into (user, g_variant_get_string (parameter, NULL));
}

static void
cancel_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  FewTryActions *self = user;
  GCancellable *job = self->page ? few_try_page_get_job (self->page) : NULL;
  if (job)
    g_cancellable_cancel (job);
  else
    few_trials_stop (few_session_get_trials (get_session (self)));
}

/* ---- life */

static void
few_try_actions_dispose (GObject *object)
{
  FewTryActions *self = FEW_TRY_ACTIONS (object);
  g_clear_weak_pointer (&self->page);
  G_OBJECT_CLASS (few_try_actions_parent_class)->dispose (object);
}

static void
few_try_actions_class_init (FewTryActionsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_try_actions_dispose;
}

static void
few_try_actions_init (FewTryActions *self)
{
}

void
few_try_actions_install (GActionMap *window, FewSession *session, FewPage *page)
{
  static const GActionEntry entries[] = {
    { "try-pictures", try_pictures_cb },
    { "try-folder", try_folder_cb },
    { "try-path", try_path_cb, "s" },
    { "try-clear", clear_trials_cb },
    { "try-cancel", cancel_cb },
    { "try-csv", save_csv_cb },
    { "try-csv-to", save_csv_to_cb, "s" },
    { "try-sort", sort_cb },
    { "try-sort-to", sort_to_cb, "s" },
    { "try-add", add_example_cb, "i" },
    { "try-restore", restore_trials_cb },
    { "label-next", label_next_cb },
    { "label-next-path", label_next_path_cb, "s" },
  };
  static const FewKeys accels[] = { { "win.try-pictures", { "<Control>l" } } };
  g_return_if_fail (FEW_IS_TRY_PAGE (page));
  FewTryActions *self = few_actions_new (FEW_TYPE_TRY_ACTIONS, window, session);
  g_set_weak_pointer (&self->page, FEW_TRY_PAGE (page));
  few_actions_set_accels (accels, G_N_ELEMENTS (accels));
  few_actions_add (FEW_ACTIONS (self), entries, G_N_ELEMENTS (entries));
  few_tag_actions_install (window, session, FEW_TRY_PAGE (page));
  few_keep_actions_install (window, session, FEW_TRY_PAGE (page));
  few_try_camera_install (window, session, FEW_TRY_PAGE (page));
}
