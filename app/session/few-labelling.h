/* SPDX-License-Identifier: MIT */
/* Pictures without a label, asked about one after the other: first what is typical, then what is
 * unsure; and what the labels are worth so far. The UI thread only.
 *
 * Signals
 *   changed ()   another picture is asked about, or what is known of the labels is otherwise */
#pragma once
#include "session/few-examples.h"

G_BEGIN_DECLS
#define FEW_TYPE_LABELLING (few_labelling_get_type ())
G_DECLARE_FINAL_TYPE (FewLabelling, few_labelling, FEW, LABELLING, GObject)

/* What labels came between are judged by: few_label_gain. */
enum { FEW_LABELLING_STEP = 10 };

FewLabelling *few_labelling_new (FewDesk *desk, FewExamples *examples);
/* Files, or folders of them. */
void few_labelling_add_paths (FewLabelling *self, const char *const *paths);
/* FewPicture, of which the examples know nothing. */
void few_labelling_add_pictures (FewLabelling *self, GPtrArray *pictures);
/* What is asked about; NULL: nothing is left, or it is not chosen yet. */
FewPicture *few_labelling_get_picture (FewLabelling *self);
/* Whether the choice is awaited; done of total pictures are read for it, 0 of 0: all are. */
gboolean few_labelling_is_choosing (FewLabelling *self, guint *done, guint *total);
/* Pictures that are neither labelled nor skipped; those that were labelled here. */
guint few_labelling_count_left (FewLabelling *self);
guint few_labelling_count_given (FewLabelling *self);
/* The picture becomes an example of the class, which is a step of the history; the next one is
 * asked about. Undone, it is asked about again. */
void few_labelling_label (FewLabelling *self, FewClass *klass);
/* The same, of the class of that name, made where there is none. */
void few_labelling_label_name (FewLabelling *self, const char *name);
/* It is not asked about any more. */
void few_labelling_skip (FewLabelling *self);
/* What is learned from the labels so far; NULL: not known yet. */
const FewLabelScore *few_labelling_get_score (FewLabelling *self);
/* Whether the last FEW_LABELLING_STEP labels brought anything that can be measured: NULL while that
 * is not known or they did. */
const FewLabelGain *few_labelling_get_end (FewLabelling *self);
/* Why nothing could be chosen; NULL. */
const char *few_labelling_get_problem (FewLabelling *self);
G_END_DECLS
