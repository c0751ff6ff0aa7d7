/* SPDX-License-Identifier: MIT */
/* Functions of FewSession that hand on to its objects. */
#include "base/few-settings.h"
#include "session/few-session.h"

GListModel *
few_session_get_classes (FewSession *self)
{
  return few_examples_get_classes (few_session_get_examples (self));
}

GListModel *
few_session_get_pictures (FewSession *self)
{
  return few_examples_get_pictures (few_session_get_examples (self));
}

const FewModelInfo *
few_session_get_model (FewSession *self)
{
  return few_desk_get_model (few_session_get_desk (self));
}

gboolean
few_session_is_opening (FewSession *self)
{
  return few_desk_is_opening (few_session_get_desk (self));
}

void
few_session_import (FewSession *self, const char *const *paths, FewClass *into)
{
  few_import_begin (few_session_get_import (self), paths, into);
}

void
few_session_cancel_import (FewSession *self)
{
  few_examples_cancel_encoding (few_session_get_examples (self));
}

GPtrArray *
few_session_get_refused (FewSession *self)
{
  return few_examples_get_refused (few_session_get_examples (self));
}

void
few_session_clear_refused (FewSession *self)
{
  few_examples_clear_refused (few_session_get_examples (self));
}

FewClass *
few_session_add_class (FewSession *self, const char *name)
{
  return few_examples_add_class (few_session_get_examples (self), name);
}

gboolean
few_session_rename_class (FewSession *self, FewClass *klass, const char *name)
{
  return few_examples_rename_class (few_session_get_examples (self), klass, name);
}

void
few_session_set_prompt (FewSession *self, FewClass *klass, const char *prompt)
{
  few_examples_set_prompt (few_session_get_examples (self), klass, prompt);
}

void
few_session_move (FewSession *self, GPtrArray *pictures, FewClass *klass)
{
  few_examples_move (few_session_get_examples (self), pictures, klass);
}

void
few_session_remove_pictures (FewSession *self, GPtrArray *pictures)
{
  few_examples_remove_pictures (few_session_get_examples (self), pictures);
}

void
few_session_remove_class (FewSession *self, FewClass *klass)
{
  few_examples_remove_class (few_session_get_examples (self), klass);
}

void
few_session_set_excluded (FewSession *self, GPtrArray *pictures, gboolean excluded)
{
  few_examples_set_excluded (few_session_get_examples (self), pictures, excluded);
}

guint
few_session_count_missing (FewSession *self)
{
  return few_missing_count (few_session_get_missing (self));
}

void
few_session_locate (FewSession *self, const char *folder)
{
  few_missing_locate (few_session_get_missing (self), folder);
}

const char *
few_session_get_template (FewSession *self)
{
  return few_examples_get_template (few_session_get_examples (self));
}

void
few_session_set_template (FewSession *self, const char *template_text)
{
  few_examples_set_template (few_session_get_examples (self), template_text);
}

void
few_session_train (FewSession *self)
{
  few_runs_train (few_session_get_runs_object (self));
}

void
few_session_set_paused (FewSession *self, gboolean paused)
{
  few_runs_set_paused (few_session_get_runs_object (self), paused);
}

void
few_session_stop (FewSession *self)
{
  few_runs_stop (few_session_get_runs_object (self));
}

FewTrainingState
few_session_get_training (FewSession *self)
{
  return few_runs_get_training (few_session_get_runs_object (self));
}

GPtrArray *
few_session_get_runs (FewSession *self)
{
  return few_runs_get_list (few_session_get_runs_object (self));
}

void
few_session_show_run (FewSession *self, guint index)
{
  few_runs_show (few_session_get_runs_object (self), index);
}

int
few_session_get_shown_run (FewSession *self)
{
  return few_runs_get_shown (few_session_get_runs_object (self));
}

void
few_session_delete_run (FewSession *self, guint index)
{
  few_runs_delete (few_session_get_runs_object (self), index);
}

gboolean
few_session_is_stale (FewSession *self)
{
  return few_runs_is_stale (few_session_get_runs_object (self));
}

void
few_session_compare (FewSession *self)
{
  few_comparison_run (few_session_get_comparison (self));
}

void
few_session_stop_comparing (FewSession *self)
{
  few_comparison_stop (few_session_get_comparison (self));
}

