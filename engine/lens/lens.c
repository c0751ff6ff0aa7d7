/* SPDX-License-Identifier: MIT */
/* Moving α needs no matrix product: a·t, f·t and three scalars a picture give every cosine of αa
 * + (1−α)f. */
#include "lens/lens.h"
#include "lens/contenders.h"
#include "lens/contest.h"
#include <fewshot/dataset.h>
#include <fewshot/lens.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static float
inverse_norm (const FewSnapshot *s, guint i, double alpha)
{
  double b = 1 - alpha;
  double squared = alpha * alpha * s->aa[i] + 2 * alpha * b * s->af[i] + b * b * s->ff[i];
  return squared > 1e-24 ? (float) (1 / sqrt (squared)) : 0;
}

void
few_lens_cosines (const FewSnapshot *s, guint i, double alpha, float *cosines)
{
  g_return_if_fail (s != NULL && i < s->info.n && cosines != NULL);
  guint k = s->info.n_classes;
  const float *at = s->at + (gsize) i * k;
  const float *ft = s->ft + (gsize) i * k;
  float norm = inverse_norm (s, i, alpha);
  float a = (float) alpha * norm;
  float b = (float) (1 - alpha) * norm;
  for (guint c = 0; c < k; c++)
    cosines[c] = a * at[c] + b * ft[c];
}

void
few_lens_probabilities (const FewSnapshot *s, guint i, double alpha, float *probabilities)
{
  g_return_if_fail (s != NULL && i < s->info.n && probabilities != NULL);
  few_lens_cosines (s, i, alpha, probabilities);
  if (s->info.thresholds) /* each by itself */
    {
      for (guint c = 0; c < s->info.n_classes; c++)
        probabilities[c] = 1 / (1 + expf (-(float) s->info.logit_scale * probabilities[c]));
      return;
    }
  float largest = -G_MAXFLOAT;
  float sum = 0;
  for (guint c = 0; c < s->info.n_classes; c++)
    largest = MAX (largest, probabilities[c]);
  for (guint c = 0; c < s->info.n_classes; c++)
    sum += probabilities[c] = expf ((float) s->info.logit_scale * (probabilities[c] - largest));
  for (guint c = 0; c < s->info.n_classes; c++)
    probabilities[c] /= sum;
}

/* Without any: what every α says the same of, or has one α alone. */
gboolean
few_lens_is_prepared (FewSnapshot *s)
{
  g_return_val_if_fail (s != NULL, FALSE);
  return s->margins || s->info.thresholds || g_atomic_pointer_get (&s->envelope);
}

gboolean
few_lens_prepare (FewSnapshot *s, GCancellable *cancellable)
{
  g_return_val_if_fail (s != NULL, FALSE);
  if (few_lens_is_prepared (s))
    return TRUE;
  g_autoptr (FewEnvelope) envelope = few_envelope_new (s, cancellable);
  if (!envelope)
    return FALSE;
  if (g_atomic_pointer_compare_and_exchange (&s->envelope, NULL, envelope))
    envelope = NULL; /* the snapshot's now */
  return TRUE;
}

void
few_lens_predict_rows (const FewSnapshot *s, double alpha, guint first, guint n, guint32 *predicted,
                       float *margin)
{
  g_return_if_fail (s != NULL);
  g_return_if_fail (first <= s->info.n && n <= s->info.n - first);
  FewContests contests;
  if (s->zero_shot && (s->margins || (alpha == 0 && !margin)))
    {
      if (predicted)
        memcpy (predicted + first, s->zero_shot + first, n * sizeof *predicted);
      if (margin)
        memcpy (margin + first, s->margins + first, n * sizeof *margin);
      return;
    }
  few_contests_begin (&contests, s, alpha);
  for (guint i = first; i < first + n; i++)
    {
      FewContest c = few_contests_get (&contests, i);
      if (predicted)
        predicted[i] = few_contests_winner (&contests, i, &c);
      if (margin) /* the sum has no zero below zero, which would come first */
        margin[i] = (c.own - MAX (c.before, c.behind)) * inverse_norm (s, i, alpha) + 0.f;
    }
}

