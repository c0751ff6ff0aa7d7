/* SPDX-License-Identifier: MIT */
/* The lens: cos (αa + (1−α)f, t) = (α a·t + (1−α) f·t) / √(α²|a|² + 2α(1−α) a·f + (1−α)²|f|²).
 * Pure, any thread. */
#pragma once
#include <fewshot/export.h>
#include <fewshot/model.h>
#include <fewshot/snapshot.h>
#include <gio/gio.h>

G_BEGIN_DECLS

/* Finds for each picture the classes that can be its nearest at some α, once a snapshot: what is
 * asked below then reads these alone, where otherwise every α reads all. Answers are the same
 * before, meanwhile and afterwards, to the bit. Takes about as long as a few αs. FALSE: cancelled,
 * or there is no room for them. */
FEW_API gboolean few_lens_prepare (FewSnapshot *snapshot, GCancellable *cancellable);
/* Whether they are known, or there is nothing to find. */
FEW_API gboolean few_lens_is_prepared (FewSnapshot *snapshot);
/* cosines [K] of row i */
FEW_API void few_lens_cosines (const FewSnapshot *snapshot, guint i, double alpha, float *cosines);
/* softmax (logit_scale · cosines); of a classifier that tells each class by itself σ of them */
FEW_API void few_lens_probabilities (const FewSnapshot *snapshot, guint i, double alpha,
                                     float *probabilities);
/* What each class is likely to be whatever the others are, σ (logit_scale · cosine + logit_bias).
 * FALSE where the model did not learn for that, or the scores are no cosines: a method's. */
FEW_API gboolean few_lens_alone (const FewSnapshot *snapshot, const FewModelInfo *model, guint i,
                                 double alpha, float *probabilities);
/* predicted [n] class, margin [n] = cosine of the own class minus the best other (either may be
 * NULL) */
FEW_API void few_lens_predict (const FewSnapshot *snapshot, double alpha, guint32 *predicted,
                               float *margin);
/* The same of so many rows from one on, for who has other work in between. */
FEW_API void few_lens_predict_rows (const FewSnapshot *snapshot, double alpha, guint first, guint n,
                                    guint32 *predicted, float *margin);
/* order [n]: rows by ascending margin, equal ones in their own order: the most mistaken first */
FEW_API void few_lens_rank (const float *margin, guint n, guint32 *order);
/* Fraction right among pictures of `role` (−1: all); NaN when there are none, or at α 0 of a model
 * that reads no texts. */
FEW_API double few_lens_accuracy (const FewSnapshot *snapshot, int role, double alpha);
/* Of pictures of `role` (−1: all): more than the accuracy. */
FEW_API void few_lens_scores (const FewSnapshot *snapshot, int role, double alpha,
                              FewScores *scores);
enum { FEW_CURVE_POINTS = 101 };
/* accuracy at α = 0, 0.01 … 1 for pictures of `role` */
FEW_API void few_lens_curve (const FewSnapshot *snapshot, int role, double curve[FEW_CURVE_POINTS]);

typedef struct
{
  /* FALSE: too few validation pictures to choose; best is then trained_alpha */
  gboolean enough;
  double best; /* middle of the plateau */
  double low, high; /* plateau: αs whose accuracy is the maximum, around best */
  double accuracy;
  gboolean by_folds; /* it is the run's own chosen_alpha, and the accuracy cross-validated */
} FewAlphaChoice;

/* The α that the run chose by its folds; otherwise on validation pictures only. */
FEW_API void few_lens_choose_alpha (const FewSnapshot *snapshot, FewAlphaChoice *choice);
/* mean cosine a class: zero_shot [K] and adapted [K] are means of cos(own class) over the
 * class's pictures (NaN when none, and zero_shot of a model that reads no texts) */
FEW_API void few_lens_class_means (const FewSnapshot *snapshot, double alpha, float *zero_shot,
                                   float *adapted);
/* precision, recall [K] (NAN where there is nothing to divide by) and pictures [K] of `role`
 * (−1: all), by predictions [n] of few_lens_predict */
FEW_API void few_lens_class_scores (const FewSnapshot *snapshot, int role, const guint32 *predicted,
                                    float *precision, float *recall, guint32 *pictures);
/* confusion [K, K]: row = label, column = prediction, over pictures of `role` (−1: all) */
FEW_API void few_lens_confusion (const FewSnapshot *snapshot, int role, double alpha,
                                 guint32 *confusion);
/* The cosine that the largest one of `keep` (0…1) of the held-out pictures reaches: below it a
 * picture is likely none of the classes. Training pictures are looked at only when there are no
 * ten others. NAN without pictures; *n (may be NULL): how many were looked at. */
FEW_API double few_lens_threshold (const FewSnapshot *snapshot, double alpha, double keep,
                                   guint *n);
/* pictures of `role` that zero-shot gets wrong and α gets right, and the reverse */
FEW_API void few_lens_compare (const FewSnapshot *snapshot, int role, double alpha, guint *fixed,
                               guint *broken);

G_END_DECLS
