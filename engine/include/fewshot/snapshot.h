/* SPDX-License-Identifier: MIT */
/* Snapshots: everything that the lens needs, immutable. */
#pragma once
#include <fewshot/export.h>
#include <fewshot/classifier.h>
#include <fewshot/label-sets.h>
#include <fewshot/scores.h>
#include <fewshot/train-options.h>

G_BEGIN_DECLS

typedef struct FewSnapshot FewSnapshot;
FEW_API FewSnapshot *few_snapshot_ref (FewSnapshot *snapshot);
FEW_API void few_snapshot_unref (FewSnapshot *snapshot);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewSnapshot, few_snapshot_unref)

typedef struct
{
  guint n, n_classes, dim;
  guint epoch, epochs;             /* done, planned */
  double seconds, seconds_left;
  gboolean trained;                /* FALSE: zero-shot only, a = f */
  double trained_alpha, logit_scale;
  /* The α that the pictures that were learned from chose, each by what was learned without it; NAN:
   * none did. */
  double chosen_alpha;
  /* Of those pictures, so: cross-validated, not a test. n = 0: not known. */
  FewScores cross_validated;
  /* Of the run that made it: test pictures that the split had, and how many of them have a
   * near-duplicate among the training pictures and were moved there; none was where all have one. 0
   * once it is restored. */
  guint n_split_off, n_twins;
  /* So: pictures that are twins of pinned test pictures and were not learned from; twins_stay: they
   * were, since a class has no others. */
  guint n_left_out;
  gboolean twins_stay;
  const guint32 *ids; /* [n] the caller's picture ids */
  const guint32 *labels; /* [n] */
  /* of pictures with any number of labels, in the place of `labels`: few_lens_… count nothing as
   * right or wrong then (NAN), few_several_of_snapshot tells. NULL: one each */
  FewLabelSets *sets;
  /* [n_classes] of a classifier that tells each class by itself: the probabilities are then its
   * own, and a class is said from these on. NULL of others. */
  const float *thresholds;
  /* Of pictures that were learned from, each by what was learned without it; NULL: not known. */
  const FewSeveralScores *several;
  const guint8 *roles; /* [n] FewRole */
  const FewEpoch *history; /* [epoch] */
  /* [FEW_CURVE_POINTS] accuracy on validation pictures against α; NaN without any */
  const double *curve;
  FewClassifier *classifier; /* NULL before training; owned by the snapshot */
  /* [N, D] of a classifier that is a tower: what it makes of the pictures. NULL of others. */
  const float *inserted;
  guint serial; /* what few_worker_classes returned, if it was asked for so */
} FewSnapshotInfo;

FEW_API const FewSnapshotInfo *few_snapshot_info (const FewSnapshot *snapshot);
/* Its classifier, with what the snapshot's pictures say of it at `alpha`: FewOrigin's counts and
 * accuracies, and the rejects that few_lens_threshold finds on the held-out pictures; without
 * those, where there are fewer than ten. */
FEW_API FewClassifier *few_snapshot_measured (const FewSnapshot *snapshot, double alpha,
                                              GError **error);
/* few_classifier_save of that. */
FEW_API gboolean few_snapshot_save (const FewSnapshot *snapshot, double alpha, const char *path,
                                    GError **error);

G_END_DECLS
