/* SPDX-License-Identifier: MIT */
/* Trying pictures: choosers, the table as CSV, copies sorted into folders, examples from what
 * was tried. */
#include "widgets/few-chooser.h"
#include "common/csv.h"
#include "pages/try/few-sorter.h"
#include "shell/few-window.h"
#include <glib/gi18n.h>

/* ---- what is tried */

static void
chosen (GtkWindow *window, const char *const *paths)
{
  few_session_try (few_window_get_session (FEW_WINDOW (window)), paths);
}

static void
try_pictures (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  few_choose (
      widget,
      &(FewChooser) { _ ("Try Pictures"), GTK_FILE_CHOOSER_ACTION_OPEN, FEW_CHOOSE_PICTURES, TRUE },
      chosen);
}

static void
try_folder (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  few_choose (widget,
              &(FewChooser) { _ ("Try a Folder of Pictures"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER,
                              .several = TRUE },
              chosen);
}

static void
try_path (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  const char *paths[] = { g_variant_get_string (parameter, NULL), NULL };
  few_window_show_page (widget, "try");
  few_session_try (few_window_get_session (widget), paths);
}

static void
try_clear (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  few_session_clear_trials (few_window_get_session (widget));
}

/* The one in detail joins a class, counted from 1. */
static void
try_add (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  FewSession *session = few_window_get_session (widget);
  FewTrial *trial = few_try_page_get_selected (few_window_get_try (widget));
  g_autoptr (FewClass) klass = g_list_model_get_item (few_session_get_classes (session),
                                                      (guint) g_variant_get_int32 (parameter) - 1);
  if (!trial || !klass)
    return;
  const char *paths[] = { few_picture_get_path (few_trial_get_picture (trial)), NULL };
  few_session_import (session, paths, klass);
}

/* ---- the table as CSV */

static GString *
table_as_csv (GListModel *trials)
{
  GString *csv = g_string_new ("file,class,nearest_class,cosine,probability,problem\r\n");
  for (guint i = 0; i < g_list_model_get_n_items (trials); i++)
    {
      g_autoptr (FewTrial) trial = g_list_model_get_item (trials, i);
      g_autofree char *file =
          g_filename_display_name (few_picture_get_path (few_trial_get_picture (trial)));
      FewClass *klass = few_trial_get_class (trial);
      FewClass *nearest = few_trial_get_nearest (trial);
      few_csv_text (csv, file);
      few_csv_text (csv, klass ? few_class_get_name (klass) : "");
      few_csv_text (csv, nearest ? few_class_get_name (nearest) : "");
      few_csv_number (csv, few_trial_get_cosine (trial));
      few_csv_number (csv, few_trial_get_probability (trial));
      few_csv_text (csv, few_trial_get_reason (trial) ? few_trial_get_reason (trial) : "");
      few_csv_end (csv);
    }
  return csv;
}

static void
csv_written (GObject *source, GAsyncResult *result, gpointer user)
{
  g_autoptr (FewWindow) self = user;
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_file_get_parse_name (G_FILE (source));
  gboolean ok = g_file_replace_contents_finish (G_FILE (source), result, NULL, &error);
  /* Translators: a file */
  g_autofree char *text =
      ok ? g_strdup_printf (_ ("Table saved as %s"), name) : g_strdup (error->message);
  few_window_say (self, text, FALSE);
}

static void
write_csv (FewWindow *self, const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GBytes) bytes =
      g_string_free_to_bytes (table_as_csv (few_try_page_get_model (few_window_get_try (self))));
  g_file_replace_contents_bytes_async (file, bytes, NULL, FALSE, G_FILE_CREATE_NONE, NULL,
                                       csv_written, g_object_ref (self));
}

static void
csv_chosen (GtkWindow *window, const char *const *paths)
{
  write_csv (FEW_WINDOW (window), paths[0]);
}

static void
try_csv (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  few_choose (
      widget,
      &(FewChooser) { _ ("Save Table"), GTK_FILE_CHOOSER_ACTION_SAVE, .name = "answers.csv" },
      csv_chosen);
}

static void
try_csv_to (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  write_csv (widget, g_variant_get_string (parameter, NULL));
}

/* ---- copies sorted into folders */

typedef struct
{
  GPtrArray *items;
  char *folder;
  GWeakRef window;
  int done; /* atomic; shown by a timer */
} Sorting;

static void
sorting_free (gpointer data)
{
  Sorting *sorting = data;
  g_ptr_array_unref (sorting->items);
  g_free (sorting->folder);
  g_weak_ref_clear (&sorting->window);
  g_free (sorting);
}

static void
count (gpointer user, guint done, guint total)
{
  g_atomic_int_set (&((Sorting *) user)->done, (int) done);
}

