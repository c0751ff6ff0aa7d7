/* SPDX-License-Identifier: MIT */
/* One loading: lock, look at the file, read it. */
#include "document/few-loading.h"
#include "common/file-sum.h"
#include "common/known-models.h"
#include "document/few-drafts.h"
#include "document/few-project-lock.h"
#include <glib/gi18n.h>

static void
loading_free (gpointer data)
{
  FewLoading *loading = data;
  if (few_draft_is (loading->path))
    few_draft_unlock (loading->path, loading->lock);
  else if (!loading->is_classifier)
    few_project_unlock (loading->path, loading->lock);
  g_free (loading->path);
  g_free (loading);
}

gboolean
few_loading_is_classifier (const char *path)
{
  g_return_val_if_fail (path, FALSE);
  g_autofree char *low = g_ascii_strdown (path, -1);
  return g_str_has_suffix (low, ".safetensors");
}

/* As few_project_load wants them: what is saved is to be read again. */
static gboolean
check_classes (const FewClassifierInfo *info, const char *name, GError **error)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  gboolean fit = TRUE;
  for (guint k = 0; fit && k < info->n_classes; k++)
    fit = *info->classes[k] && g_hash_table_add (names, (char *) info->classes[k]);
  if (!fit)
    g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT,
                 /* Translators: a file */
                 _ ("%s cannot become a project: its classes have no names of their own."), name);
  return fit;
}

/* A project of the classifier's classes, without pictures, on the model that it was trained on. */
static FewProject *
make_project (const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (FewClassifier) classifier = few_classifier_load (path, error);
  if (!classifier)
    return NULL;
  const FewClassifierInfo *info = few_classifier_info (classifier);
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *name = g_filename_display_name (base);
  g_autoptr (FewProject) project = few_project_new ();
  g_autoptr (GError) local = NULL;
  if (!check_classes (info, name, error))
    return NULL;
  project->model = few_known_model_of (info, cancellable, &local);
  if (local)
    g_propagate_error (error, g_steal_pointer (&local));
  else if (!project->model)
    g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT,
                 /* Translators: a file, then the name of a model */
                 _ ("%s was trained on the model “%s”, which is not on this computer. Fetch that "
                    "model first."),
                 name, info->backbone);
  if (!project->model)
    return NULL;
  project->model_sha256 = g_strdup (info->backbone_sha256);
  project->model_fingerprint = g_strdup (info->backbone_fingerprint);
  g_auto (GStrv) templates = few_templates_split (info->template_text);
  if (templates)
    {
      g_free (project->template_text);
      project->template_text = g_strdup (info->template_text);
    }
  for (guint k = 0; k < info->n_classes; k++)
    {
      const char *prompt = info->prompts && *info->prompts[k] ? info->prompts[k] : NULL;
      few_project_add_class (project->classes, k + 1, info->classes[k], prompt, NULL);
    }
  g_autofree char *sha256 = few_file_sum (path, error);
  if (!sha256)
    return NULL;
  FewProjectRun *run = few_project_run_of_classifier (name, sha256, classifier);
  project->alpha = info->alpha;
  project->job = run->job;
  g_ptr_array_add (project->runs, run);
  return g_steal_pointer (&project);
}

static void
load_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  FewLoading *loading = data;
  GError *error = NULL;
  loading->stamp = few_stamp_of (loading->path);
  FewProject *project = loading->is_classifier ? make_project (loading->path, cancellable, &error)
                                               : few_project_load (loading->path, &error);
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
  gboolean classifier = few_loading_is_classifier (path); /* which is read, and never written */
  int lock = -1;
  if (!classifier)
    lock = draft ? few_draft_lock (path) : few_project_lock (path);
  if (lock < 0 && !draft && !classifier)
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
  loading->is_classifier = classifier;
  g_autoptr (GTask) task = g_task_new (source, NULL, done, NULL);
  g_task_set_task_data (task, loading, loading_free);
  g_task_run_in_thread (task, load_in_thread);
  return TRUE;
}

FewProject *
few_loading_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (G_IS_TASK (result), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

FewLoading *
few_loading_of (GAsyncResult *result)
{
  g_return_val_if_fail (G_IS_TASK (result), NULL);
  return g_task_get_task_data (G_TASK (result));
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
