/* SPDX-License-Identifier: MIT */
/* What a window works on: classes, pictures, the worker, the newest snapshot and α. The UI
 * thread only.
 *
 * Signals
 *   changed ()                      classes or pictures changed
 *   progress (done, total)          an import is under way; total 0: over
 *   model ()                        a model was opened
 *   snapshot ()                     a new snapshot is in view (live, while training)
 *   lens ()                         predictions changed: a new snapshot or another α
 *   training ()                     the state of training changed
 *   message (text)                  a sentence for the person, as a toast
 *   imported (classes, pictures)    a drop was taken in
 *   exported (path, agree, total)   an adapter was written and read back
 *   settings ()                     template or training settings were changed by something else
 *     than their widgets
 *   edited ()                       something that a project file holds changed
 *   map ()                          the map of pictures is another one
 *   nearest (near)                  GArray of FewNear: answers the last
 *     few_session_request_nearest
 *   trials ()                       pictures that are tried, or what is said of them, changed
 *   history ()                      what can be undone or redone changed */
#pragma once
#include "session/few-comparison.h"
#include "session/few-picture.h"
#include "session/few-trial.h"
#include <fewshot.h>
#include <gio/gio.h>

G_BEGIN_DECLS
#define FEW_TYPE_SESSION (few_session_get_type ())
G_DECLARE_FINAL_TYPE (FewSession, few_session, FEW, SESSION, GObject)

typedef enum { FEW_TRAINING_IDLE, FEW_TRAINING_RUNNING, FEW_TRAINING_PAUSED } FewTrainingState;

/* A finished run, kept. */
typedef struct
{
  FewProjectRun *record;
  FewSnapshot *snapshot; /* NULL: to be restored from the record */
  GPtrArray *classes;    /* FewClass, as the snapshot numbers them; NULL with it */
} FewRun;

FewSession *few_session_new (void);
GListModel *few_session_get_classes (FewSession *self);
GListModel *few_session_get_pictures (FewSession *self);

/* ---- model */
void few_session_open_model (FewSession *self, const char *folder);
/* NULL while none is open. */
const FewModelInfo *few_session_get_model (FewSession *self);
gboolean few_session_is_opening (FewSession *self);

/* ---- examples. Paths are scanned and encoded on the worker. */
void few_session_import (FewSession *self, const char *const *paths, FewClass *into);
void few_session_cancel_import (FewSession *self);
/* Refused files since the last call of clear, as "sentence" strings. */
GPtrArray *few_session_get_refused (FewSession *self);
void few_session_clear_refused (FewSession *self);
FewClass *few_session_add_class (FewSession *self, const char *name);
/* FALSE when another class has that name or it is empty. */
gboolean few_session_rename_class (FewSession *self, FewClass *klass, const char *name);
void few_session_set_prompt (FewSession *self, FewClass *klass, const char *prompt);
void few_session_move (FewSession *self, GPtrArray *pictures, FewClass *klass);
void few_session_remove_pictures (FewSession *self, GPtrArray *pictures);
void few_session_remove_class (FewSession *self, FewClass *klass);
/* Excluded pictures stay and take no part. */
void few_session_set_excluded (FewSession *self, GPtrArray *pictures, gboolean excluded);
/* Pictures whose file is gone. */
guint few_session_count_missing (FewSession *self);
/* Looks for them by their content below a folder. */
void few_session_locate (FewSession *self, const char *folder);
const char *few_session_get_template (FewSession *self);
void few_session_set_template (FewSession *self, const char *template_text);

/* ---- training */
/* the settings of the next run; after a change call … */
FewTrainJob *few_session_get_job (FewSession *self);
void few_session_job_changed (FewSession *self);
void few_session_train (FewSession *self);
void few_session_set_paused (FewSession *self, gboolean paused);
void few_session_stop (FewSession *self);
FewTrainingState few_session_get_training (FewSession *self);
/* FewRun *, oldest first */
GPtrArray *few_session_get_runs (FewSession *self);
void few_session_show_run (FewSession *self, guint index);
/* Index of the run in view, or −1. */
int few_session_get_shown_run (FewSession *self);
void few_session_delete_run (FewSession *self, guint index);
/* TRUE when pictures or classes changed after the run in view was trained. */
gboolean few_session_is_stale (FewSession *self);