void
few_lens_predict (const FewSnapshot *s, double alpha, guint32 *predicted, float *margin)
{
  g_return_if_fail (s != NULL);
  few_lens_predict_rows (s, alpha, 0, s->info.n, predicted, margin);
}

static gboolean
is_right (FewContests *contests, guint i)
{
  const FewSnapshot *s = contests->snapshot;
  if (contests->a == 0 && s->zero_shot)
    return s->zero_shot[i] == s->info.labels[i];
  FewContest c = few_contests_get (contests, i);
  return few_contest_is_won (&c);
}

/* Of any number of labels nothing is right or wrong as a whole. */
static gboolean
takes_part (const FewSnapshot *s, guint i, int role)
{
  if (s->info.sets)
    return FALSE;
  return role < 0 || s->info.roles[i] == role;
}

/* A model that reads no texts has no similarity to any. */
static gboolean
says_zero_shot (const FewSnapshot *s)
{
  for (gsize i = 0; i < (gsize) s->info.n * s->info.n_classes; i++)
    if (s->ft[i] != 0)
      return TRUE;
  return s->info.n == 0;
}

double
few_lens_accuracy (const FewSnapshot *s, int role, double alpha)
{
  g_return_val_if_fail (s != NULL, NAN);
  FewContests contests;
  guint n = 0;
  guint hits = 0;
  if (alpha == 0 && !says_zero_shot (s))
    return NAN;
  if (role == FEW_ROLE_TEST && alpha == s->tested_at)
    return s->tested;
  few_contests_begin (&contests, s, alpha);
  for (guint i = 0; i < s->info.n; i++)
    if (takes_part (s, i, role))
      {
        n++;
        hits += is_right (&contests, i);
      }
  return n ? (double) hits / n : NAN;
}

/* At each point. Contenders, where there is room to find them, are looked for once for all. */
static void
count_right (FewContests *contests, FewContenders *contenders, guint i,
             guint hits[FEW_CURVE_POINTS])
{
  const FewSnapshot *s = contests->snapshot;
  gsize first = (gsize) i * s->info.n_classes;
  gboolean found =
      contenders
      && few_contenders_find (contenders, s->at + first, s->ft + first, s->info.labels[i]);
  for (guint p = 0; p < FEW_CURVE_POINTS; p++)
    {
      FewContest c;
      few_contests_move (contests, p / 100.0);
      c = found ? few_contests_among (contests, contenders) : few_contests_get (contests, i);
      hits[p] += few_contest_is_won (&c);
    }
}

void
few_lens_curve (const FewSnapshot *s, int role, double curve[FEW_CURVE_POINTS])
{
  g_return_if_fail (s != NULL);
  FewContests contests;
  g_autoptr (FewContenders) contenders = few_contenders_new (s->info.n_classes);
  guint n = 0;
  guint hits[FEW_CURVE_POINTS] = { 0 };
  few_contests_begin (&contests, s, 0);
  for (guint i = 0; i < s->info.n; i++)
    if (takes_part (s, i, role))
      {
        n++;
        count_right (&contests, contenders, i, hits);
      }
  for (guint p = 0; p < FEW_CURVE_POINTS; p++)
    curve[p] = n ? (double) hits[p] / n : NAN;
}

