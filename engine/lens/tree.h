/* SPDX-License-Identifier: MIT */
/* A tree of points in the plane, halved until few are together: far ones push as one, from where
 * they are in the mean (Barnes & Hut, Nature 1986). Every bucket of points goes down the tree once
 * for all of its points. */
#pragma once
#include "backend/pool.h"

typedef struct FewTree FewTree;

FewTree *few_tree_new (FewPool *pool, guint n, GError **error);
void few_tree_free (FewTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewTree, few_tree_free)

/* Puts points [n, 2] that lie near each other together; without it the tree stays right for points
 * that moved, and becomes slower. */
void few_tree_sort (FewTree *tree, const float *points);
/* push [n, 2] = Σ_j q_ij² (y_i − y_j), q_ij = 1 / (1 + |y_i − y_j|²), returns Σ_{i≠j} q_ij. What is
 * at most theta times as wide as it is far away is taken as one; 0 is exact. The same on any number
 * of threads. */
double few_tree_repel (FewTree *tree, const float *points, double theta, float *push);
