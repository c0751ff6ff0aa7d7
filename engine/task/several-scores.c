/* SPDX-License-Identifier: MIT */
/* How right what is said of each label is: average precision by the order of scores, and what
 * thresholds make of it. */
#include <fewshot/several.h>
#include "base/memory.h"
#include "base/words.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char WHAT[] = N_ ("the scores");

/* A picture's score of one label */
typedef struct
{
  double score;
  gboolean has;
} Ranked;

/* What is no number, as of weights that overflow, comes last. */
static Ranked
rank (double score, gboolean has, double least)
{
  return (Ranked) { isnan (score) ? least : score, has };
}

static int
by_falling_score (gconstpointer a, gconstpointer b)
{
  double x = ((const Ranked *) a)->score;
  double y = ((const Ranked *) b)->score;
  return (x < y) - (x > y);
}

/* Sorted. NAN without a picture that has it. */
static double
find_average_precision (const Ranked *ranked, guint n)
{
  guint positives = 0;
  guint right = 0;
  double sum = 0;
  for (guint i = 0; i < n; i++)
    positives += ranked[i].has;
  for (guint i = 0, end = 0; i < n; i = end)
    {
      guint before = right;
      for (; end < n && ranked[end].score == ranked[i].score; end++)
        right += ranked[end].has;
      sum += (double) (right - before) / positives * right / end;
    }
  return positives ? sum : NAN;
}

static double
divide (double part, double whole)
{
  return whole > 0 ? part / whole : NAN;
}

/* What was said of a label, or of all */
typedef struct
{
  guint64 right, said, pictures;
} Count;

static double
find_f1 (const Count *count)
{
  return divide (2 * (double) count->right, (double) (count->said + count->pictures));
}

typedef struct
{
  const float *scores, *thresholds;
  const FewLabelSets *sets;
  const guint32 *rows;
  guint n, n_labels;
} Measuring;

static void
measure_label (const Measuring *m, guint label, Ranked *ranked, Count *count)
{
  *count = (Count) { 0 };
  for (guint i = 0; i < m->n; i++)
    {
      guint row = m->rows ? m->rows[i] : i;
      float score = m->scores[(gsize) row * m->n_labels + label];
      gboolean has = few_label_sets_hold (m->sets, row, label);
      gboolean said = m->thresholds && score >= m->thresholds[label];
      ranked[i] = rank ((double) score, has, -INFINITY);
      count->pictures += has;
      count->said += said;
      count->right += has && said;
    }
  qsort (ranked, m->n, sizeof *ranked, by_falling_score);
}

static guint
count_exact (const Measuring *m)
{
  guint exact = 0;
  for (guint i = 0; i < m->n; i++)
    {
      guint row = m->rows ? m->rows[i] : i;
      guint l = 0;
      while (l < m->n_labels
             && (m->scores[(gsize) row * m->n_labels + l] >= m->thresholds[l])
                    == few_label_sets_hold (m->sets, row, l))
        l++;
      exact += l == m->n_labels;
    }
  return exact;
}

static void
sum_up (const Measuring *m, const Count *all, FewSeveralScores *scores)
{
  double aps = 0;
  double f1s = 0;
  guint with_ap = 0;
  guint with_f1 = 0;
  for (guint l = 0; l < m->n_labels; l++)
    {
      const FewSeveralLabel *label = scores->labels + l;
      if (!isnan (label->ap))
        {
          aps += label->ap;
          with_ap++;
        }
      if (!isnan (label->f1))
        {
          f1s += label->f1;
          with_f1++;
        }
    }
  scores->map = divide (aps, with_ap);
  scores->micro_precision = scores->micro_recall = scores->micro_f1 = NAN;
  scores->macro_f1 = scores->exact = NAN;
  if (!m->thresholds)
    return;
  scores->micro_precision = divide ((double) all->right, (double) all->said);
  scores->micro_recall = divide ((double) all->right, (double) all->pictures);
  scores->micro_f1 = find_f1 (all);
  scores->macro_f1 = divide (f1s, with_f1);
  scores->exact = divide (count_exact (m), m->n);
}