void
few_lens_choose_alpha (const FewSnapshot *s, FewAlphaChoice *choice)
{
  g_return_if_fail (s != NULL && choice != NULL);
  const double *curve = s->curve;
  guint n = 0;
  for (guint i = 0; i < s->info.n; i++)
    n += s->info.roles[i] == FEW_ROLE_VALIDATION;
  *choice = (FewAlphaChoice) { .best = s->info.trained_alpha,
                               .low = s->info.trained_alpha,
                               .high = s->info.trained_alpha,
                               .accuracy = NAN };
  if (s->info.thresholds
      || (s->info.trained && !says_zero_shot (s))) /* what was learned is all there is */
    {
      choice->best = choice->low = choice->high = 1;
      return;
    }
  if (s->info.trained && !isnan (s->info.chosen_alpha))
    {
      choice->enough = choice->by_folds = TRUE;
      choice->best = choice->low = choice->high = s->info.chosen_alpha;
      choice->accuracy = s->info.cross_validated.accuracy;
      return;
    }
  /* One picture then moves the accuracy by 10 points or more: no basis for a choice. */
  choice->enough = s->info.trained && n >= MAX (10, s->info.n_classes);
  if (!choice->enough)
    return;
  guint start = 0;
  guint length = 0;
  for (guint p = 0; p < FEW_CURVE_POINTS; p++)
    choice->accuracy = p == 0 ? curve[0] : MAX (choice->accuracy, curve[p]);
  /* The longest run at the maximum: its middle is the least sensitive to the few pictures that
   * chose it. */
  for (guint p = 0; p < FEW_CURVE_POINTS;)
    {
      guint q = p;
      while (q < FEW_CURVE_POINTS && curve[q] >= choice->accuracy)
        q++;
      if (q - p > length)
        {
          start = p;
          length = q - p;
        }
      p = MAX (q, p + 1);
    }
  choice->low = start / 100.0;
  choice->high = (start + length - 1) / 100.0;
  guint middle = start + (length - 1) / 2;
  choice->best = middle / 100.0;
}

void
few_lens_class_means (const FewSnapshot *s, double alpha, float *zero_shot, float *adapted)
{
  g_return_if_fail (s != NULL && zero_shot != NULL && adapted != NULL);
  guint k = s->info.n_classes;
  g_autofree guint *counts = g_new0 (guint, k);
  gboolean says = FALSE; /* see says_zero_shot */
  memset (zero_shot, 0, k * sizeof *zero_shot);
  memset (adapted, 0, k * sizeof *adapted);
  for (guint i = 0; i < s->info.n && !s->info.sets; i++)
    {
      guint c = s->info.labels[i];
      float at = s->own_at[i];
      float ft = s->own_ft[i];
      counts[c]++;
      says |= ft != 0;
      zero_shot[c] += ft * inverse_norm (s, i, 0);
      adapted[c] += (float) (alpha * at + (1 - alpha) * ft) * inverse_norm (s, i, alpha);
    }
  for (guint c = 0; c < k; c++)
    {
      zero_shot[c] = counts[c] && says ? zero_shot[c] / (float) counts[c] : NAN;
      adapted[c] = counts[c] ? adapted[c] / (float) counts[c] : NAN;
    }
}

void
few_lens_confusion (const FewSnapshot *s, int role, double alpha, guint32 *confusion)
{
  g_return_if_fail (s != NULL && confusion != NULL);
  guint k = s->info.n_classes;
  FewContests contests;
  few_contests_begin (&contests, s, alpha);
  memset (confusion, 0, (gsize) k * k * sizeof *confusion);
  for (guint i = 0; i < s->info.n; i++)
    if (takes_part (s, i, role))
      {
        FewContest c = few_contests_get (&contests, i);
        confusion[(gsize) s->info.labels[i] * k + few_contests_winner (&contests, i, &c)]++;
      }
}

void
few_lens_compare (const FewSnapshot *s, int role, double alpha, guint *fixed, guint *broken)
{
  g_return_if_fail (s != NULL && fixed != NULL && broken != NULL);
  FewContests first, then;
  few_contests_begin (&first, s, 0);
  few_contests_begin (&then, s, alpha);
  *fixed = *broken = 0;
  for (guint i = 0; i < s->info.n; i++)
    if (takes_part (s, i, role))
      {
        gboolean before = is_right (&first, i);
        gboolean after = is_right (&then, i);
        *fixed += !before && after;
        *broken += before && !after;
      }
}

static int
compare_floats (gconstpointer a, gconstpointer b)
{
  float x = *(const float *) a;
  float y = *(const float *) b;
  return (x > y) - (x < y);
}

