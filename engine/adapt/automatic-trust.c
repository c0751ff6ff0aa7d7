/* SPDX-License-Identifier: MIT */
/* What the out-of-fold answers of "automatic" say about its answers to come: calibration, answer
 * sets, labels that are likely wrong. */
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

double
few_automatic_accuracy (const FewAutomatic *automatic, double *low, double *high)
{
  const FewAutomaticInfo *info = &automatic->info;
  guint right = 0;
  guint n = 0;
  double bounds[2];
  for (guint i = 0; i < info->n; i++)
    n += info->told[i] != 0;
  for (guint i = 0; i < info->n; i++)
    if (info->told[i])
      right += largest_of (info->out_of_fold + (gsize) i * info->n_classes, info->n_classes)
               == info->labels[i];
  few_interval (right, n, &bounds[0], &bounds[1]);
  if (low)
    *low = bounds[0];
  if (high)
    *high = bounds[1];
  return n ? (double) right / n : NAN;
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
