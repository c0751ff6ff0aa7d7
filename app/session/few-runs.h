/* SPDX-License-Identifier: MIT */
/* Training: the settings of the next run, the run under way, those that ended, and the zero-shot
 * snapshot that is shown without any. The UI thread only.
 *
 * Signals
 *   changed ()              what runs, which runs there are, or which is in view changed; also a
 *                           zero-shot snapshot was asked for: few_runs_poll waits for it
 *   settings ()             the settings are others, and it was not few_runs_set_job
 *   did (title, FewEdit)    something that can be undone was done */
#pragma once
#include "session/few-changes.h"
#include "session/few-kept-runs.h"
#include "session/few-view.h"

G_BEGIN_DECLS
#define FEW_TYPE_RUNS (few_runs_get_type ())
G_DECLARE_FINAL_TYPE (FewRuns, few_runs, FEW, RUNS, GObject)

typedef enum { FEW_TRAINING_IDLE, FEW_TRAINING_RUNNING, FEW_TRAINING_PAUSED } FewTrainingState;

FewRuns *few_runs_new (FewDesk *desk, FewExamples *examples, FewChanges *changes, FewView *view);

/* ---- the next run */
const FewTrainJob *few_runs_get_job (FewRuns *self);
/* Settings that follow each other quickly are one step of undo. */
void few_runs_set_job (FewRuns *self, const FewTrainJob *job);

/* The job's method, as FewTrainJob.method, or "" for the live adapter; tells `settings`. */
void few_runs_set_method (FewRuns *self, const char *specification);

/* ---- the run under way */
/* Begins once pictures that changed on disk are read anew. */
void few_runs_train (FewRuns *self);
void few_runs_set_paused (FewRuns *self, gboolean paused);
void few_runs_stop (FewRuns *self);
FewTrainingState few_runs_get_training (FewRuns *self);
/* 0…1, of a method, and then of the adapter that joins automatic; 0 before it begins. */
double few_runs_get_progress (FewRuns *self);
/* Call from a frame clock while it returns TRUE: shows the worker's newest snapshot. */
gboolean few_runs_poll (FewRuns *self);

/* ---- those that ended */
/* FewRun *, oldest first */
GPtrArray *few_runs_get_list (FewRuns *self);
void few_runs_show (FewRuns *self, guint index);
/* Index of the run in view, or −1. */
int few_runs_get_shown (FewRuns *self);
void few_runs_delete (FewRuns *self, guint index);
gboolean few_runs_is_stale (FewRuns *self);

/* ---- the project */
void few_runs_record (FewRuns *self, FewProject *project);
/* Runs and settings become what the project says. */
void few_runs_restore (FewRuns *self, const FewProject *project);
G_END_DECLS
