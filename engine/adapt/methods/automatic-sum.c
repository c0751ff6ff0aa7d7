/* SPDX-License-Identifier: MIT */
/* The classifier of "automatic" out of its parts, and at another α. */
#include "adapt/methods/automatic.h"

void
few_auto_fit_sum (FewAutoFit *fit, const double *lp_w)
{
  gsize weights = (gsize) fit->k * fit->d;
  for (gsize i = 0; i < weights; i++)
    {
      if (fit->metric.w)
        fit->learned_w[i] += fit->gda * fit->gda_scale * fit->metric.w[i];
      if (lp_w)
        fit->learned_w[i] += fit->lp * lp_w[i];
      fit->w[i] = fit->zero_shot * fit->text[i] + fit->learned_w[i];
    }
  for (guint c = 0; c < fit->k && fit->metric.w; c++)
    fit->b[c] = fit->learned_b[c] = fit->gda * fit->gda_scale * fit->metric.b[c];
}

void
few_auto_fit_at (const FewAutoFit *fit, double alpha, double *w, double *b)
{
  double zero_shot = fit->temperature * FEW_AUTO_SPREAD * (1 - alpha) / fit->zero_shot_spread;
  double learned = 0;
  if (fit->learned_spread > 0)
    learned = fit->temperature * FEW_AUTO_SPREAD * alpha / fit->learned_spread;
  for (gsize i = 0; i < (gsize) fit->k * fit->d; i++)
    w[i] = zero_shot * fit->text[i] + learned * fit->learned_w[i];
  for (guint c = 0; c < fit->k; c++)
    b[c] = learned * fit->learned_b[c];
}
