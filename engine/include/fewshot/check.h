/* SPDX-License-Identifier: MIT */
/* What labelled pictures say against their labels, and which pictures are worth a label next. */
#pragma once
#include <fewshot/export.h>
#include <fewshot/task.h>

G_BEGIN_DECLS

/* A picture that looks like another class than its own to what learned from the others: the label
 * may be wrong. */
typedef struct
{
  guint32 picture;   /* its place in the task */
  guint32 suggested; /* the class that it looks like */
  double p_own, p_suggested; /* by what did not learn from it */
} FewDoubt;

/* FewDoubt, the least likely own label first, of all pictures of the task: features, labels, text
 * features, roles. Test pictures (roles; NULL: there are none) are looked at and never learned
 * from, nor are others of their groups: what is changed of the training pictures because of the
 * list owes nothing to those that a test is to tell of. groups [n] of those that must not be
 * learned from while another of them is judged, or NULL. Pictures whose class has no other tell
 * nothing and are not there. Errors: those of few_automatic_learn. Free with g_array_unref. */
FEW_API GArray *few_find_doubts (const FewTask *task, guint dim, double logit_scale,
                                 const guint32 *groups, guint threads, GCancellable *cancellable,
                                 GError **error);

/* The label of a picture that has none. */
#define FEW_UNLABELLED G_MAXUINT32
/* Which unlabelled pictures of the task to label next, the first of most use: order [most], how
 * many, no more than there are unlabelled ones. Pictures are put into clusters, and the largest of
 * those without a labelled picture comes first. While a class has fewer than three pictures it is
 * the most typical picture of the cluster (TypiClust: Hacohen, Dekel and Weinshall, ICML 2022),
 * afterwards the one whose two likeliest classes are nearest. Of the task: features, labels
 * (FEW_UNLABELLED), text features. G_MAXUINT with an error: those of few_automatic_learn. */
FEW_API guint few_label_next (const FewTask *task, guint dim, double logit_scale, guint most,
                              guint64 seed, guint threads, GCancellable *cancellable,
                              guint32 *order, GError **error);

/* What labelled pictures say of what is learned from them, each by what did not see it. */
typedef struct
{
  guint n, n_told; /* learned from; those whose class has another */
  /* of the told pictures: cross-validated accuracy, its 95 % interval (Wilson), mean −log p of the
   * own label; NAN without any */
  double accuracy, low, high, loss;
} FewLabelScore;
/* Learns "automatic" from the task's training pictures. groups as in few_find_doubts; losses [n]
 * gets −log p of each picture's label, NAN where it is not told. Errors: those of
 * few_automatic_learn. */
FEW_API gboolean few_label_score (const FewTask *task, guint dim, double logit_scale,
                                  const guint32 *groups, guint threads, GCancellable *cancellable,
                                  float *losses, FewLabelScore *score, GError **error);

/* What labels that came between brought to pictures that were there before them. */
typedef struct
{
  guint n; /* pictures that are told both times */
  double mean, error; /* of before − after: its mean, and that mean's standard error */
} FewLabelGain;
/* losses [n] of the same pictures; NAN in either: left aside. */
FEW_API FewLabelGain few_label_gain (const float *before, const float *after, guint n);
/* TRUE: with FEW_LABEL_PICTURES or more told, the loss fell by no more than its standard error.
 * That is all it says: of other pictures, or of many more labels, it knows nothing. */
enum { FEW_LABEL_PICTURES = 20 };
FEW_API gboolean few_label_gain_is_over (const FewLabelGain *gain);

G_END_DECLS
