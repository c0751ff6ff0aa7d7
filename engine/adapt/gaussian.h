/* SPDX-License-Identifier: MIT */
/* Gaussian discriminants of one covariance, in closed form on unit features (Wang et al., ICLR
 * 2024), from what can be added up: counts, means and scatter of the classes. */
#pragma once
#include "base/memory.h"
#include <fewshot/classifier.h>

typedef struct
{
  guint k, d;
  guint32 *counts; /* [K] */
  double *means;   /* [K, D] */
  double *scatter; /* [D, D] Σ (x − mean of its class) (x − mean of its class)ᵀ */
} FewGaussian;

/* Nothing yet, in memory of the room; few_room_is_short tells. */
void few_gaussian_init (FewGaussian *gaussian, guint k, guint d, FewRoom *room);
/* Of features [n, D] RAW: those at `places` [n], or all where that is NULL; labels [n] of the
 * features or of all. What gaussian had goes. A class without any has its text feature for its
 * mean. */
gboolean few_gaussian_measure (FewGaussian *gaussian, const float *features, const guint32 *labels,
                               const guint32 *places, guint n, const float *text, GError **error);
/* Adds what another one, of classes that are map [its K] here, has seen. */
void few_gaussian_add (FewGaussian *gaussian, const FewStatistics *other, guint n_classes,
                       const guint32 *map);
/* w = D ((N − 1) Σ̂ + tr (Σ̂) I)⁻¹ μ, b = log (1/K) − ½ μᵀ w, float [K, D] and [K]. */
gboolean few_gaussian_solve (const FewGaussian *gaussian, float *w, float *b, GError **error);
/* a (w x + b) + scale x · t, less what all classes share: that says nothing and costs digits. */
void few_gaussian_blend (guint k, guint d, double a, double scale, const float *text,
                         const float *w, const float *b, float *weight, float *bias);
/* As a classifier keeps them, in memory of the room, which may be short. */
FewStatistics few_gaussian_keep (const FewGaussian *gaussian, double a, FewRoom *room);
