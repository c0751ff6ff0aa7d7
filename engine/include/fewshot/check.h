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

G_END_DECLS
