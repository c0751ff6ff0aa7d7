/* SPDX-License-Identifier: MIT */
/* Expected calibration error: how far probabilities are from the shares that come true. */
#include "adapt/methods/automatic.h"
#include <math.h>
#include <string.h>

enum { BINS = 15 };

double
few_auto_calibration_error (const FewDense *dense, const double *logits, guint k,
                            const guint32 *labels, const guint32 *rows, guint n, double *p)
{
  double gap[BINS] = { 0 }; /* Σ (probability given − right) of the pictures in the bin */
  double total = 0;
  for (guint i = 0; i < n; i++)
    {
      guint best = 0;
      memcpy (p, logits + (gsize) rows[i] * k, k * sizeof (double));
      few_dense_softmax (dense, k, p);
      for (guint c = 1; c < k; c++)
        best = p[c] > p[best] ? c : best;
      guint bin = MAX ((guint) ceil (p[best] * BINS), 1) - 1;
      gap[MIN (bin, BINS - 1)] += p[best] - (best == labels[rows[i]]);
    }
  for (guint bin = 0; bin < BINS; bin++)
    total += fabs (gap[bin]);
  return n ? total / n : NAN;
}
