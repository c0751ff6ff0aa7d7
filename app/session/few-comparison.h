/* SPDX-License-Identifier: MIT */
/* Methods side by side: which are wanted, and what the worker has found of them so far. The UI
 * thread only.
 *
 * Properties
 *   running   whether a comparison is under way
 *
 * Signals
 *   methods ()   a method was added
 *   wanted ()    shots and seeds are those of an earlier comparison, that came into view
 *   found ()     a run came in: a part of the project is another one
 *   changed ()   a run came in, began or ended, or progressed; the settings changed */
#pragma once
#include "session/few-changes.h"
#include "session/few-results.h"

G_BEGIN_DECLS
#define FEW_TYPE_COMPARISON (few_comparison_get_type ())
G_DECLARE_FINAL_TYPE (FewComparison, few_comparison, FEW, COMPARISON, GObject)

FewComparison *few_comparison_new (FewDesk *desk, FewExamples *examples, FewChanges *changes);

/* ---- what is wanted */
guint few_comparison_get_n_methods (FewComparison *self);
/* Translated, as in Train; the whole specification when it has settings of its own */
const char *few_comparison_get_title (FewComparison *self, guint method);
/* As few_method_parse reads it. */
const char *few_comparison_get_specification (FewComparison *self, guint method);
/* FALSE of what learns from texts while the model reads none, or from pictures with another number
 * of labels than those of the project have: it is left out. */
gboolean few_comparison_offers (FewComparison *self, guint i);
gboolean few_comparison_get_enabled (FewComparison *self, guint method);
void few_comparison_set_enabled (FewComparison *self, guint method, gboolean enabled);
gboolean few_comparison_add_method (FewComparison *self, const char *specification, GError **error);
/* "1, 2, 4": FALSE when it is no such list */
gboolean few_comparison_set_shots (FewComparison *self, const char *text);
const char *few_comparison_get_shots_text (FewComparison *self);
void few_comparison_set_seeds (FewComparison *self, guint seeds);
guint few_comparison_get_seeds (FewComparison *self);

/* What the numbers are: of pictures with any number of labels either of two, the mean average
 * precision at first. */
void few_comparison_set_measure (FewComparison *self, FewMeasure measure);
FewMeasure few_comparison_get_measure (FewComparison *self);

/* ---- the run. Shots that are more than the largest class can spare are left out. What was found
 * leaves the view with another model, and where pictures have any number of labels now, or one; it
 * comes back with the model and the labels that it was of. */
void few_comparison_run (FewComparison *self);
void few_comparison_stop (FewComparison *self);

/* ---- what was found */
gboolean few_comparison_is_running (FewComparison *self);
gboolean few_comparison_has_results (FewComparison *self);
/* 0…1; *what (may be NULL): the method that runs, free with g_free */
double few_comparison_get_progress (FewComparison *self, char **what);
/* The shots of the run in view. */
const guint *few_comparison_get_shots (FewComparison *self, guint *n);
/* By the measure, or by a certain one. */
void few_comparison_get_cell (FewComparison *self, guint method, guint shots,
                              FewComparisonCell *cell);
void few_comparison_get_cell_by (FewComparison *self, guint method, guint shots, FewMeasure measure,
                                 FewComparisonCell *cell);
/* Borrowed; NULL when it has not run. */
FewCompared *few_comparison_find (FewComparison *self, guint method, guint shots, guint64 seed);
/* *bare: how many of them have no label. */
guint few_comparison_get_test_pictures (FewComparison *self, guint *bare);
/* The class that the run in view numbers k. */
FewClass *few_comparison_get_class (FewComparison *self, guint k);

/* ---- what a project keeps: the last comparison that found something, in view or not */
void few_comparison_record (FewComparison *self, FewProject *project);
/* Of a session that has compared nothing yet, its classes there. */
void few_comparison_restore (FewComparison *self, const FewProject *project);
G_END_DECLS
