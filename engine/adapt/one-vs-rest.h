/* SPDX-License-Identifier: MIT */
/* A logistic regression a label, on unit features: σ (w x + b) is the label's own probability.
 * scikit-learn's OneVsRestClassifier (LogisticRegression (C)), of which C is chosen by log-loss on
 * pictures that were not learned from. The weights' prior mean is nothing, or a share of CLIP's own
 * classifier where that lessens the same loss: w = v + g s t, and v is what is penalised. */
#pragma once
#include "backend/dense.h"
#include "base/memory.h"
#include <fewshot/method.h>

typedef struct
{
  guint n, d, k;
  guint every;              /* rows of a picture, of which the first tells thresholds; 0: one */
  const double *x;          /* [n, D] unit rows */
  const FewLabelSets *sets; /* [n] */
  const double *t;          /* [K, D] unit rows; zeroes where the model reads no texts */
  double scale;             /* logit_scale */
  const guint32 *fold;      /* [n] */
  guint folds;
  double strength, prior; /* C and g; NAN: to be chosen */
  guint threads;
  FewMethodProgress progress; /* from this thread; may be NULL */
  gpointer user;
  GCancellable *cancellable;
} FewOneVsRest;

typedef struct
{
  double *w, *b;            /* [K, D], [K] */
  double *thresholds;       /* [K] */
  guint32 *positives;       /* [K] pictures that have it */
  double *out_of_fold;      /* [n, K] probabilities, each by what did not see its fold */
  double strength, prior;   /* as they are */
  gboolean chosen;          /* by the folds; FALSE: there was nothing to tell */
  FewRoom room;             /* of the arrays */
} FewOneVsRestFit;

/* FALSE: FEW_ERROR_MEMORY, or cancelled; clear in any case. */
gboolean few_one_vs_rest_fit (const FewOneVsRest *task, FewOneVsRestFit *fit, GError **error);
void few_one_vs_rest_clear (FewOneVsRestFit *fit);
