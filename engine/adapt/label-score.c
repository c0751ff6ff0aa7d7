/* SPDX-License-Identifier: MIT */
/* How good what was learned from the labels is, and whether the last labels made it better. */
#include "adapt/automatic.h"
#include <fewshot/check.h>
#include <math.h>

gboolean
few_label_score (const FewTask *task, guint dim, double logit_scale, const guint32 *groups,
                 guint threads, GCancellable *cancellable, float *losses, FewLabelScore *score,
                 GError **error)
{
  g_return_val_if_fail (task != NULL && dim > 0 && losses != NULL && score != NULL, FALSE);
  FewAutomaticOptions options;
  few_automatic_options_init (&options);
  options.groups = groups;
  options.threads = threads;
  g_autoptr (FewAutomatic) automatic =
      few_automatic_learn (task, dim, logit_scale, &options, NULL, NULL, cancellable, error);
  if (!automatic)
    return FALSE;
  const FewAutomaticInfo *info = few_automatic_info (automatic);
  guint k = info->n_classes;
  double sum = 0;
  *score = (FewLabelScore) { .n = info->n };
  score->accuracy = few_automatic_accuracy (automatic, &score->low, &score->high);
  for (guint i = 0; i < task->n; i++)
    losses[i] = NAN;
  for (guint i = 0; i < info->n; i++)
    {
      if (!info->told[i])
        continue;
      const double *row = info->out_of_fold + (gsize) i * k;
      double loss = -log (few_automatic_own_probability (row, k, info->labels[i]));
      losses[info->pictures[i]] = (float) loss;
      sum += loss;
      score->n_told++;
    }
  score->loss = score->n_told ? sum / score->n_told : NAN;
  return TRUE;
}

FewLabelGain
few_label_gain (const float *before, const float *after, guint n)
{
  g_return_val_if_fail (n == 0 || (before && after), ((FewLabelGain) { 0, NAN, NAN }));
  FewLabelGain gain = { 0, NAN, NAN };
  double sum = 0;
  double squares = 0;
  for (guint i = 0; i < n; i++)
    {
      if (!isfinite (before[i]) || !isfinite (after[i]))
        continue;
      sum += before[i] - (double) after[i];
      gain.n++;
    }
  if (gain.n < 2)
    return gain;
  gain.mean = sum / gain.n;
  for (guint i = 0; i < n; i++)
    if (isfinite (before[i]) && isfinite (after[i]))
      squares += pow (before[i] - (double) after[i] - gain.mean, 2);
  gain.error = sqrt (squares / (gain.n - 1) / gain.n);
  return gain;
}

gboolean
few_label_gain_is_over (const FewLabelGain *gain)
{
  g_return_val_if_fail (gain != NULL, FALSE);
  return gain->n >= FEW_LABEL_PICTURES && gain->mean <= gain->error;
}