static void
sort_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Sorting *sorting = data;
  GError *error = NULL;
  FewSorted *sorted =
      few_sort (sorting->items, sorting->folder, count, sorting, cancellable, &error);
  if (sorted)
    g_task_return_pointer (task, sorted, (GDestroyNotify) few_sorted_free);
  else
    g_task_return_error (task, error);
}

static gboolean
show_progress (gpointer user)
{
  GTask *task = user;
  Sorting *sorting = g_task_get_task_data (task);
  g_autoptr (FewWindow) window = g_weak_ref_get (&sorting->window);
  if (!window || g_task_get_completed (task))
    return G_SOURCE_REMOVE;
  few_try_page_set_progress (few_window_get_try (window), (guint) g_atomic_int_get (&sorting->done),
                             sorting->items->len);
  return G_SOURCE_CONTINUE;
}

static void
sorted (GObject *source, GAsyncResult *result, gpointer user)
{
  FewWindow *self = FEW_WINDOW (source);
  g_autoptr (GError) error = NULL;
  FewSorted *done = g_task_propagate_pointer (G_TASK (result), &error);
  few_try_page_set_progress (few_window_get_try (self), 0, 0);
  g_object_set_data (G_OBJECT (self), "sorting", NULL);
  if (!done)
    {
      few_window_say (self,
                      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
                          ? _ ("Stopped. Do it again to go on where it was.")
                          : error->message,
                      FALSE);
      return;
    }
  g_autofree char *text = g_strdup_printf (
      ngettext ("%u picture copied", "%u pictures copied", done->copied), done->copied);
  g_autofree char *there = done->there
                               ? g_strdup_printf (ngettext ("%u was there already",
                                                            "%u were there already", done->there),
                                                  done->there)
                               : NULL;
  g_autofree char *failed = done->failed->len ? g_strdup (done->failed->pdata[0]) : NULL;
  g_autofree char *all = there && failed ? g_strdup_printf ("%s · %s · %s", text, there, failed)
                         : there || failed
                             ? g_strdup_printf ("%s · %s", text, there ? there : failed)
                             : g_strdup (text);
  few_window_say (self, all, FALSE);
  few_sorted_free (done);
}

static void
sort_into (FewWindow *self, const char *folder)
{
  GListModel *trials = few_try_page_get_model (few_window_get_try (self));
  Sorting *sorting = g_new0 (Sorting, 1);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  if (g_object_get_data (G_OBJECT (self), "sorting"))
    {
      g_free (sorting);
      return; /* one at a time */
    }
  sorting->items = few_sort_items_new ();
  sorting->folder = g_strdup (folder);
  g_weak_ref_init (&sorting->window, self);
  for (guint i = 0; i < g_list_model_get_n_items (trials); i++)
    {
      g_autoptr (FewTrial) trial = g_list_model_get_item (trials, i);
      FewClass *klass = few_trial_get_class (trial);
      if (few_trial_get_snapshot (trial, NULL)) /* what could not be read is left where it is */
        few_sort_items_add (sorting->items, few_picture_get_path (few_trial_get_picture (trial)),
                            klass ? few_class_get_name (klass) : _ ("none of these"));
    }
  g_object_set_data_full (G_OBJECT (self), "sorting", g_object_ref (cancellable), g_object_unref);
  g_autoptr (GTask) task = g_task_new (self, cancellable, sorted, NULL);
  g_task_set_task_data (task, sorting, sorting_free);
  g_task_run_in_thread (task, sort_thread);
  g_timeout_add_full (G_PRIORITY_DEFAULT, 100, show_progress, g_object_ref (task), g_object_unref);
}

static void
folder_chosen (GtkWindow *window, const char *const *paths)
{
  sort_into (FEW_WINDOW (window), paths[0]);
}

static void
try_sort (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  few_choose (
      widget,
      &(FewChooser) { _ ("Where Shall the Copies Go?"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER },
      folder_chosen);
}

static void
try_sort_to (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  sort_into (widget, g_variant_get_string (parameter, NULL));
}

static void
try_cancel (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  GCancellable *sorting = g_object_get_data (G_OBJECT (widget), "sorting");
  if (sorting)
    g_cancellable_cancel (sorting);
  else
    few_session_stop_trying (few_window_get_session (widget));
}

void
few_window_try_init (FewWindow *self)
{
  static const GActionEntry actions[] = {
    { "try-pictures", try_pictures },    { "try-folder", try_folder },
    { "try-path", try_path, "s" },       { "try-clear", try_clear },
    { "try-cancel", try_cancel },        { "try-csv", try_csv },
    { "try-csv-to", try_csv_to, "s" },   { "try-sort", try_sort },
    { "try-sort-to", try_sort_to, "s" }, { "try-add", try_add, "i" },
  };
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
}
