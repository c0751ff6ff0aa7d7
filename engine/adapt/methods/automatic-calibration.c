/* SPDX-License-Identifier: MIT */
/* Expected calibration error: how far probabilities are from the shares that come true. */
#include "adapt/methods/automatic.h"
#include <math.h>
#include <string.h>

double
few_auto_reliability (const FewDense *dense, const double *logits, guint k, const guint32 *labels,
                      const guint32 *rows, guint n, double *p, FewReliability *bins)
{
  double total = 0;
  memset (bins, 0, FEW_TRUST_BINS * sizeof *bins);
  for (guint i = 0; i < n; i++)
    {
      guint best = 0;
      memcpy (p, logits + (gsize) rows[i] * k, k * sizeof (double));
      few_dense_softmax (dense, k, p);
      for (guint c = 1; c < k; c++)
        best = p[c] > p[best] ? c : best;
      guint at = MAX ((guint) ceil (p[best] * FEW_TRUST_BINS), 1) - 1;
      FewReliability *bin = &bins[MIN (at, FEW_TRUST_BINS - 1)];
      bin->n++;
      bin->confidence += p[best];
      bin->accuracy += best == labels[rows[i]];
    }
  for (guint i = 0; i < FEW_TRUST_BINS; i++)
    {
      total += fabs (bins[i].confidence - bins[i].accuracy);
      bins[i].confidence /= MAX (bins[i].n, 1);
      bins[i].accuracy /= MAX (bins[i].n, 1);
    }
  return n ? total / n : NAN;
}
