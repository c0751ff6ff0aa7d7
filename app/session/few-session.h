/* SPDX-License-Identifier: MIT */
/* What a window works on: the objects below wired together, the project they make up, and its
 * history. The UI thread only.
 *
 *   FewDesk ← FewExamples ← FewImport, FewMissing, FewChanges
 *                         ← FewView ← FewRuns ← FewTrials
 *                         ← FewComparison
 *
 * Properties
 *   waiting   a project is on its way in: what a person does has to wait
 *
 * Signals
 *   state ()                        what can be done may be otherwise: something below changed
 *   edited ()                       a person changed something that a project file holds
 *   learned ()                      something that it holds, too, became known by itself
 *   opened ()                       few_session_open_project is done
 *   returned (pictures)             undo brought these (GPtrArray of FewPicture) back, or made them
 *                                   what they were before
 *   exported (path, agree, total)   an adapter was written and read back
 *   message (text)                  a sentence for the person, as a toast */
#pragma once
#include "session/few-comparison.h"
#include "session/few-import.h"
#include "session/few-missing.h"
#include "session/few-trials.h"

G_BEGIN_DECLS
#define FEW_TYPE_SESSION (few_session_get_type ())
G_DECLARE_FINAL_TYPE (FewSession, few_session, FEW, SESSION, GObject)

FewSession *few_session_new (void);

/* ---- its objects, borrowed */
FewDesk *few_session_get_desk (FewSession *self);
FewExamples *few_session_get_examples (FewSession *self);
FewImport *few_session_get_import (FewSession *self);
FewMissing *few_session_get_missing (FewSession *self);
FewChanges *few_session_get_changes (FewSession *self);
FewView *few_session_get_view (FewSession *self);
/* For pictures that are decoded to be shown. */
FewDecodeBudget *few_session_get_decode_budget (FewSession *self);
FewRuns *few_session_get_runs (FewSession *self);
FewTrials *few_session_get_trials (FewSession *self);
FewComparison *few_session_get_comparison (FewSession *self);

void few_session_say (FewSession *self, const char *text);
/* Opens a model and reads every picture anew: its features are others. device: as
 * few_worker_open_model takes it. */
void few_session_open_model (FewSession *self, const char *folder, const char *device);

/* ---- the project */
void few_session_set_waiting (FewSession *self, gboolean waiting);
gboolean few_session_is_waiting (FewSession *self);
/* Everything as one value, to be saved. Free with few_project_free. */
FewProject *few_session_get_project (FewSession *self);
/* Gets it ready, some a call, until it returns FALSE: what is taken then, in the same turn of the
 * main loop, takes no time. */
gboolean few_session_prepare (FewSession *self);
/* Into a fresh session; `folder` (may be NULL) is where moved pictures are looked for first; a
 * model is opened on `device`. Of a large one in many turns of the main loop, while which nothing
 * else is done to the session; “opened” ends them. */
void few_session_open_project (FewSession *self, FewProject *project, const char *folder,
                               const char *device);

/* ---- its history */
/* What undo and redo would do, as "Remove 3 Pictures"; NULL: nothing. */
const char *few_session_get_undo (FewSession *self);
const char *few_session_get_redo (FewSession *self);
void few_session_undo (FewSession *self);
void few_session_redo (FewSession *self);
/* Which step of the history was the last: it becomes another one by every change, undo and redo. */
guint64 few_session_get_step (FewSession *self);

/* ---- export */
gboolean few_session_can_export (FewSession *self);
void few_session_export (FewSession *self, const char *path);
G_END_DECLS
