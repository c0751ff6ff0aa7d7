/* SPDX-License-Identifier: MIT */
/* α and a temperature for the adapter, by the log-loss of pictures that it did not learn from. The
 * loss is convex in the temperature; α is tried on a grid, and finer around the best. */
#include "adapt/adapter-folds.h"
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

void
few_adapter_choose (const FewSnapshot *out_of_fold, double *alpha, double *temperature)
{
  const FewSnapshotInfo *info = few_snapshot_info (out_of_fold);
  g_autofree guint32 *rows = g_new (guint32, (gsize) info->n + 1);
  Search s = { .snapshot = out_of_fold, .info = info, .rows = rows };
  guint views = 0;
  for (guint i = 0; i < info->n; i++)
    {
      views += info->roles[i] == FEW_ROLE_TRAIN;
      if (info->roles[i] == FEW_ROLE_VALIDATION)
        rows[s.n++] = i;
    }
  *temperature = 1;
  if (s.n < 2 || 2 * (gsize) s.n < info->n - views)
    return;
  g_autofree float *logits = g_new (float, (gsize) s.n * info->n_classes);
  s.logits = logits;
  double warm = 1;
  double least = INFINITY;
  static const double steps[] = { 0.2, 0.1, 0.05 };
  for (guint level = 0; level < G_N_ELEMENTS (steps); level++)
    {
      double centre = *alpha;
      for (guint i = 0; i < (level ? 2 : 6); i++)
        {
          double tried = level ? centre + (i ? steps[level] : -steps[level]) : i * steps[0];
          if (tried < 0 || tried > 1)
            continue;
          double loss = search_temperature (&s, tried, &warm);
          if (loss >= least)
            continue;
          least = loss;
          *alpha = tried;
          *temperature = warm;
        }
    }
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
