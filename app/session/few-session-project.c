/* SPDX-License-Identifier: MIT */
/* The session as a project and back. One way back serves all: undo, redo and opening a file
 * restore a project. */
#include "base/few-list.h"
#include "session/few-session-private.h"
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

/* ---- the session as a value */

void
few_session_touch_pictures (FewSession *self)
{
  g_clear_pointer (&self->picture_records, g_array_unref);
}

void
few_session_touch_classes (FewSession *self)
{
  g_clear_pointer (&self->class_records, g_ptr_array_unref);
  few_session_touch_pictures (self); /* their labels count classes */
}

static GPtrArray *
record_classes (FewSession *self)
{
  GPtrArray *records = few_project_classes_new ();
  for (guint k = 0; k < g_list_model_get_n_items (G_LIST_MODEL (self->classes)); k++)
    {
      g_autoptr (FewClass) klass = g_list_model_get_item (G_LIST_MODEL (self->classes), k);
      few_project_add_class (records, few_class_get_id (klass), few_class_get_name (klass),
                             few_class_get_prompt (klass), few_class_get_unknown (klass));
    }
  return records;
}

static GArray *
record_pictures (FewSession *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->pictures));
  GArray *records = few_project_pictures_new (n);
  g_autoptr (GHashTable) labels = g_hash_table_new (NULL, NULL);
  for (guint k = 0; k < g_list_model_get_n_items (G_LIST_MODEL (self->classes)); k++)
    {
      g_autoptr (FewClass) klass = g_list_model_get_item (G_LIST_MODEL (self->classes), k);
      g_hash_table_insert (labels, klass, GUINT_TO_POINTER (k));
    }
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (FewPicture) picture = g_list_model_get_item (G_LIST_MODEL (self->pictures), i);
      const char *hash = few_picture_get_hash (picture);
      FewProjectPicture record = {
        .id = few_picture_get_id (picture),
        .label = GPOINTER_TO_UINT (g_hash_table_lookup (labels, few_picture_get_class (picture))),
        .path = g_ref_string_acquire (few_picture_get_path_string (picture)),
        .excluded = few_picture_is_excluded (picture),
        .unknown = g_strdup (few_picture_get_unknown (picture))
      };
      g_strlcpy (record.sha256, hash ? hash : "", sizeof record.sha256);
      g_array_append_val (records, record);
    }
  return records;
}

FewProject *
few_session_get_project (FewSession *self)
{
  FewProject *project = few_project_new ();
  if (!self->class_records)
    self->class_records = record_classes (self);
  if (!self->picture_records)
    self->picture_records = record_pictures (self);
  g_ptr_array_unref (project->classes);
  g_array_unref (project->pictures);
  g_free (project->template_text);
  project->classes = g_ptr_array_ref (self->class_records);
  project->pictures = g_array_ref (self->picture_records);
  for (guint i = 0; i < self->runs->len; i++)
    g_ptr_array_add (project->runs,
                     few_project_run_ref (((FewRun *) self->runs->pdata[i])->record));
  project->template_text = g_strdup (self->template_text);
  project->alpha = self->alpha;
  project->job = self->job;
  project->model = self->has_model ? g_strdup (self->model.folder) : NULL;
  project->model_sha256 = self->has_model ? g_strdup (self->model.sha256) : NULL;
  project->unknown = g_strdup (self->unknown);
  return project;
}

/* ---- and back */

static void
restore_classes (FewSession *self, const FewProject *project)
{
  GPtrArray *classes = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint k = 0; k < project->classes->len; k++)
    {
      const FewProjectClass *record = project->classes->pdata[k];
      FewClass *klass = g_hash_table_lookup (self->all_classes, GUINT_TO_POINTER (record->id));
      if (!klass)
        {
          klass = few_class_new (record->id, record->name);
          g_hash_table_insert (self->all_classes, GUINT_TO_POINTER (record->id), klass);
          self->next_class_id = MAX (self->next_class_id, record->id);
        }
      few_class_set_name (klass, record->name);
      few_class_set_prompt (klass, record->prompt);
      few_class_set_unknown (klass, record->unknown);
      g_ptr_array_add (classes, g_object_ref (klass));
    }
  few_list_become (self->classes, classes);
}

