/* SPDX-License-Identifier: MIT */
/* How right answers are: accuracy with its interval, by class, and what probabilities are worth. */
#pragma once
#include <fewshot/export.h>
#include <glib.h>

G_BEGIN_DECLS

enum { FEW_NO_CLASS = G_MAXINT };

/* Of some pictures. NAN where there is nothing to divide by. */
typedef struct
{
  guint n, right;
  double accuracy, low, high; /* share right, its 95 % interval (Wilson) */
  double balanced; /* mean over the classes that have pictures of their own accuracy */
  double log_loss; /* mean −log p (label) */
  double calibration; /* expected calibration error in 15 equal bins (Guo et al., 2017) */
  /* The class that swallows the others: most of their pictures are called it. FEW_NO_CLASS where
   * there is none. */
  guint swallowing;
  double swallowed; /* share of the other classes' pictures that are called it */
} FewScores;

/* logits [.., K] and labels by row; rows [n] are those that count, NULL: 0 … n−1. The largest logit
 * is the answer, the first of equal ones; softmax (logits) its probability. */
FEW_API void few_scores_measure (const float *logits, const guint32 *labels, const guint32 *rows,
                                 guint n, guint n_classes, FewScores *scores);
/* Whether a class swallows the others, of pictures that were measured. */
FEW_API gboolean few_scores_swallows (const FewScores *scores);
/* Wilson's 95 % interval of `right` among n; NAN when n is 0. */
FEW_API void few_interval (guint right, guint n, double *low, double *high);

G_END_DECLS
