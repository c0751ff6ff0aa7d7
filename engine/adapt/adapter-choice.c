/* SPDX-License-Identifier: MIT */
/* α and a temperature for the adapter, by the log-loss of pictures that it did not learn from. The
 * loss is convex in the temperature; α is tried on a grid, and finer around the best. */
#include "adapt/adapter-folds.h"
#include "base/memory.h"
#include <fewshot/dataset.h>
#include <fewshot/lens.h>
#include <math.h>

enum { NEWTON = 8 };
static const double COLDEST = 0.02; /* bounds of the temperature, as factors of logit_scale */
static const double HOTTEST = 10;

typedef struct
{
  const FewSnapshot *snapshot;
  const FewSnapshotInfo *info;
  guint n; /* pictures that tell */
  guint32 *rows;
  float *logits; /* [n, K] at one α, of temperature 1 */
} Search;

/* Mean cross-entropy at a temperature, its slope and curvature. */
static double
measure_loss (const Search *s, double temperature, double *slope, double *curvature)
{
  guint k = s->info->n_classes;
  double loss = 0;
  *slope = *curvature = 0;
  for (guint i = 0; i < s->n; i++)
    {
      const float *z = s->logits + (gsize) i * k;
      float largest = z[0];
      double total = 0;
      double first = 0;
      double second = 0;
      for (guint c = 1; c < k; c++)
        largest = MAX (largest, z[c]);
      for (guint c = 0; c < k; c++)
        {
          double below = (double) z[c] - largest;
          double e = exp (temperature * below);
          total += e;
          first += e * below;
          second += e * below * below;
        }
      double own = (double) z[s->info->labels[s->rows[i]]] - largest;
      double mean = first / total;
      loss += log (total) - temperature * own;
      *slope += mean - own;
      *curvature += second / total - mean * mean;
    }
  *slope /= s->n;
  *curvature /= s->n;
  return loss / s->n;
}

/* The least loss at α, and its temperature; begins at *temperature. */
static double
search_temperature (const Search *s, double alpha, double *temperature)
{
  double slope, curvature;
  guint k = s->info->n_classes;
  for (guint i = 0; i < s->n; i++)
    {
      float *row = s->logits + (gsize) i * k;
      few_lens_cosines (s->snapshot, s->rows[i], alpha, row);
      for (guint c = 0; c < k; c++)
        row[c] *= (float) s->info->logit_scale;
    }
  double t = *temperature;
  double loss = measure_loss (s, t, &slope, &curvature);
  for (guint i = 0; i < NEWTON && curvature > 1e-12; i++)
    {
      double step = CLAMP (-slope / curvature, -t / 2, t);
      double next = CLAMP (t + step, COLDEST, HOTTEST);
      double lower = measure_loss (s, next, &slope, &curvature);
      if (fabs (next - t) < 1e-4 * t || lower > loss)
        break;
      t = next;
      loss = lower;
    }
  *temperature = t;
  return loss;
}

typedef struct
{
  double alpha, temperature, loss;
  double last; /* the temperature that was found last: the next one is near */
} Best;

static void
try_alpha (const Search *s, double alpha, Best *best)
{
  if (alpha < 0 || alpha > 1)
    return;
  double loss = search_temperature (s, alpha, &best->last);
  if (loss < best->loss)
    *best = (Best) { alpha, best->last, loss, best->last };
}

void
few_adapter_choose (const FewSnapshot *out_of_fold, double *alpha, double *temperature)
{
  const FewSnapshotInfo *info = few_snapshot_info (out_of_fold);
  g_autofree guint32 *rows = g_try_new (guint32, (gsize) info->n + 1);
  Search s = { .snapshot = out_of_fold, .info = info, .rows = rows };
  guint views = 0;
  *temperature = 1;
  if (!rows)
    return;
  for (guint i = 0; i < info->n; i++)
    {
      views += info->roles[i] == FEW_ROLE_TRAIN;
      if (info->roles[i] == FEW_ROLE_VALIDATION)
        rows[s.n++] = i;
    }
  if (s.n < 2 || 2 * (gsize) s.n < info->n - views)
    return;
  g_autofree float *logits = few_try_floats (s.n, info->n_classes, "the choice of α", NULL);
  if (!logits)
    return;
  s.logits = logits;
  static const double coarse[] = { 0, 0.2, 0.4, 0.6, 0.8, 1 };
  static const double finer[] = { 0.1, 0.05 };
  Best best = { .alpha = *alpha, .temperature = 1, .last = 1, .loss = INFINITY };
  for (guint step = 0; step < G_N_ELEMENTS (coarse); step++)
    try_alpha (&s, coarse[step], &best);
  for (guint step = 0; step < G_N_ELEMENTS (finer); step++)
    {
      double centre = best.alpha;
      try_alpha (&s, centre - finer[step], &best);
      try_alpha (&s, centre + finer[step], &best);
    }
  *alpha = best.alpha;
  *temperature = best.temperature;
}

void
few_adapter_logits (const FewSnapshot *out_of_fold, double alpha, double temperature, float *logits)
{
  const FewSnapshotInfo *info = few_snapshot_info (out_of_fold);
  float scale = (float) (temperature * info->logit_scale);
  for (guint i = 0; i < info->n; i++)
    {
      float *row = logits + (gsize) i * info->n_classes;
      few_lens_cosines (out_of_fold, i, alpha, row);
      for (guint c = 0; c < info->n_classes; c++)
        row[c] *= scale;
    }
}