FewPicture *
few_session_get_picture (FewSession *self, guint id)
{
  return few_examples_get_picture (few_session_get_examples (self), id);
}

FewSnapshot *
few_session_get_snapshot (FewSession *self)
{
  return few_view_get_snapshot (few_session_get_view (self));
}

double
few_session_get_alpha (FewSession *self)
{
  return few_view_get_alpha (few_session_get_view (self));
}

void
few_session_set_alpha (FewSession *self, double alpha)
{
  few_view_set_alpha (few_session_get_view (self), alpha);
}

void
few_session_peek_alpha (FewSession *self, double alpha)
{
  few_view_peek_alpha (few_session_get_view (self), alpha);
}

int
few_session_get_row (FewSession *self, FewPicture *picture)
{
  return few_view_get_row (few_session_get_view (self), picture);
}

const guint32 *
few_session_get_predicted (FewSession *self)
{
  return few_view_get_predicted (few_session_get_view (self));
}

const guint32 *
few_session_get_predicted_zero_shot (FewSession *self)
{
  return few_view_get_predicted_zero_shot (few_session_get_view (self));
}

const float *
few_session_get_margins (FewSession *self)
{
  return few_view_get_margins (few_session_get_view (self));
}

FewClass *
few_session_get_snapshot_class (FewSession *self, guint k)
{
  return few_view_get_class (few_session_get_view (self), k);
}

GPtrArray *
few_session_get_snapshot_classes (FewSession *self)
{
  return few_view_get_classes (few_session_get_view (self));
}

FewPicture *
few_session_get_row_picture (FewSession *self, guint row)
{
  return few_view_get_row_picture (few_session_get_view (self), row);
}

int
few_session_get_measured_role (FewSession *self)
{
  return few_view_get_measured_role (few_session_get_view (self));
}

guint
few_session_count_measured (FewSession *self)
{
  return few_view_count_measured (few_session_get_view (self));
}

void
few_session_request_map (FewSession *self)
{
  few_view_request_map (few_session_get_view (self));
}

FewMap *
few_session_get_map (FewSession *self)
{
  return few_view_get_map (few_session_get_view (self));
}

void
few_session_request_nearest (FewSession *self, FewPicture *picture, guint count)
{
  few_view_request_nearest (few_session_get_view (self), picture, count);
}

gboolean
few_session_poll (FewSession *self)
{
  return few_runs_poll (few_session_get_runs_object (self));
}

GListModel *
few_session_get_trials (FewSession *self)
{
  return few_trials_get_list (few_session_get_trials_object (self));
}

void
few_session_try (FewSession *self, const char *const *paths)
{
  few_trials_try (few_session_get_trials_object (self), paths);
}

gboolean
few_session_is_trying (FewSession *self)
{
  return few_trials_is_trying (few_session_get_trials_object (self));
}

void
few_session_stop_trying (FewSession *self)
{
  few_trials_stop (few_session_get_trials_object (self));
}

void
few_session_clear_trials (FewSession *self)
{
  few_trials_clear (few_session_get_trials_object (self));
}

double
few_session_get_keep (FewSession *self)
{
  return few_trials_get_keep (few_session_get_trials_object (self));
}

void
few_session_set_keep (FewSession *self, double keep)
{
  few_trials_set_keep (few_session_get_trials_object (self), keep);
}

double
few_session_get_threshold (FewSession *self, guint *n)
{
  return few_trials_get_threshold (few_session_get_trials_object (self), n);
}

gboolean
few_session_is_fresh (FewSession *self)
{
  return few_examples_is_fresh (few_session_get_examples (self));
}

void
few_session_open_model (FewSession *self, const char *folder)
{
  g_autofree char *device = few_settings_device ();
  few_session_open_model_on (self, folder, device);
}

void
few_session_open_project (FewSession *self, FewProject *project, const char *folder)
{
  g_autofree char *device = few_settings_device ();
  few_session_open_project_on (self, project, folder, device);
}

FewTrainJob *
few_session_get_job (FewSession *self)
{
  return (FewTrainJob *) few_runs_get_job (few_session_get_runs_object (self));
}

void
few_session_job_changed (FewSession *self)
{
  FewTrainJob job = *few_session_get_job (self);
  few_runs_set_job (few_session_get_runs_object (self), &job);
}