/* ---- comparing methods; results are in the comparison */
FewComparison *few_session_get_comparison (FewSession *self);
void few_session_compare (FewSession *self);
void few_session_stop_comparing (FewSession *self);
/* NULL when it was removed. */
FewPicture *few_session_get_picture (FewSession *self, guint id);

/* ---- the lens */
FewSnapshot *few_session_get_snapshot (FewSession *self);
double few_session_get_alpha (FewSession *self);
void few_session_set_alpha (FewSession *self, double alpha);
/* Shows α for a while: neither undo nor the project knows of it. NAN ends it. */
void few_session_peek_alpha (FewSession *self, double alpha);
/* Row of a picture in the snapshot, or −1. */
int few_session_get_row (FewSession *self, FewPicture *picture);
/* Predictions at α and at 0, and margins at α, by row; valid until the next "lens". */
const guint32 *few_session_get_predicted (FewSession *self);
const guint32 *few_session_get_predicted_zero_shot (FewSession *self);
const float *few_session_get_margins (FewSession *self);
/* The class of index k in the snapshot. */
FewClass *few_session_get_snapshot_class (FewSession *self, guint k);
GPtrArray *few_session_get_snapshot_classes (FewSession *self);
/* Pictures by row of the snapshot; NULL for one that was removed since. */
FewPicture *few_session_get_row_picture (FewSession *self, guint row);

/* The role whose pictures accuracies are measured on: test, or −1 (all) where there are none.
 * With a snapshot. */
int few_session_get_measured_role (FewSession *self);
guint few_session_count_measured (FewSession *self);
/* The map of the snapshot in view; asked for when it is wanted, NULL until it came. */
void few_session_request_map (FewSession *self);
FewMap *few_session_get_map (FewSession *self);
void few_session_request_nearest (FewSession *self, FewPicture *picture, guint count);

/* Call from a frame clock while it returns TRUE: takes the worker's newest snapshot. */
gboolean few_session_poll (FewSession *self);

/* ---- trying pictures that are not in the project */

/* FewTrial; their answers follow α and the run in view. */
GListModel *few_session_get_trials (FewSession *self);
/* Pictures, or folders of them. */
void few_session_try (FewSession *self, const char *const *paths);
gboolean few_session_is_trying (FewSession *self);
void few_session_stop_trying (FewSession *self);
void few_session_clear_trials (FewSession *self);
/* The share of known pictures that shall be recognised as known, ½…1; 1: every picture is one of
 * the classes. */
double few_session_get_keep (FewSession *self);
void few_session_set_keep (FewSession *self, double keep);
/* The cosine below which a picture is none of the classes; NAN: there is none. *n (may be NULL):
 * pictures that it was measured on. */
double few_session_get_threshold (FewSession *self, guint *n);

/* ---- the project and its history */

/* Everything as one value, to be saved. Free with few_project_unref. */
FewProject *few_session_get_project (FewSession *self);
/* TRUE while it never held anything. */
gboolean few_session_is_fresh (FewSession *self);
/* Into a fresh session; `folder` (may be NULL) is where moved pictures are looked for first. */
void few_session_open_project (FewSession *self, FewProject *project, const char *folder);
/* What undo and redo would do, as "Remove 3 Pictures"; NULL: nothing. */
const char *few_session_get_undo (FewSession *self);
const char *few_session_get_redo (FewSession *self);
void few_session_undo (FewSession *self);
void few_session_redo (FewSession *self);

/* ---- export */
gboolean few_session_can_export (FewSession *self);
void few_session_export (FewSession *self, const char *path);
G_END_DECLS
