/* SPDX-License-Identifier: MIT */
/* A picture that is not in the project, and what the model makes of it.
 *
 * Properties
 *   answer   notified when what is said of it changed */
#pragma once
#include "session/few-picture.h"
#include <fewshot.h>

G_BEGIN_DECLS
#define FEW_TYPE_TRIAL (few_trial_get_type ())
G_DECLARE_FINAL_TYPE (FewTrial, few_trial, FEW, TRIAL, GObject)

FewTrial *few_trial_new (const char *path);
/* For its thumbnail and names. */
FewPicture *few_trial_get_picture (FewTrial *self);
/* Row `row` of a snapshot; classes: FewClass, as the snapshot numbers them. */
void few_trial_set_seen (FewTrial *self, FewSnapshot *snapshot, guint row, GPtrArray *classes);
void few_trial_set_refused (FewTrial *self, const char *reason);
/* Works the answer out again. share: of known pictures that may be refused, 0: there is always an
 * answer; promise: of its set. Strangeness decides where the classifier knows it; else `threshold`:
 * a smaller cosine is none of the classes. */
void few_trial_update (FewTrial *self, double alpha, double share, double threshold, guint promise);

/* NULL while it waits, or when it could not be read; few_trial_get_reason then says why. */
FewSnapshot *few_trial_get_snapshot (FewTrial *self, guint *row);
GPtrArray *few_trial_get_classes (FewTrial *self);
const char *few_trial_get_reason (FewTrial *self);
/* The answer: its class, NULL for none of them; of any number of labels the most likely. */
FewClass *few_trial_get_class (FewTrial *self);
/* FewClass, borrowed: the labels that are given, the most likely first; NULL where the answer is
 * one class. The chance of each. */
const GPtrArray *few_trial_get_labels (FewTrial *self);
float few_trial_get_chance (FewTrial *self, guint i);
/* Whether the answer is that class, or it is among the labels. */
gboolean few_trial_has_class (FewTrial *self, FewClass *klass);
/* The nearest class, whether or not it is the answer; NULL while it waits. */
FewClass *few_trial_get_nearest (FewTrial *self);
/* Of the nearest class, whether or not it is the answer; NAN while it waits. */
float few_trial_get_cosine (FewTrial *self);
float few_trial_get_probability (FewTrial *self);
/* "one of: nut, washer"; NULL where it is not known. */
const char *few_trial_get_set (FewTrial *self);
/* In words: a class or labels, “none of these”, why it could not be read, or "…". */
const char *few_trial_get_answer (FewTrial *self);
G_END_DECLS
