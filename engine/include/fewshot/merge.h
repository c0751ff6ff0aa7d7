/* SPDX-License-Identifier: MIT */
/* Classifiers of one model into one, and more classes or pictures into one that is there, without
 * the pictures that it learned from. What closed forms learn can be joined exactly, to what they
 * would have learned from all pictures at once:
 *
 *   zero-shot     the texts of both
 *   tip-adapter   the keys of both
 *   proker        the ridge regression, solved anew for the keys of both
 *   gda           counts, means and scatter of the classes, which its files hold (FewStatistics)
 *
 * What is trained by steps cannot, and is refused; of automatic, whose files hold the statistics,
 * too, it can be asked for GDA of them. What was measured of the parts does not hold of the whole:
 * calibration, answer sets, rejects and accuracy are not in it. */
#pragma once
#include <fewshot/classifier.h>
#include <fewshot/task.h>

G_BEGIN_DECLS

typedef struct
{
  /* Classes of the same name become one, with the text of the first; otherwise they are refused. */
  gboolean join;
  gboolean as_gda; /* of the parts' statistics, whatever method learned them */
  /* In the place of the parts' own, which are to agree; NAN: those. */
  double tau, sharpness, lambda; /* tip-adapter; both caches; proker */
  double a; /* gda */
  const char *const *parents; /* SHA-256 of the parts' files, for FewOrigin; NULL: none are told */
} FewMergeOptions;
FEW_API void few_merge_options_init (FewMergeOptions *options);

/* What came of it. */
typedef struct
{
  guint n_joined; /* classes that several parts had */
  guint n_twins; /* keys that several parts had, and that are there once */
  gboolean alpha_lost; /* the parts had several: it is 1, as the method has it */
} FewMerged;

/* merged may be NULL. Errors say which of the parts does not fit, and what to do. */
FEW_API FewClassifier *few_classifier_merge (FewClassifier *const *parts, guint n,
                                             const FewMergeOptions *options, FewMerged *merged,
                                             GCancellable *cancellable, GError **error);
/* Whether what the classifier learned can be added to, before pictures are encoded. */
FEW_API gboolean few_classifier_can_add (const FewClassifier *classifier,
                                         const FewMergeOptions *options, GError **error);
/* The same with pictures in the place of another part. Of the task: features, labels, text
 * features, class names, template, prompts; its roles are not looked at. The text features are made
 * as the classifier's are. Pictures of a class that is there need `join`. */
FEW_API FewClassifier *few_classifier_add (FewClassifier *classifier, const FewTask *task,
                                           const FewMergeOptions *options, FewMerged *merged,
                                           GCancellable *cancellable, GError **error);

G_END_DECLS
