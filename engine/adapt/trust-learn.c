/* SPDX-License-Identifier: MIT */
/* A FewTrust from what "automatic" said of the pictures that it had not seen. */
#include "adapt/automatic.h"
#include "adapt/trust.h"
#include <math.h>
#include <string.h>

/* p [K] of a learned picture, out of fold; its largest class */
static guint
judge_picture (const FewAutomaticInfo *info, const FewDense *dense, guint i, double *p)
{
  guint best = 0;
  memcpy (p, info->out_of_fold + (gsize) i * info->n_classes, info->n_classes * sizeof (double));
  few_dense_softmax (dense, info->n_classes, p);
  for (guint c = 1; c < info->n_classes; c++)
    best = p[c] > p[best] ? c : best;
  return best;
}

static void
copy_metric (FewTrust *self, const FewAutoGda *gda)
{
  FewTrustMetric *metric = &self->metric;
  gsize d = self->info.dim;
  gsize k = self->info.n_classes;
  metric->isotropic = gda->isotropic;
  for (gsize i = 0; i < d; i++)
    metric->centre[i] = (float) gda->centre[i];
  for (gsize i = 0; metric->precision && gda->precision && i < d * d; i++)
    metric->precision[i] = (float) gda->precision[i];
  for (gsize i = 0; i < k * d; i++)
    metric->w[i] = (float) gda->w[i];
  for (gsize i = 0; i < k; i++)
    metric->b[i] = (float) gda->b[i];
}

static void
sort_floats (float *values, guint n)
{
  if (values)
    qsort (values, n, sizeof *values, few_trust_compare);
}

/* What each told picture says, in their order; p [K] is written to. */
static void
list_told (FewTrust *self, const FewAutomatic *automatic, const FewDense *dense,
           const float *own_odds, double *p)
{
  const FewAutomaticInfo *info = few_automatic_info (automatic);
  guint n = 0;
  double classes = 0;
  for (guint i = 0; i < info->n; i++)
    {
      if (!info->told[i])
        continue;
      guint best = judge_picture (info, dense, i, p);
      self->doubts[n] = (float) (1 - p[best]);
      if (self->odds)
        self->odds[n] = own_odds[i];
      self->distances[n++] = (float) automatic->fit->distances[i];
      for (guint c = 0; c < info->n_classes; c++)
        classes += c == best || p[c] >= self->info.answer_level;
    }
  self->info.set_size = self->info.answer_level > 0 ? classes / n : NAN;
}

/* They become ranks to compare with; copies [3, n_told] is written to. */
static void
rank_told (FewTrust *self, float *copies)
{
  guint n = self->info.n_told;
  float *doubts = copies + n;
  float *odds = self->odds ? doubts + n : NULL;
  memcpy (copies, self->distances, n * sizeof *copies);
  memcpy (doubts, self->doubts, n * sizeof *copies);
  if (odds)
    memcpy (odds, self->odds, n * sizeof *copies);
  sort_floats (self->distances, n);
  sort_floats (self->doubts, n);
  sort_floats (self->odds, n);
  for (guint i = 0; i < n; i++)
    self->strangeness[i] =
        (float) few_trust_combine (self, copies[i], doubts[i], odds ? odds[i] : 0);
  sort_floats (self->strangeness, n);
}

/* How strange the negatives are to a classifier that did not learn from them. */
static gboolean
judge_negatives (FewTrust *self, const FewAutomatic *automatic, const FewTask *task,
                 const float *odds, double *p, GError **error)
{
  guint k = self->info.n_classes;
  for (guint i = 0; i < self->info.n_negatives; i++)
    {
      const float *feature = task->negatives + (gsize) i * self->info.dim;
      double largest = 0;
      if (!few_automatic_probabilities (automatic, NAN, feature, 1, p, error))
        return FALSE;
      for (guint c = 0; c < k; c++)
        largest = MAX (largest, p[c]);
      FewLook look = few_trust_look (self, feature);
      look.odds = odds[i];
      self->negatives[i] = (float) few_trust_strangeness (self, look, largest);
    }
  sort_floats (self->negatives, self->info.n_negatives);
  return TRUE;
}

static FewTrustInfo
describe (const FewAutomatic *automatic, const FewTask *task)
{
  const FewAutomaticInfo *learned = few_automatic_info (automatic);
  FewTrustInfo info = {
    .n_classes = learned->n_classes, .dim = learned->dim, .alpha = learned->alpha, .set_size = NAN
  };
  for (guint i = 0; i < learned->n; i++)
    info.n_told += learned->told[i] != 0;
  info.n_negatives = info.n_told > 0 && task->negatives ? task->n_negatives : 0;
  info.accuracy = few_automatic_accuracy (automatic, &info.low, &info.high);
  few_automatic_calibration (automatic, &info.error_before, &info.error_after);
  memcpy (info.before, automatic->fit->before, sizeof info.before);
  memcpy (info.after, automatic->fit->after, sizeof info.after);
  info.answer_level = few_automatic_answer_level (automatic, FEW_TRUST_COVERAGE);
  return info;
}

FewTrust *
few_trust_new (const FewAutomatic *automatic, const FewTask *task, guint dim,
               GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (automatic != NULL && task != NULL, NULL);
  g_return_val_if_fail (dim == few_automatic_info (automatic)->dim, NULL);
  const FewAutoGda *gda = &automatic->fit->metric;
  FewTrustInfo info = describe (automatic, task);
  g_autoptr (FewTrust) self = few_trust_alloc (&info, gda->precision != NULL, error);
  if (!self || info.n_told == 0)
    return g_steal_pointer (&self);
  g_autoptr (FewDense) dense = few_dense_new (error);
  g_auto (FewRoom) room = { 0 };
  float *own_odds = few_room_new (&room, float, few_automatic_info (automatic)->n, 1);
  float *odds = few_room_new (&room, float, info.n_negatives + 1, 1);
  float *copies = few_room_new (&room, float, info.n_told, 3);
  double *p = few_room_new (&room, double, info.n_classes, 1);
  if (!dense || few_room_is_short (&room, FEW_AUTO_WHAT, error))
    return NULL;
  copy_metric (self, gda);
  if (info.n_negatives > 0
      && !few_trust_learn_negatives (self, automatic, task, cancellable, own_odds, odds, error))
    return NULL;
  list_told (self, automatic, dense, own_odds, p);
  rank_told (self, copies);
  if (info.n_negatives > 0 && !judge_negatives (self, automatic, task, odds, p, error))
    return NULL;
  return g_steal_pointer (&self);
}
