/* SPDX-License-Identifier: MIT */
/* Pictures that are not in the project: seen through what is in view, CLIP or an adapter, and
 * followed as α moves. The UI thread only.
 *
 * Signals
 *   changed ()   which pictures are tried, whether answers are awaited, or what is said of them,
 *                changed */
#pragma once
#include "session/few-runs.h"
#include "session/few-trial.h"

G_BEGIN_DECLS
#define FEW_TYPE_TRIALS (few_trials_get_type ())
G_DECLARE_FINAL_TYPE (FewTrials, few_trials, FEW, TRIALS, GObject)

FewTrials *few_trials_new (FewDesk *desk, FewExamples *examples, FewView *view, FewRuns *runs);
/* Of FewTrial. */
GListModel *few_trials_get_list (FewTrials *self);
/* Pictures, or folders of them. */
void few_trials_try (FewTrials *self, const char *const *paths);
/* A part of a picture that is tried is tried, too: right behind it. */
void few_trials_try_part (FewTrials *self, FewTrial *of, const FewCrop *crop);
gboolean few_trials_is_trying (FewTrials *self);
void few_trials_stop (FewTrials *self);
/* How many there were; they are kept for few_trials_restore until the next time. */
guint few_trials_clear (FewTrials *self);
void few_trials_restore (FewTrials *self);
/* ½…1; 1: every picture is one of the classes. */
double few_trials_get_keep (FewTrials *self);
void few_trials_set_keep (FewTrials *self, double keep);
/* The cosine below which a picture is none of the classes; NAN: there is none. *n (may be NULL):
 * pictures that it was measured on. */
double few_trials_get_threshold (FewTrials *self, guint *n);
G_END_DECLS
