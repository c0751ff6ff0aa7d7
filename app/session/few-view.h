/* SPDX-License-Identifier: MIT */
/* The lens: the snapshot in view, α, and what they say of each picture. The UI thread only.
 *
 * Signals
 *   snapshot ()             a new snapshot is in view (live, while training); comes before "lens"
 *   lens (alpha)            predictions changed: a new snapshot or another α
 *   nearest (near)          GArray of FewNear: answers the last few_view_request_nearest
 *   focus ()                another class is chosen at the side, or none
 *   did (title, FewEdit)    something that can be undone was done */
#pragma once
#include "base/few-turns.h"
#include "session/few-examples.h"
#include "session/few-measuring.h"

G_BEGIN_DECLS
#define FEW_TYPE_VIEW (few_view_get_type ())
G_DECLARE_FINAL_TYPE (FewView, few_view, FEW, VIEW, GObject)

FewView *few_view_new (FewDesk *desk, FewExamples *examples);

/* ---- the snapshot */
FewSnapshot *few_view_get_snapshot (FewView *self);
/* Takes over the snapshot; classes: FewClass, as it numbers them; alpha: NAN for that in view. */
void few_view_show (FewView *self, FewSnapshot *snapshot, GPtrArray *classes, double alpha);
/* A model that reads no texts says nothing before it has learned: of one nothing is in view then.
 * Whether it is one. */
gboolean few_view_forget_unsaid (FewView *self);
/* Live: the next snapshot follows soon, so nothing slow is asked of this one, and "lens" comes in a
 * turn of its own where the run is the same. */
void few_view_set_live (FewView *self, gboolean live);
gboolean few_view_is_live (FewView *self);
/* Whether there is so much in view that what is made of it takes several turns of the main loop:
 * "lens" then comes in a later one, and who hears it does its work in a turn of its own, which is
 * what follow is for: at once, or, of a large one, then. All of them come before the next frame. */
gboolean few_view_is_large (FewView *self);
void few_view_follow (FewView *self, gpointer object, FewWork work);
/* What was trained, NULL for CLIP itself. Borrowed. */
FewClassifier *few_view_get_classifier (FewView *self);
/* FewClass, as the snapshot numbers them. */
GPtrArray *few_view_get_classes (FewView *self);
FewClass *few_view_get_class (FewView *self, guint k);
/* Row of a picture in the snapshot, or −1. */
int few_view_get_row (FewView *self, FewPicture *picture);
/* Pictures by row of the snapshot; NULL for one that was removed since. */
FewPicture *few_view_get_row_picture (FewView *self, guint row);

/* ---- any number of labels */
/* Whether the pictures in view are labelled so. */
gboolean few_view_is_several (FewView *self);
/* What is known of that; "lens" says that it is more. */
const FewMeasuring *few_view_get_measuring (FewView *self);

/* ---- α */
/* FALSE of any number of labels: it is 1 there, for their thresholds are of what was learned. */
gboolean few_view_has_alpha (FewView *self);
double few_view_get_alpha (FewView *self);
/* The one that goes with what is exported. */
double few_view_get_exported_alpha (FewView *self);
void few_view_set_alpha (FewView *self, double alpha);
/* Shows α for a while: neither undo nor the project knows of it. NAN ends it. */
void few_view_peek_alpha (FewView *self, double alpha);
/* The α that was chosen, whatever is peeked at. */
double few_view_get_chosen_alpha (FewView *self);
/* As a project says, without a step of its own. */
void few_view_restore_alpha (FewView *self, double alpha);

/* ---- answer sets: how many pictures of a hundred shall have their class in theirs; “lens” says
 * that it is another. Between FEW_TRUST_LEAST and FEW_TRUST_MOST. */
guint few_view_get_promise (FewView *self);
void few_view_set_promise (FewView *self, guint promise);

/* ---- what it says; arrays by row of the snapshot, valid until the next "lens" */
const guint32 *few_view_get_predicted (FewView *self);
const guint32 *few_view_get_predicted_zero_shot (FewView *self);
const float *few_view_get_margins (FewView *self);
/* The role whose pictures accuracies are measured on: test, or −1 (all) where there are none.
 * With a snapshot. */
int few_view_get_measured_role (FewView *self);
guint few_view_count_measured (FewView *self);

/* ---- the class that is chosen at the side; NULL: all of them */
FewClass *few_view_get_focus (FewView *self);
void few_view_set_focus (FewView *self, FewClass *klass);

/* ---- asked of the worker */
void few_view_request_nearest (FewView *self, FewPicture *picture, guint count);
G_END_DECLS
