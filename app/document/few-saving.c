/* SPDX-License-Identifier: MIT */
/* One saving: look whether the file is still the one that was read, keep a copy of it when asked,
 * write. */
#include "document/few-saving.h"
#include <glib/gi18n.h>
#include <string.h>

typedef struct
{
  FewProject *project;
  char *path;
  FewStamp expected, written;
  gboolean must_match, keep_copy;
} Saving;

static void
saving_free (gpointer data)
{
  Saving *saving = data;
  g_clear_pointer (&saving->project, few_project_free);
  g_free (saving->path);
  g_free (saving);
}

/* "Leaves (before repair).fewshot" */
static char *
create_copy_name (const char *path)
{
  gsize stem = strlen (path);
  if (g_str_has_suffix (path, ".fewshot"))
    stem -= strlen (".fewshot");
  return g_strdup_printf ("%.*s (before repair).fewshot", (int) stem, path);
}

static gboolean
keep_copy (const char *path, GError **error)
{
  g_autofree char *name = create_copy_name (path);
  g_autoptr (GFile) from = g_file_new_for_path (path);
  g_autoptr (GFile) to = g_file_new_for_path (name);
  g_autoptr (GError) local = NULL;
  if (g_file_copy (from, to, G_FILE_COPY_NONE, NULL, NULL, NULL, &local)
      || g_error_matches (local, G_IO_ERROR, G_IO_ERROR_EXISTS)
      || g_error_matches (local, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
check_unchanged (const Saving *saving, GError **error)
{
  FewStamp now = few_stamp_of (saving->path);
  if (!saving->must_match || !now.exists || few_stamp_is_equal (&now, &saving->expected))
    return TRUE;
  g_autofree char *shown = g_filename_display_name (saving->path);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_WRONG_ETAG,
               /* Translators: a file */
               _ ("%s was changed by another program. It has not been written over."), shown);
  return FALSE;
}

static void
save_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Saving *saving = data;
  GError *error = NULL;
  gboolean saved = check_unchanged (saving, &error)
                   && (!saving->keep_copy || keep_copy (saving->path, &error))
                   && few_project_save (saving->project, saving->path, &error);
  g_clear_pointer (&saving->project, few_project_free); /* here: it may be all that has it */
  if (!saved)
    {
      g_task_return_error (task, error);
      return;
    }
  saving->written = few_stamp_of (saving->path);
  g_task_return_boolean (task, TRUE);
}

void
few_saving_begin (gpointer source, FewProject *project, const char *path, const FewStamp *expected,
                  gboolean copy, GAsyncReadyCallback done)
{
  g_return_if_fail (G_IS_OBJECT (source));
  g_return_if_fail (project && path);
  Saving *saving = g_new0 (Saving, 1);
  saving->project = project;
  saving->path = g_strdup (path);
  saving->must_match = expected != NULL;
  if (expected)
    saving->expected = *expected;
  saving->keep_copy = copy;
  g_autoptr (GTask) task = g_task_new (source, NULL, done, NULL);
  g_task_set_task_data (task, saving, saving_free);
  g_task_run_in_thread (task, save_in_thread);
}

const char *
few_saving_get_path (GAsyncResult *result)
{
  g_return_val_if_fail (G_IS_TASK (result), NULL);
  return ((Saving *) g_task_get_task_data (G_TASK (result)))->path;
}

gboolean
few_saving_finish (GAsyncResult *result, FewStamp *written, GError **error)
{
  g_return_val_if_fail (G_IS_TASK (result), FALSE);
  *written = ((Saving *) g_task_get_task_data (G_TASK (result)))->written;
  return g_task_propagate_boolean (G_TASK (result), error);
}
