/* SPDX-License-Identifier: MIT */
/* What the out-of-fold answers of "automatic" say about its answers to come: calibration, answer
 * sets, what is none of the classes, labels that are likely wrong. */
#include "adapt/automatic.h"
#include <math.h>
#include <string.h>

static guint
largest_of (const double *row, guint k)
{
  guint best = 0;
  for (guint c = 1; c < k; c++)
    if (row[c] > row[best])
      best = c;
  return best;
}

/* p [K] of a labelled picture, out of fold */
static void
judge_picture (const FewAutomatic *self, const FewDense *dense, guint i, double *p)
{
  guint k = self->info.n_classes;
  memcpy (p, self->info.out_of_fold + (gsize) i * k, k * sizeof (double));
  few_dense_softmax (dense, k, p);
}

/* Share of the n ascending values that are at most `value`. */
static double
rank_among (const double *values, guint n, double value)
{
  guint low = 0;
  guint high = n;
  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      if (values[middle] <= value)
        low = middle + 1;
      else
        high = middle;
    }
  return (double) low / n;
}

static double
combine_ranks (const FewAutomatic *self, double distance, double doubt)
{
  return (rank_among (self->distances, self->n_told, distance)
          + rank_among (self->doubts, self->n_told, doubt))
         / 2;
}

void
few_automatic_collect (FewAutomatic *self)
{
  const FewAutomaticInfo *info = &self->info;
  gsize size = ((gsize) info->n + 1) * sizeof (double);
  g_autoptr (FewDense) dense = few_dense_new ();
  g_autofree double *p = g_new (double, info->n_classes);
  self->distances = g_malloc (size);
  self->doubts = g_malloc (size);
  for (guint i = 0; i < info->n; i++)
    if (info->told[i])
      {
        judge_picture (self, dense, i, p);
        self->doubts[self->n_told] = 1 - p[largest_of (p, info->n_classes)];
        self->distances[self->n_told++] = self->fit->distances[i];
      }
  g_autofree double *distances = g_memdup2 (self->distances, size);
  g_autofree double *doubts = g_memdup2 (self->doubts, size);
  self->strangeness = g_malloc (size);
  qsort (self->distances, self->n_told, sizeof (double), few_automatic_compare);
  qsort (self->doubts, self->n_told, sizeof (double), few_automatic_compare);
  for (guint i = 0; i < self->n_told; i++)
    self->strangeness[i] = combine_ranks (self, distances[i], doubts[i]);
  qsort (self->strangeness, self->n_told, sizeof (double), few_automatic_compare);
}

double
few_automatic_accuracy (const FewAutomatic *automatic, double *low, double *high)
{
  const FewAutomaticInfo *info = &automatic->info;
  guint right = 0;
  double bounds[2];
  for (guint i = 0; i < info->n; i++)
    if (info->told[i])
      right += largest_of (info->out_of_fold + (gsize) i * info->n_classes, info->n_classes)
               == info->labels[i];
  few_interval (right, automatic->n_told, &bounds[0], &bounds[1]);
  if (low)
    *low = bounds[0];
  if (high)
    *high = bounds[1];
  return automatic->n_told ? (double) right / automatic->n_told : NAN;
}

void
few_automatic_calibration (const FewAutomatic *automatic, double *before, double *after)
{
  *before = automatic->fit->error_before;
  *after = automatic->fit->error_after;
}

double
few_automatic_answer_level (const FewAutomatic *automatic, double coverage)
{
  g_return_val_if_fail (coverage > 0 && coverage < 1, 0);
  const FewAutomaticInfo *info = &automatic->info;
  g_autoptr (FewDense) dense = few_dense_new ();
  g_autofree double *p = g_new (double, info->n_classes);
  g_autofree double *scores = g_new (double, (gsize) info->n + 1);
  guint n = 0;
  for (guint i = 0; i < info->n; i++)
    if (info->told[i])
      {
        judge_picture (automatic, dense, i, p);
        scores[n++] = 1 - p[info->labels[i]];
      }
  qsort (scores, n, sizeof (double), few_automatic_compare);
  /* the ⌈(n+1) coverage⌉-th smallest: with one picture more it is as likely in any place */
  double place = ceil ((n + 1) * coverage - 1e-9);
  return place <= n ? MAX (1 - scores[(guint) place - 1], 0) : 0;
}

double
few_automatic_strangeness (const FewAutomatic *automatic, const float *feature)
{
  const FewAutoFit *fit = automatic->fit;
  const FewAutoGda *metric = &fit->metric;
  guint d = fit->d;
  if (automatic->n_told == 0)
    return NAN;
  g_autofree double *x = g_new (double, d);
  g_autofree double *p = g_new (double, fit->k);
  few_automatic_unit (feature, d, x);
  few_automatic_probabilities (automatic, NAN, feature, 1, p);
  double largest = -INFINITY;
  for (guint c = 0; c < fit->k; c++)
    {
      double logit = metric->b[c];
      for (guint j = 0; j < d; j++)
        logit += metric->w[(gsize) c * d + j] * x[j];
      largest = MAX (largest, logit);
    }
  double square = 0;
  for (guint j = 0; j < d; j++)
    x[j] -= metric->centre[j];
  for (guint i = 0; i < d; i++)
    {
      double turned = metric->precision ? 0 : metric->isotropic * x[i];
      for (guint j = 0; metric->precision && j < d; j++)
        turned += metric->precision[(gsize) i * d + j] * x[j];
      square += x[i] * turned;
    }
  return combine_ranks (automatic, square - 2 * largest, 1 - p[largest_of (p, fit->k)]);
}

double
few_automatic_refusal (const FewAutomatic *automatic, double share)
{
  g_return_val_if_fail (share >= 0 && share <= 1, NAN);
  guint n = automatic->n_told;
  if (n == 0)
    return NAN;
  guint above = (guint) floor (share * n + 1e-9);
  return above < n ? automatic->strangeness[n - 1 - above] : 0;
}

typedef struct
{
  double p;
  guint32 picture;
} Suspect;

static int
compare_suspects (gconstpointer a, gconstpointer b)
{
  const Suspect *x = a;
  const Suspect *y = b;
  if (x->p != y->p)
    return x->p < y->p ? -1 : 1;
  return (x->picture > y->picture) - (x->picture < y->picture);
}

void
few_automatic_suspects (const FewAutomatic *automatic, guint32 *order, double *p_own,
                        guint32 *predicted)
{
  const FewAutomaticInfo *info = &automatic->info;
  g_autoptr (FewDense) dense = few_dense_new ();
  g_autofree double *p = g_new (double, info->n_classes);
  g_autofree Suspect *suspects = g_new (Suspect, (gsize) info->n + 1);
  for (guint i = 0; i < info->n; i++)
    {
      judge_picture (automatic, dense, i, p);
      double own = p[info->labels[i]];
      suspects[i] = (Suspect) { info->told[i] ? own : INFINITY, i };
      if (p_own)
        p_own[i] = info->told[i] ? own : NAN;
      if (predicted)
        predicted[i] =
            largest_of (info->out_of_fold + (gsize) i * info->n_classes, info->n_classes);
    }
  qsort (suspects, info->n, sizeof (Suspect), compare_suspects);
  for (guint i = 0; order && i < info->n; i++)
    order[i] = suspects[i].picture;
}
