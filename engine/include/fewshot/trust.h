/* SPDX-License-Identifier: MIT */
/* What may be believed of a classifier's answers, learned from pictures that it was asked about
 * before it had seen them (out of fold): how often it is right where it is that sure, which classes
 * are to be named together, and what is none of them.
 *
 * A FewTrust is immutable: any thread. It holds at one α. */
#pragma once
#include <fewshot/automatic.h>
#include <fewshot/export.h>
#include <fewshot/snapshot.h>
#include <fewshot/task.h>

G_BEGIN_DECLS

typedef struct FewTrust FewTrust;

enum { FEW_TRUST_BINS = 15 };
/* The share of pictures whose class is in their answer set. */
#define FEW_TRUST_COVERAGE 0.9
/* Other shares that answer sets can be asked for, in hundredths: 80 … 99. */
enum { FEW_TRUST_LEAST = 80, FEW_TRUST_MOST = 99, FEW_TRUST_PROMISES = 20 };

/* Pictures by the probability of their answer, in FEW_TRUST_BINS equal bins from 0 to 1. */
typedef struct
{
  guint n;
  double confidence, accuracy; /* means of those; 0 without any */
} FewReliability;

typedef struct
{
  guint n_told; /* pictures that tell; 0: nothing below is known */
  guint n_classes, dim;
  double alpha;
  /* cross-validated accuracy and its 95 % interval (Wilson); NAN without pictures */
  double accuracy, low, high;
  /* Expected calibration error (Guo et al., ICML 2017) of zero-shot CLIP, and of the classifier.
   * NAN without pictures. */
  double error_before, error_after; /* before: NAN of a model that reads no texts */
  FewReliability before[FEW_TRUST_BINS], after[FEW_TRUST_BINS];
  /* A class is in the answer set when its probability is at least this (LAC: Sadinle, Lei and
   * Wasserman, JASA 2019). 0: the pictures are too few to promise FEW_TRUST_COVERAGE. */
  double answer_level;
  double set_size; /* mean number of classes in the told pictures' sets; NAN where not known */
  guint n_negatives; /* pictures of none of the classes that it learned from */
  /* Of each promise, the least first: as answer_level and set_size. A level that is NAN is not
   * known: the classifier is of a version that kept that of FEW_TRUST_COVERAGE alone. */
  double levels[FEW_TRUST_PROMISES], sizes[FEW_TRUST_PROMISES];
} FewTrustInfo;

/* What `automatic`, learned from the task, knows of itself, and of the task's negatives. Of the
 * task: features, labels, negatives. Errors: those of few_automatic_learn. */
FEW_API FewTrust *few_trust_new (const FewAutomatic *automatic, const FewTask *task, guint dim,
                                 GCancellable *cancellable, GError **error);
FEW_API FewTrust *few_trust_ref (FewTrust *trust);
FEW_API void few_trust_unref (FewTrust *trust);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewTrust, few_trust_unref)
FEW_API const FewTrustInfo *few_trust_info (const FewTrust *trust);
/* Whether it holds at α. */
FEW_API gboolean few_trust_holds (const FewTrust *trust, double alpha);

/* classes [K] get those of the answer set, the likeliest first; how many. One at least. Without a
 * level, 0. probabilities [K] at the trust's α. */
FEW_API guint few_trust_answer_set (const FewTrust *trust, const float *probabilities,
                                    guint32 *classes);
/* The same for another promise, in hundredths; 0 where it cannot be kept or is not known. */
FEW_API guint few_trust_promised_set (const FewTrust *trust, guint promise,
                                      const float *probabilities, guint32 *classes);
/* The level of that promise: 0 where the pictures are too few, NAN where it is not known. *size
 * (may be NULL): the mean number of classes in its sets. */
FEW_API double few_trust_promise (const FewTrust *trust, guint promise, double *size);

/* ---- none of these */

/* How a feature [D] RAW looks, without its probabilities: Mahalanobis distance to the nearest class
 * mean under the covariance of Gaussian discriminants (Lee et al., NeurIPS 2018), and the log odds
 * that it is one of the negatives. */
typedef struct
{
  float distance, odds;
} FewLook;
FEW_API FewLook few_trust_look (const FewTrust *trust, const float *feature);
/* The look of row i; FALSE: its classifier knows nothing, or has learned from the picture. */
FEW_API gboolean few_snapshot_look (const FewSnapshot *snapshot, guint i, FewLook *look);
/* How little a picture looks like any class: the mean of its ranks, 0 … 1, among the told pictures
 * by distance and by 1 − largest probability; with negatives, the mean of that and of the rank of
 * their odds. Where distance or odds are beyond those of all told pictures, their rank grows with
 * them. NAN without told pictures. */
FEW_API double few_trust_strangeness (const FewTrust *trust, FewLook look, double probability);
/* The strangeness above which lie no more than `share` (0 … 1) of the told pictures: more is “none
 * of these”. NAN without any. */
FEW_API double few_trust_refusal (const FewTrust *trust, double share);
/* The share of the negatives that are then refused, by what did not learn from them. NAN without
 * any. */
FEW_API double few_trust_negatives_refused (const FewTrust *trust, double share);

G_END_DECLS
