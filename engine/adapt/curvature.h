/* SPDX-License-Identifier: MIT */
/* What the second derivatives of logistic regressions on the same rows nearly are, 1 + s G with
 * G = Σ x xᵀ / n: as if all pictures weighed alike, s of them together. One G serves all folds,
 * labels and strengths, and its factors are made once for each power of four that s is near. */
#pragma once
#include "backend/dense.h"

typedef struct FewCurvature FewCurvature;

/* x [n, width], of whose columns the last, ones, does not count. NULL: FEW_ERROR_MEMORY. */
FewCurvature *few_curvature_new (FewPool *pool, FewDense *const *dense, const double *x, guint n,
                                 guint width, GError **error);
void few_curvature_free (FewCurvature *curvature);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewCurvature, few_curvature_free)

typedef struct FewCurvatureFactor FewCurvatureFactor;
/* The factor for s > 0, the curvature's own. Any thread. NULL: FEW_ERROR_MEMORY. */
const FewCurvatureFactor *few_curvature_find (FewCurvature *curvature, FewDense *dense, double s,
                                              GError **error);
/* Rows [m, width − 1] by the inverse of what was factored. Any thread, each with its dense. */
void few_curvature_solve (const FewCurvatureFactor *factor, FewDense *dense, double *rows, guint m);
