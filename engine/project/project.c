/* SPDX-License-Identifier: MIT */
/* A project as a value. Parts that did not change are shared between the values that undo keeps. */
#include <fewshot/project.h>
#include "task/label-sort.h"
#include <string.h>

static void
free_class (gpointer data)
{
  FewProjectClass *klass = data;
  g_free (klass->name);
  g_free (klass->prompt);
  g_free (klass->unknown);
  g_free (klass);
}

static void
clear_picture (gpointer data)
{
  FewProjectPicture *picture = data;
  g_clear_pointer (&picture->path, g_ref_string_release);
  g_clear_pointer (&picture->labels, few_project_labels_unref);
  g_clear_pointer (&picture->unknown, g_free);
}

FewProjectLabels *
few_project_labels_new (const guint32 *labels, guint n)
{
  g_return_val_if_fail (n == 0 || labels != NULL, NULL);
  if (n == 0)
    return NULL;
  FewProjectLabels *own = g_atomic_rc_box_alloc (sizeof *own + n * sizeof own->labels[0]);
  memcpy (own->labels, labels, n * sizeof own->labels[0]);
  own->n = few_labels_sort (own->labels, n);
  return own;
}

FewProjectLabels *
few_project_labels_ref (FewProjectLabels *labels)
{
  g_return_val_if_fail (labels != NULL, NULL);
  return g_atomic_rc_box_acquire (labels);
}

void
few_project_labels_unref (FewProjectLabels *labels)
{
  g_return_if_fail (labels != NULL);
  g_atomic_rc_box_release (labels);
}

GArray *
few_project_pictures_new (guint reserved)
{
  GArray *pictures = g_array_sized_new (FALSE, TRUE, sizeof (FewProjectPicture), reserved);
  g_array_set_clear_func (pictures, clear_picture);
  return pictures;
}

GPtrArray *
few_project_classes_new (void)
{
  return g_ptr_array_new_with_free_func (free_class);
}

void
few_project_add_class (GPtrArray *classes, guint32 id, const char *name, const char *prompt,
                       const char *unknown)
{
  g_return_if_fail (classes != NULL && name != NULL);
  FewProjectClass *klass = g_new0 (FewProjectClass, 1);
  *klass = (FewProjectClass) { id, g_strdup (name), g_strdup (prompt), g_strdup (unknown) };
  g_ptr_array_add (classes, klass);
}

FewProject *
few_project_new (void)
{
  FewProject *project = g_new0 (FewProject, 1);
  project->classes = few_project_classes_new ();
  project->pictures = few_project_pictures_new (0);
  project->runs = g_ptr_array_new_with_free_func ((GDestroyNotify) few_project_run_unref);
  few_train_options_init (&project->job.options);
  project->job.split_seed = 1;
  project->alpha = project->job.options.alpha;
  project->template_text = g_strdup ("a photo of a {}.");
  return project;
}

void
few_project_free (FewProject *project)
{
  g_return_if_fail (project != NULL);
  g_ptr_array_unref (project->classes);
  g_array_unref (project->pictures);
  g_ptr_array_unref (project->runs);
  g_clear_pointer (&project->comparison, few_project_comparison_unref);
  g_free (project->template_text);
  g_free (project->model);
  g_free (project->model_sha256);
  g_free (project->model_fingerprint);
  g_free (project->unknown);
  g_free (project);
}

FewProjectRun *
few_project_run_ref (FewProjectRun *run)
{
  g_return_val_if_fail (run != NULL, NULL);
  g_atomic_ref_count_inc (&run->refs);
  return run;
}

void
few_project_run_unref (FewProjectRun *run)
{
  g_return_if_fail (run != NULL);
  if (!g_atomic_ref_count_dec (&run->refs))
    return;
  for (guint k = 0; run->prompts && k < run->n_classes; k++)
    g_free (run->prompts[k]);
  g_free (run->prompts);
  g_strfreev (run->names);
  g_free (run->title);
  g_free (run->template_text);
  g_free (run->history);
  g_free (run->ids);
  g_free (run->labels);
  g_clear_pointer (&run->sets, few_label_sets_unref);
  g_free (run->roles);
  g_free (run->form);
  g_free (run->key_labels);
  g_free (run->weights);
  g_free (run->trust);
  g_free (run->backbone_sha256);
  g_free (run->backbone_fingerprint);
  g_free (run->backbone_precision);
  g_free (run->parent);
  g_free (run->unknown);
  g_free (run);
}