double
few_lens_threshold (const FewSnapshot *snapshot, double alpha, double keep, guint *n)
{
  g_return_val_if_fail (snapshot != NULL && keep >= 0 && keep <= 1, NAN);
  /* more do not make a quantile better, and a slider waits for it */
  enum { ENOUGH = 10, MOST = 2000 };
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  float best[MOST + 1];
  g_autofree float *cosines = g_new (float, info->n_classes);
  guint held_out = 0;
  guint count = 0;
  for (guint i = 0; i < info->n; i++)
    held_out += info->roles[i] == FEW_ROLE_VALIDATION || info->roles[i] == FEW_ROLE_TEST;
  for (guint i = 0; i < info->n; i += 1 + info->n / MOST)
    {
      if (held_out >= ENOUGH && info->roles[i] != FEW_ROLE_VALIDATION
          && info->roles[i] != FEW_ROLE_TEST)
        continue;
      few_lens_cosines (snapshot, i, alpha, cosines);
      best[count] = cosines[0];
      for (guint k = 1; k < info->n_classes; k++)
        best[count] = MAX (best[count], cosines[k]);
      count++;
    }
  if (n)
    *n = count;
  if (count == 0)
    return NAN;
  qsort (best, count, sizeof *best, compare_floats);
  return best[MIN (count - 1, (guint) ((1 - keep) * count))];
}

void
few_lens_class_scores (const FewSnapshot *snapshot, int role, const guint32 *predicted,
                       float *precision, float *recall, guint32 *pictures)
{
  g_return_if_fail (snapshot != NULL && (snapshot->info.n == 0 || predicted));
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  g_autofree guint32 *right = g_new0 (guint32, info->n_classes + 1);
  g_autofree guint32 *taken = g_new0 (guint32, info->n_classes + 1);
  memset (pictures, 0, info->n_classes * sizeof *pictures);
  for (guint i = 0; i < info->n && !info->sets; i++)
    {
      if (role >= 0 && info->roles[i] != role)
        continue;
      pictures[info->labels[i]]++;
      taken[predicted[i]]++;
      right[predicted[i]] += predicted[i] == info->labels[i];
    }
  for (guint k = 0; k < info->n_classes; k++)
    {
      precision[k] = taken[k] ? (float) right[k] / (float) taken[k] : NAN;
      recall[k] = pictures[k] ? (float) right[k] / (float) pictures[k] : NAN;
    }
}

/* Then it is asked by who draws, as soon as it comes, and known already. */
static gboolean
says_the_same (const FewSnapshot *s)
{
  gsize bytes = s->info.n * sizeof *s->ff;
  return s->info.n > 0 && s->at == s->ft && memcmp (s->aa, s->ff, bytes) == 0
         && memcmp (s->af, s->ff, bytes) == 0;
}

static void
gather_own (FewSnapshot *s)
{
  for (guint i = 0; i < s->info.n; i++)
    {
      gsize cell = (gsize) i * s->info.n_classes + s->info.labels[i];
      s->own_at[i] = s->at[cell];
      s->own_ft[i] = s->ft[cell];
    }
}

void
few_snapshot_seal (FewSnapshot *snapshot)
{
  FewAlphaChoice choice;
  gather_own (snapshot);
  guint32 *zero_shot = g_try_new (guint32, snapshot->info.n);
  float *margins = says_the_same (snapshot) ? g_try_new (float, snapshot->info.n) : NULL;
  if (zero_shot) /* or else it is found out each time */
    few_lens_predict (snapshot, 0, zero_shot, margins);
  snapshot->zero_shot = zero_shot;
  snapshot->margins = margins;
  few_lens_curve (snapshot, FEW_ROLE_VALIDATION, snapshot->curve);
  few_lens_choose_alpha (snapshot, &choice);
  snapshot->tested = few_lens_accuracy (snapshot, FEW_ROLE_TEST, choice.best);
  snapshot->tested_at = choice.best;
}
