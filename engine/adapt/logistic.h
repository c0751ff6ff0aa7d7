/* SPDX-License-Identifier: MIT */
/* Logistic regressions side by side, one a label, each told from all others: the same minimum as
 * scikit-learn's LogisticRegression of the same C, with an offset. */
#pragma once
#include "adapt/curvature.h"
#include "backend/dense.h"
#include <gio/gio.h>

/* For each label k: ½ |v|² + C Σᵢ log (1 + exp (−sᵢ (xᵢ v + b + oᵢ))), s = ±1. */
typedef struct
{
  guint n, width, k;    /* width: D + 1 */
  const double *x;      /* [n, width] the last column is 1; the others are best centred */
  const double *offset; /* [n, K]; NULL: 0 */
  const guint8 *y;      /* [n, K] */
  double c;
  double tolerance; /* of a gradient's length, beside that of C n; 1e-9 is a minimum to 1e-8 */
  /* of these rows or of others like them, by which fewer steps are enough: where it ends is the
   * same; NULL: the columns' squares alone */
  FewCurvature *curvature;
  GCancellable *cancellable;
} FewLogistic;

/* w [K, width]: v and b; where it begins, too. A label that all rows have, or none, is not learned:
 * v = 0 and b what Jeffreys's prior says of its share. */
gboolean few_logistic_fit (FewDense *dense, const FewLogistic *problem, double *w, GError **error);
/* log (1 + exp (−s z)), s = 1 where `has` */
double few_logistic_loss (double z, gboolean has);
double few_logistic (double z);
