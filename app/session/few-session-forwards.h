/* SPDX-License-Identifier: MIT */
/* What FewSession was before it had objects of its own: every function hands on to one of them. It
 * goes with its last caller. */
#pragma once

G_BEGIN_DECLS
GListModel *few_session_get_classes (FewSession *self);
GListModel *few_session_get_pictures (FewSession *self);
const FewModelInfo *few_session_get_model (FewSession *self);
gboolean few_session_is_opening (FewSession *self);
void few_session_import (FewSession *self, const char *const *paths, FewClass *into);
void few_session_cancel_import (FewSession *self);
GPtrArray *few_session_get_refused (FewSession *self);
void few_session_clear_refused (FewSession *self);
FewClass *few_session_add_class (FewSession *self, const char *name);
gboolean few_session_rename_class (FewSession *self, FewClass *klass, const char *name);
void few_session_set_prompt (FewSession *self, FewClass *klass, const char *prompt);
void few_session_move (FewSession *self, GPtrArray *pictures, FewClass *klass);
void few_session_remove_pictures (FewSession *self, GPtrArray *pictures);
void few_session_remove_class (FewSession *self, FewClass *klass);
void few_session_set_excluded (FewSession *self, GPtrArray *pictures, gboolean excluded);
guint few_session_count_missing (FewSession *self);
void few_session_locate (FewSession *self, const char *folder);
const char *few_session_get_template (FewSession *self);
void few_session_set_template (FewSession *self, const char *template_text);
void few_session_train (FewSession *self);
void few_session_set_paused (FewSession *self, gboolean paused);
void few_session_stop (FewSession *self);
FewTrainingState few_session_get_training (FewSession *self);
GPtrArray *few_session_get_runs (FewSession *self);
void few_session_show_run (FewSession *self, guint index);
int few_session_get_shown_run (FewSession *self);
void few_session_delete_run (FewSession *self, guint index);
gboolean few_session_is_stale (FewSession *self);
void few_session_compare (FewSession *self);
void few_session_stop_comparing (FewSession *self);
FewPicture *few_session_get_picture (FewSession *self, guint id);
FewSnapshot *few_session_get_snapshot (FewSession *self);
double few_session_get_alpha (FewSession *self);
void few_session_set_alpha (FewSession *self, double alpha);
void few_session_peek_alpha (FewSession *self, double alpha);
int few_session_get_row (FewSession *self, FewPicture *picture);
const guint32 *few_session_get_predicted (FewSession *self);
const guint32 *few_session_get_predicted_zero_shot (FewSession *self);
const float *few_session_get_margins (FewSession *self);
FewClass *few_session_get_snapshot_class (FewSession *self, guint k);
GPtrArray *few_session_get_snapshot_classes (FewSession *self);
FewPicture *few_session_get_row_picture (FewSession *self, guint row);
int few_session_get_measured_role (FewSession *self);
guint few_session_count_measured (FewSession *self);
void few_session_request_map (FewSession *self);
FewMap *few_session_get_map (FewSession *self);
void few_session_request_nearest (FewSession *self, FewPicture *picture, guint count);
gboolean few_session_poll (FewSession *self);
GListModel *few_session_get_trials (FewSession *self);
void few_session_try (FewSession *self, const char *const *paths);
gboolean few_session_is_trying (FewSession *self);
void few_session_stop_trying (FewSession *self);
void few_session_clear_trials (FewSession *self);
double few_session_get_keep (FewSession *self);
void few_session_set_keep (FewSession *self, double keep);
double few_session_get_threshold (FewSession *self, guint *n);
gboolean few_session_is_fresh (FewSession *self);
void few_session_open_model (FewSession *self, const char *folder);
void few_session_open_project (FewSession *self, FewProject *project, const char *folder);
FewTrainJob *few_session_get_job (FewSession *self);
void few_session_job_changed (FewSession *self);
G_END_DECLS
