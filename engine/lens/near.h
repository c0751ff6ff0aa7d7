/* SPDX-License-Identifier: MIT */
/* Who is near whom among rows of features, and how much: what a map of neighbours is made of. */
#pragma once
#include "backend/backend.h"
#include "backend/pool.h"
#include <gio/gio.h>

/* Each row's k nearest others, and their cosines; no order within a row. */
typedef struct
{
  guint n, k;
  guint32 *index; /* [n, k] */
  float *cosine;  /* [n, k] */
} FewNeighbours;

/* Exact: every pair is looked at. x [n, d] unit rows; 1 ≤ k < n. */
gboolean few_near_find (FewPool *pool, const FewBackend *cpu, const float *x, guint n, guint d,
                        guint k, FewNeighbours *near, GCancellable *cancellable, GError **error);
void few_near_clear (FewNeighbours *near);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FewNeighbours, few_near_clear)

/* A symmetric sparse matrix whose values sum to 1: row i has the entries start [i] … start [i + 1].
 */
typedef struct
{
  guint n;
  guint *start; /* [n + 1] */
  guint32 *index;
  float *p;
} FewAffinities;

/* p_ij = (p_{j|i} + p_{i|j}) / 2n of t-SNE, p_{·|i} a softmax of −β_i·|x_i − x_j|² over the
 * nearest with β_i such that its entropy is log `perplexity`, < k. */
gboolean few_affinities_find (FewPool *pool, const FewNeighbours *near, double perplexity,
                              FewAffinities *affinities, GError **error);
void few_affinities_clear (FewAffinities *affinities);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FewAffinities, few_affinities_clear)
