/* SPDX-License-Identifier: MIT */
/* How right a snapshot of pictures with any number of labels is, found out by a thread: ranking
 * pictures by every label takes longer than a frame has. The UI thread only. */
#pragma once
#include <fewshot.h>

G_BEGIN_DECLS
typedef struct FewMeasuring FewMeasuring;

/* measured: what is known is of another snapshot now. */
FewMeasuring *few_measuring_new (void (*measured) (gpointer user), gpointer user);
void few_measuring_free (FewMeasuring *measuring);
/* role: of the pictures to measure on, −1: all. Where the classifier asked itself about pictures
 * that it had not learned from, and there are none to test on, that is what is known. NULL, or a
 * snapshot of one label each: nothing is known of it. */
void few_measuring_ask (FewMeasuring *measuring, FewSnapshot *snapshot, int role);

typedef enum {
  FEW_MEASURED_ALL, /* on all pictures, learned from or not */
  FEW_MEASURED_UNSEEN, /* each by what was learned without it */
  FEW_MEASURED_TEST
} FewMeasuredOn;

/* These are NULL before it is known. */
const FewSeveralScores *few_measuring_get (const FewMeasuring *measuring);
FewMeasuredOn few_measuring_get_on (const FewMeasuring *measuring);
/* CLIP alone, on the same pictures; NULL of a model without texts, or measured on unseen ones. */
const FewSeveralScores *few_measuring_get_before (const FewMeasuring *measuring);
/* What is said of each row; none of it before there are thresholds. */
const FewLabelSets *few_measuring_get_said (const FewMeasuring *measuring);
/* Each FewClass its scores, as the snapshot numbers them; average precisions stand where the mean
 * cosines of others do. */
void few_measuring_tell (const FewMeasuring *measuring, const FewSnapshot *snapshot,
                         GPtrArray *classes);
/* [rows] by how much the worst of what is said of a picture is right: negative where one is
 * wrong. */
const float *few_measuring_get_margins (const FewMeasuring *measuring);
G_END_DECLS
