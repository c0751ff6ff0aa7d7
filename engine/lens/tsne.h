/* SPDX-License-Identifier: MIT */
/* t-SNE: points in the plane whose neighbours are those of the features (van der Maaten & Hinton,
 * JMLR 2008), by the tree of its second paper (van der Maaten, “Accelerating t-SNE using tree-based
 * algorithms”, JMLR 2014). Nothing is random: it begins where it is told to. */
#pragma once
#include "lens/near.h"

typedef struct FewTsne FewTsne;

/* Borrows the pool. */
FewTsne *few_tsne_new (FewPool *pool, guint n, GError **error);
void few_tsne_free (FewTsne *tsne);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewTsne, few_tsne_free)

/* gradient [n, 2] of KL (P ‖ Q) at points [n, 2], with P times `exaggeration`. */
void few_tsne_gradient (FewTsne *tsne, const FewAffinities *p, double exaggeration, double theta,
                        const float *points, float *gradient);
/* KL (P ‖ Q), in nats. */
double few_tsne_divergence (FewTsne *tsne, const FewAffinities *p, double theta,
                            const float *points);

typedef struct
{
  guint steps;
  double exaggeration, momentum;
} FewTsneStage;

typedef struct
{
  void (*progress) (gpointer user, guint steps); /* steps more; may be NULL */
  gpointer user;
  GCancellable *cancellable;
} FewTsneWatch;

/* Moves the points by the stage's steps. FALSE: cancelled. */
gboolean few_tsne_descend (FewTsne *tsne, const FewAffinities *p, const FewTsneStage *stage,
                           float *points, const FewTsneWatch *watch, GError **error);
