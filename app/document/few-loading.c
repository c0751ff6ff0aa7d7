/* SPDX-License-Identifier: MIT */
/* One loading: lock, look at the file, read it. */
#include "document/few-loading.h"
#include "document/few-drafts.h"
#include "document/few-project-lock.h"
#include <glib/gi18n.h>

static void
loading_free (gpointer data)
{
  FewLoading *loading = data;
  if (few_draft_is (loading->path))
    few_draft_unlock (loading->path, loading->lock);
  else
    few_project_unlock (loading->path, loading->lock);
  g_free (loading->path);
  g_free (loading);
}

static void
load_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  FewLoading *loading = data;
  GError *error = NULL;
  loading->stamp = few_stamp_of (loading->path);
  FewProject *project = few_project_load (loading->path, &error);
  if (project)
    g_task_return_pointer (task, project, (GDestroyNotify) few_project_free);
  else
    g_task_return_error (task, error);
}

gboolean
few_loading_begin (gpointer source, const char *path, GAsyncReadyCallback done, GError **error)
{
  g_return_val_if_fail (G_IS_OBJECT (source), FALSE);
  g_return_val_if_fail (path && done, FALSE);
  gboolean draft = few_draft_is (path);
  int lock = draft ? few_draft_lock (path) : few_project_lock (path);
  if (lock < 0 && !draft)
    {
      g_autofree char *shown = g_filename_display_name (path);
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY,
                   /* Translators: a file */
                   _ ("%s is open in another Fewshot. Close it there first."), shown);
      return FALSE;
    }
  FewLoading *loading = g_new0 (FewLoading, 1);
  loading->path = g_strdup (path);
  loading->lock = lock;
  g_autoptr (GTask) task = g_task_new (source, NULL, done, NULL);
  g_task_set_task_data (task, loading, loading_free);
  g_task_run_in_thread (task, load_in_thread);
  return TRUE;
}

FewProject *
few_loading_finish (GAsyncResult *result, FewLoading **loading, GError **error)
{
  g_return_val_if_fail (G_IS_TASK (result), NULL);
  *loading = g_task_get_task_data (G_TASK (result));
  return g_task_propagate_pointer (G_TASK (result), error);
}

int
few_loading_steal_lock (FewLoading *loading)
{
  g_return_val_if_fail (loading, -1);
  int lock = loading->lock;
  loading->lock = -1;
  return lock;
}

char *
few_loading_describe_failure (FewLoading *loading, const GError *error)
{
  g_return_val_if_fail (loading && error, NULL);
  g_autofree char *aside = NULL;
  if (few_draft_is (loading->path) && error->domain == FEW_ERROR)
    aside = few_draft_set_aside (loading->path);
  if (!aside)
    return g_strdup (error->message);
  g_autofree char *shown = g_filename_display_name (aside);
  /* Translators: what is wrong with a draft; the file that it is now */
  return g_strdup_printf (_ ("%s It was set aside as %s."), error->message, shown);
}
