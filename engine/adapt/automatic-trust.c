/* SPDX-License-Identifier: MIT */
/* What the out-of-fold answers of "automatic" say about its answers to come: calibration, answer
 * sets, labels that are likely wrong. */
#include "adapt/automatic.h"
#include <float.h>
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

/* A softmax, class by class */
typedef struct
{
  double largest, sum; /* logit; Σ exp (logit − largest) */
} Softmax;

static void
add_logit (Softmax *softmax, double logit)
{
  if (logit > softmax->largest)
    {
      softmax->sum = softmax->sum * exp (softmax->largest - logit) + 1;
      softmax->largest = logit;
    }
  else
    softmax->sum += exp (logit - softmax->largest);
}

double
few_automatic_own_probability (const double *row, guint k, guint32 label)
{
  Softmax softmax = { -INFINITY, 0 };
  for (guint c = 0; c < k; c++)
    add_logit (&softmax, row[c]);
  return exp (row[label] - softmax.largest) / softmax.sum;
}

static int
compare_suspects (gconstpointer a, gconstpointer b)
{
  const FewSuspect *x = a;
  const FewSuspect *y = b;
  if (x->p != y->p)
    return x->p < y->p ? -1 : 1;
  return (x->picture > y->picture) - (x->picture < y->picture);
}

gboolean
few_automatic_collect (FewAutomatic *self, GError **error)
{
  const FewAutomaticInfo *info = &self->info;
  self->own_doubts = few_room_new (&self->room, double, info->n, 1);
  self->suspects = few_room_new (&self->room, FewSuspect, info->n, 1);
  if (few_room_is_short (&self->room, FEW_AUTO_WHAT, error))
    return FALSE;
  guint n = 0;
  for (guint i = 0; i < info->n; i++)
    {
      double own = few_automatic_own_probability (info->out_of_fold + (gsize) i * info->n_classes,
                                                  info->n_classes, info->labels[i]);
      self->suspects[i] = (FewSuspect) { info->told[i] ? own : INFINITY, i };
      if (info->told[i])
        self->own_doubts[n++] = 1 - own;
    }
  self->n_told = n;
  qsort (self->own_doubts, n, sizeof (double), few_automatic_compare);
  qsort (self->suspects, info->n, sizeof (FewSuspect), compare_suspects);
  return TRUE;
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

/* doubts [n] ascending */
static double
find_level (const double *doubts, guint n, double coverage)
{
  /* the ⌈(n+1) coverage⌉-th smallest: with one picture more it is as likely in any place */
  double place = ceil ((n + 1) * coverage - 1e-9);
  if (place > n)
    return 0;
  /* 1 − (1 − p) may be above p: the picture that sets the level is not to be without its class */
  return MAX (1 - doubts[(guint) place - 1] - 4 * DBL_EPSILON, 0);
}

double
few_automatic_answer_level (const FewAutomatic *automatic, double coverage)
{
  g_return_val_if_fail (coverage > 0 && coverage < 1, 0);
  return find_level (automatic->own_doubts, automatic->n_told, coverage);
}

void
few_automatic_levels_of (const double *logits, guint k, const guint32 *labels, const guint32 *rows,
                         guint n, const double *coverages, guint m, double *doubts, double *levels)
{
  for (guint i = 0; i < n; i++)
    doubts[i] =
        1 - few_automatic_own_probability (logits + (gsize) rows[i] * k, k, labels[rows[i]]);
  qsort (doubts, n, sizeof (double), few_automatic_compare);
  for (guint i = 0; i < m; i++)
    levels[i] = find_level (doubts, n, coverages[i]);
}

void
few_automatic_suspects (const FewAutomatic *automatic, guint32 *order, double *p_own,
                        guint32 *predicted)
{
  const FewAutomaticInfo *info = &automatic->info;
  for (guint i = 0; i < info->n; i++)
    {
      const FewSuspect *suspect = &automatic->suspects[i];
      if (order)
        order[i] = suspect->picture;
      if (p_own)
        p_own[suspect->picture] = isinf (suspect->p) ? NAN : suspect->p;
      if (predicted)
        predicted[i] =
            largest_of (info->out_of_fold + (gsize) i * info->n_classes, info->n_classes);
    }
}
