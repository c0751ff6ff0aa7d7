/* SPDX-License-Identifier: MIT */
/* The plane of most variance of rows of features. */
#pragma once
#include "backend/pool.h"
#include <fewshot/map.h>

double few_axes_multiply (const float *a, const float *b, guint d);
/* rows [n, d] to unit length, what is no numbers to 0, minus their mean; total: the sum of squares
 * left */
double few_axes_centre (float *rows, guint n, guint d, float *mean);
/* The two leading right singular vectors of rows [n, d], [2, d]; variance: their eigenvalues of
 * RᵀR. */
gboolean few_axes_find (FewPool *pool, const float *rows, guint n, guint d, float *axes,
                        double variance[FEW_MAP_AXES], GCancellable *cancellable, GError **error);