/* Returns the pictures (FewPicture) that were not there before and have no feature yet. */
static GPtrArray *
restore_pictures (FewSession *self, const FewProject *project)
{
  GPtrArray *pictures = g_ptr_array_new_full (project->pictures->len, g_object_unref);
  GPtrArray *waiting = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GHashTable) before = g_steal_pointer (&self->by_id);
  self->by_id = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < project->pictures->len; i++)
    {
      const FewProjectPicture *record = &g_array_index (project->pictures, FewProjectPicture, i);
      gpointer key = GUINT_TO_POINTER (record->id);
      FewClass *klass = g_hash_table_lookup (
          self->all_classes,
          GUINT_TO_POINTER (((FewProjectClass *) project->classes->pdata[record->label])->id));
      FewPicture *picture = g_hash_table_lookup (self->all_pictures, key);
      if (!picture)
        {
          picture = few_picture_new (record->id, record->path, klass);
          few_picture_set_hash_text (picture, record->sha256);
          few_picture_set_unknown (picture, record->unknown);
          g_hash_table_insert (self->all_pictures, key, picture);
          self->next_id = MAX (self->next_id, record->id);
        }
      few_picture_set_class (picture, klass);
      few_picture_set_excluded (picture, record->excluded);
      few_picture_set_path (picture, record->path);
      if (few_picture_get_state (picture) == FEW_PICTURE_WAITING
          && !g_hash_table_contains (before, key))
        g_ptr_array_add (waiting, g_object_ref (picture));
      g_hash_table_insert (self->by_id, key, picture);
      g_ptr_array_add (pictures, g_object_ref (picture));
    }
  few_list_become (self->pictures, pictures);
  return waiting;
}

static void
restore_runs (FewSession *self, const FewProject *project)
{
  gboolean there = !self->shown;
  g_ptr_array_set_size (self->runs, 0);
  for (guint i = 0; i < project->runs->len; i++)
    {
      FewProjectRun *record = project->runs->pdata[i];
      FewRun *run = g_hash_table_lookup (self->all_runs, record);
      if (!run)
        {
          run = few_run_new (few_project_run_ref (record));
          g_hash_table_insert (self->all_runs, record, run);
        }
      g_ptr_array_add (self->runs, run);
      there = there || run == self->shown;
    }
  if (!there)
    few_session_show_zero_shot (self);
}

static void
restore (FewSession *self, const FewProject *project)
{
  restore_classes (self, project);
  g_autoptr (GPtrArray) waiting = restore_pictures (self, project);
  restore_runs (self, project);
  g_free (self->template_text);
  self->template_text = g_strdup (project->template_text);
  self->job = project->job;
  self->alpha = project->alpha;
  few_session_touch_classes (self);
  few_session_encode (self, waiting);
  few_session_changed (self);
  few_session_peek_alpha (self, NAN);
  g_signal_emit (self, few_session_signals[FEW_SESSION_SETTINGS], 0);
  g_signal_emit (self, few_session_signals[FEW_SESSION_TRAINING], 0);
  g_signal_emit (self, few_session_signals[FEW_SESSION_HISTORY], 0);
  g_signal_emit (self, few_session_signals[FEW_SESSION_EDITED], 0);
}

gboolean
few_session_is_fresh (FewSession *self)
{
  return g_hash_table_size (self->all_pictures) == 0 && g_hash_table_size (self->all_classes) == 0;
}

void
few_session_open_project (FewSession *self, FewProject *project, const char *folder)
{
  /* ids count anew in every project: pictures of another one must not be taken for those of this
   * one */
  g_return_if_fail (few_session_is_fresh (self));
  g_free (self->unknown);
  self->unknown = g_strdup (project->unknown);
  g_free (self->folder);
  self->folder = g_strdup (folder);
  self->looked = FALSE;
  gboolean same = self->has_model && !self->opening
                      ? g_strcmp0 (project->model_sha256, self->model.sha256) == 0
                      : g_strcmp0 (project->model, self->asked) == 0;
  if (project->model && !same)
    {
      if (g_file_test (project->model, G_FILE_TEST_EXISTS))
        few_session_open_model (self, project->model);
      else
        {
          g_autofree char *text = g_strdup_printf (_ ("The model of this project is not at %s any "
                                                      "more. Open it (Ctrl+M) to see its runs."),
                                                   project->model);
          few_session_say (self, text);
        }
    }
  restore (self, project);
  few_history_reset (self->history, few_session_get_project (self));
  g_signal_emit (self, few_session_signals[FEW_SESSION_HISTORY], 0);
  if (self->runs->len)
    few_session_show_run (self, self->runs->len - 1);
}

/* ---- history */

void
few_session_did (FewSession *self, const char *title, FewEdit kind)
{
  few_history_push (self->history, few_session_get_project (self), title, kind);
  g_signal_emit (self, few_session_signals[FEW_SESSION_HISTORY], 0);
  g_signal_emit (self, few_session_signals[FEW_SESSION_EDITED], 0);
}

/* A drop that is still being added is not whole yet. */
const char *
few_session_get_undo (FewSession *self)
{
  return g_queue_is_empty (&self->imports) ? few_history_get_undo (self->history) : NULL;
}

const char *
few_session_get_redo (FewSession *self)
{
  return g_queue_is_empty (&self->imports) ? few_history_get_redo (self->history) : NULL;
}

void
few_session_undo (FewSession *self)
{
  FewProject *state = few_session_get_undo (self) ? few_history_undo (self->history) : NULL;
  if (state)
    restore (self, state);
}

void
few_session_redo (FewSession *self)
{
  FewProject *state = few_session_get_redo (self) ? few_history_redo (self->history) : NULL;
  if (state)
    restore (self, state);
}
