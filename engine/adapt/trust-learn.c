/* SPDX-License-Identifier: MIT */
/* A FewTrust from what "automatic", alone or with a part that joined it, said of the pictures
 * that it had not seen. */
#include "adapt/automatic.h"
#include "adapt/trust.h"
#include <fewshot/classifier.h>
#include <fewshot/dataset.h>
#include <math.h>
#include <string.h>

enum { USUAL = (guint) (FEW_TRUST_COVERAGE * 100 + .5) - FEW_TRUST_LEAST }; /* of the promises */

/* p [K] of a learned picture, out of fold: row [k]; its largest class */
static guint
judge_picture (const double *row, guint k, const FewDense *dense, double *p)
{
  guint best = 0;
  memcpy (p, row, k * sizeof (double));
  few_dense_softmax (dense, k, p);
  for (guint c = 1; c < k; c++)
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

/* How many classes each promise's sets have: p [K] of one more picture is counted where its level
 * lets it in first. Levels fall. */
static void
count_sets (const FewTrustInfo *info, const double *p, guint best, double *counts)
{
  for (guint c = 0; c < info->n_classes; c++)
    {
      guint first = 0;
      while (c != best && first < FEW_TRUST_PROMISES && p[c] < info->levels[first])
        first++;
      if (first < FEW_TRUST_PROMISES)
        counts[first]++;
    }
}

/* What each told picture says, in their order; p [K] is written to. */
static void
list_told (FewTrust *self, const FewAutomatic *automatic, const FewTrustAnswers *answers,
           const FewDense *dense, const float *own_odds, double *p)
{
  const FewAutomaticInfo *info = few_automatic_info (automatic);
  guint n = 0;
  double counts[FEW_TRUST_PROMISES] = { 0 };
  double classes = 0;
  for (guint i = 0; i < info->n; i++)
    {
      if (!answers->told[i])
        continue;
      guint best =
          judge_picture (answers->logits + (gsize) i * info->n_classes, info->n_classes, dense, p);
      self->doubts[n] = (float) (1 - p[best]);
      if (self->odds)
        self->odds[n] = own_odds[i];
      self->distances[n++] = (float) automatic->fit->distances[i];
      count_sets (&self->info, p, best, counts);
    }
  for (guint i = 0; i < FEW_TRUST_PROMISES; i++)
    {
      classes += counts[i];
      self->info.sizes[i] = self->info.levels[i] > 0 ? classes / n : NAN;
    }
  self->info.set_size = self->info.sizes[USUAL];
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

/* The largest of the probabilities of a picture that it did not learn from; p [K] is written to.
 * NAN with an error. */
static double
find_largest (const FewAutomatic *automatic, const FewTrustAnswers *answers, const float *feature,
              double *p, GError **error)
{
  guint k = few_automatic_info (automatic)->n_classes;
  float *narrow = (float *) p;
  double largest = 0;
  if (answers->classifier)
    few_classifier_predict (answers->classifier, feature,
                            few_classifier_info (answers->classifier)->alpha, NULL, narrow);
  else if (!few_automatic_probabilities (automatic, NAN, feature, 1, p, error))
    return NAN;
  for (guint c = 0; c < k; c++)
    largest = MAX (largest, answers->classifier ? narrow[c] : p[c]);
  return largest;
}

/* How strange the negatives are to a classifier that did not learn from them. */
static gboolean
judge_negatives (FewTrust *self, const FewAutomatic *automatic, const FewTrustAnswers *answers,
                 const FewTask *task, const float *odds, double *p, GError **error)
{
  for (guint i = 0; i < self->info.n_negatives; i++)
    {
      const float *feature = task->negatives + (gsize) i * self->info.dim;
      double largest = find_largest (automatic, answers, feature, p, error);
      if (isnan (largest))
        return FALSE;
      FewLook look = few_trust_look (self, feature);
      look.odds = odds[i];
      self->negatives[i] = (float) few_trust_strangeness (self, look, largest);
    }
  sort_floats (self->negatives, self->info.n_negatives);
  return TRUE;
}

/* What the told pictures say of answers to come: accuracy, calibration, answer sets. */
/* The levels of all promises; doubts [n] is written to. */
static void
find_levels (const FewTrustAnswers *answers, const guint32 *labels, const guint32 *told,
             double *doubts, FewTrustInfo *info)
{
  double coverages[FEW_TRUST_PROMISES];
  for (guint i = 0; i < FEW_TRUST_PROMISES; i++)
    coverages[i] = (FEW_TRUST_LEAST + i) / 100.;
  few_automatic_levels_of (answers->logits, info->n_classes, labels, told, info->n_told, coverages,
                           FEW_TRUST_PROMISES, doubts, info->levels);
  info->answer_level = info->levels[USUAL];
  for (guint i = 0; i < FEW_TRUST_PROMISES; i++)
    info->sizes[i] = NAN;
}

static gboolean
describe (const FewAutomatic *automatic, const FewTrustAnswers *answers, const FewTask *task,
          const FewDense *dense, FewTrustInfo *info, GError **error)
{
  const FewAutomaticInfo *learned = few_automatic_info (automatic);
  guint k = learned->n_classes;
  guint right = 0;
  g_auto (FewRoom) room = { 0 };
  guint32 *told = few_room_new (&room, guint32, learned->n, 1);
  double *doubts = few_room_new (&room, double, learned->n, 1);
  double *p = few_room_new (&room, double, k, 1);
  *info = (FewTrustInfo) { .n_classes = k, .dim = learned->dim, .set_size = NAN };
  if (few_room_is_short (&room, FEW_AUTO_WHAT, error))
    return FALSE;
  for (guint i = 0; i < learned->n; i++)
    if (answers->told[i])
      {
        const double *row = answers->logits + (gsize) i * k;
        right += judge_picture (row, k, dense, p) == learned->labels[i];
        told[info->n_told++] = i;
      }
  guint n = info->n_told;
  info->alpha =
      answers->classifier ? few_classifier_info (answers->classifier)->alpha : learned->alpha;
  info->n_negatives = n > 0 && task->negatives ? task->n_negatives : 0;
  few_interval (right, n, &info->low, &info->high);
  info->accuracy = n ? (double) right / n : NAN;
  info->error_before = automatic->fit->error_before;
  memcpy (info->before, automatic->fit->before, sizeof info->before);
  info->error_after =
      few_auto_reliability (dense, answers->logits, k, learned->labels, told, n, p, info->after);
  find_levels (answers, learned->labels, told, doubts, info);
  return TRUE;
}

FewTrust *
few_trust_learn (const FewAutomatic *automatic, const FewTrustAnswers *answers, const FewTask *task,
                 GCancellable *cancellable, GError **error)
{
  const FewAutoGda *gda = &automatic->fit->metric;
  FewTrustInfo info;
  g_autoptr (FewDense) dense = few_dense_new (error);
  if (!dense || !describe (automatic, answers, task, dense, &info, error))
    return NULL;
  g_autoptr (FewTrust) self = few_trust_alloc (&info, gda->precision != NULL, error);
  if (!self || info.n_told == 0)
    return g_steal_pointer (&self);
  g_auto (FewRoom) room = { 0 };
  float *own_odds = few_room_new (&room, float, few_automatic_info (automatic)->n, 1);
  float *odds = few_room_new (&room, float, info.n_negatives + 1, 1);
  float *copies = few_room_new (&room, float, info.n_told, 3);
  double *p = few_room_new (&room, double, info.n_classes, 1);
  if (few_room_is_short (&room, FEW_AUTO_WHAT, error))
    return NULL;
  copy_metric (self, gda);
  if (info.n_negatives > 0
      && !few_trust_learn_negatives (self, automatic, task, cancellable, own_odds, odds, error))
    return NULL;
  list_told (self, automatic, answers, dense, own_odds, p);
  rank_told (self, copies);
  if (info.n_negatives > 0 && !judge_negatives (self, automatic, answers, task, odds, p, error))
    return NULL;
  return g_steal_pointer (&self);
}

FewTrust *
few_trust_new (const FewAutomatic *automatic, const FewTask *task, guint dim,
               GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (automatic != NULL && task != NULL, NULL);
  const FewAutomaticInfo *info = few_automatic_info (automatic);
  g_return_val_if_fail (dim == info->dim, NULL);
  const FewTrustAnswers own = { .logits = info->out_of_fold, .told = info->told };
  return few_trust_learn (automatic, &own, task, cancellable, error);
}