static FewSeveralScores *
scores_new (guint n_labels, GError **error)
{
  FewSeveralLabel *labels = few_try_copy (NULL, n_labels, sizeof *labels, WHAT, error);
  if (!labels)
    return NULL;
  FewSeveralScores *scores = g_new0 (FewSeveralScores, 1);
  scores->n_labels = n_labels;
  scores->labels = labels;
  return scores;
}

FewSeveralScores *
few_several_measure (const float *scores, const FewLabelSets *sets, const float *thresholds,
                     const guint32 *rows, guint n, guint n_labels, GError **error)
{
  g_return_val_if_fail (sets != NULL && (n == 0 || scores != NULL), NULL);
  const Measuring m = { scores, thresholds, sets, rows, n, n_labels };
  g_autofree Ranked *ranked = few_try_copy (NULL, n, sizeof *ranked, WHAT, error);
  FewSeveralScores *measured = ranked ? scores_new (n_labels, error) : NULL;
  Count all = { 0 };
  for (guint l = 0; measured && l < n_labels; l++)
    {
      Count count;
      measure_label (&m, l, ranked, &count);
      FewSeveralLabel *label = (FewSeveralLabel *) measured->labels + l;
      *label = (FewSeveralLabel) { .pictures = (guint) count.pictures,
                                   .said = (guint) count.said,
                                   .ap = find_average_precision (ranked, n),
                                   .precision = NAN,
                                   .recall = NAN,
                                   .f1 = NAN };
      all.right += count.right;
      all.said += count.said;
      all.pictures += count.pictures;
      if (!thresholds)
        continue;
      label->precision = divide ((double) count.right, (double) count.said);
      label->recall = divide ((double) count.right, (double) count.pictures);
      label->f1 = find_f1 (&count);
    }
  if (!measured)
    return NULL;
  measured->n = n;
  sum_up (&m, &all, measured);
  return measured;
}

FewSeveralScores *
few_several_copy (const FewSeveralScores *scores, GError **error)
{
  g_return_val_if_fail (scores != NULL, NULL);
  FewSeveralScores *copy = scores_new (scores->n_labels, error);
  if (!copy)
    return NULL;
  FewSeveralLabel *labels = (FewSeveralLabel *) copy->labels;
  if (scores->n_labels > 0)
    memcpy (labels, scores->labels, scores->n_labels * sizeof *labels);
  *copy = *scores;
  copy->labels = labels;
  return copy;
}

void
few_several_free (FewSeveralScores *scores)
{
  g_return_if_fail (scores != NULL);
  g_free ((FewSeveralLabel *) scores->labels);
  g_free (scores);
}

gboolean
few_several_threshold (const double *probabilities, const guint8 *has, guint n, double *threshold,
                       GError **error)
{
  g_return_val_if_fail ((n == 0 || (probabilities && has)) && threshold, FALSE);
  g_autofree Ranked *ranked = few_try_copy (NULL, n, sizeof *ranked, WHAT, error);
  Count count = { 0 };
  double best = -1;
  if (!ranked)
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      ranked[i] = rank (probabilities[i], has[i], 0);
      count.pictures += has[i] != 0;
    }
  *threshold = 0.5;
  if (count.pictures < FEW_SEVERAL_LEAST)
    return TRUE;
  qsort (ranked, n, sizeof *ranked, by_falling_score);
  for (guint i = 0, end = 0; i < n; i = end)
    {
      for (; end < n && ranked[end].score == ranked[i].score; end++)
        count.right += ranked[end].has != 0;
      count.said = end;
      double f1 = find_f1 (&count);
      if (f1 <= best)
        continue;
      best = f1;
      *threshold = (ranked[i].score + (end < n ? ranked[end].score : 0)) / 2;
    }
  return TRUE;
}
