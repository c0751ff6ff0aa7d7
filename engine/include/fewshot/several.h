/* SPDX-License-Identifier: MIT */
/* Pictures with any number of labels each: splits of them, and how right what is said of each label
 * is. What learns is the method “one-vs-rest” (fewshot/method.h) on a FewTask with `sets`. */
#pragma once
#include <fewshot/export.h>
#include <fewshot/label-sets.h>
#include <fewshot/snapshot.h>
#include <fewshot/train-options.h>

G_BEGIN_DECLS

/* No more labels are taken where pictures may have any number. */
enum { FEW_SEVERAL_MOST_LABELS = 10000 };
/* A label with fewer pictures to learn from has no threshold of its own: it is ½. */
enum { FEW_SEVERAL_LEAST = 4 };

/* ---- splits. Stratified for all labels at once, the rarest first (Sechidis, Tsoumakas and
 * Vlahavas, ECML 2011); the same for the same seed everywhere. All of them: FALSE, and no role is
 * changed, where memory is short. */

/* shots = 0: shares.test percent (FEW_SHARE_USUAL; nothing of fewer than 8 pictures) to test and
 * shares.validation (0: none) to validation, the rest to train. shots > 0: so many pictures of each
 * label, all where there are fewer, and as many without a label, to train, the rest to test. pinned
 * [n] (NULL: none): those stay test pictures; where there is one, shots = 0 draws no more of
 * them. roles [n] are written. */
FEW_API gboolean few_split_several (const FewLabelSets *sets, guint n_labels, const guint8 *pinned,
                                    guint shots, FewShares shares, guint64 seed, guint8 *roles,
                                    GError **error);
/* Half to test, the rest to train. */
FEW_API gboolean few_hold_out_several (const FewLabelSets *sets, guint n_labels, guint64 seed,
                                       guint8 *roles, GError **error);
/* `shots` training pictures of each label, and as many without one; the other training pictures
 * become unused. 0: all of them are taken. */
FEW_API gboolean few_shot_several (const FewLabelSets *sets, guint n_labels, guint shots,
                                   guint64 seed, guint8 *roles, GError **error);

/* ---- how right */

/* Of one label. NAN where there is nothing to divide by. */
typedef struct
{
  guint pictures, said; /* that have it, that it was said of */
  /* Average precision as scikit-learn's: Σ (Rᵢ − Rᵢ₋₁) Pᵢ, equal scores together; NAN without
   * pictures. */
  double ap;
  double precision, recall, f1; /* at the threshold */
} FewSeveralLabel;

struct FewSeveralScores
{
  guint n, n_labels; /* pictures */
  double map; /* mean of the aps that there are */
  /* Of all labels' decisions together, and the mean of the labels' own F1 (a label that no picture
   * has and that is said of none: left out; one that is said of none of its pictures: 0). NAN
   * without thresholds. */
  double micro_precision, micro_recall, micro_f1, macro_f1;
  double exact; /* share of pictures of which exactly their labels were said */
  const FewSeveralLabel *labels; /* [n_labels] */
};

/* scores [.., n_labels]: a label is said where its score is at least its threshold [n_labels]
 * (NULL: there are none). rows [n]: those that count, of scores and sets alike; NULL: 0 … n−1. NULL
 * with an error. */
FEW_API FewSeveralScores *few_several_measure (const float *scores, const FewLabelSets *sets,
                                               const float *thresholds, const guint32 *rows,
                                               guint n, guint n_labels, GError **error);
/* The same of a snapshot's pictures of `role` (−1: all), by its probabilities at α, or by cosines
 * where it has no probability of each label; one of pictures with one label each is of sets of
 * one. Thresholds hold at α 1. */
FEW_API FewSeveralScores *few_several_of_snapshot (const FewSnapshot *snapshot, int role,
                                                   double alpha, GError **error);
FEW_API FewSeveralScores *few_several_copy (const FewSeveralScores *scores, GError **error);
FEW_API void few_several_free (FewSeveralScores *scores);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewSeveralScores, few_several_free)

/* The threshold of largest F1 of probabilities [n] of which `has` [n] tells whether they are of
 * pictures with the label: in the middle between two of them; ½ where fewer than FEW_SEVERAL_LEAST
 * have it. FALSE: FEW_ERROR_MEMORY. */
FEW_API gboolean few_several_threshold (const double *probabilities, const guint8 *has, guint n,
                                        double *threshold, GError **error);

G_END_DECLS
