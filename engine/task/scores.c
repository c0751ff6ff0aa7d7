/* SPDX-License-Identifier: MIT */
/* What answers come to: accuracy, by class, and what their probabilities are worth. */
#include "task/scores.h"
#include <math.h>

enum { BINS = FEW_SCORE_BINS, FEWEST_OTHERS = 4 };

void
few_score_count_add (FewScoreCount *count, const float *logits, guint label)
{
  guint best = 0;
  double total = 0;
  for (guint c = 1; c < count->k; c++)
    best = logits[c] > logits[best] ? c : best;
  for (guint c = 0; c < count->k; c++)
    total += exp ((double) logits[c] - logits[best]);
  double confidence = 1 / total;
  guint bin = MAX ((guint) ceil (confidence * BINS), 1) - 1;
  count->scores->n++;
  count->pictures[label]++;
  count->right[label] += best == label;
  count->called[best] += best != label;
  count->loss += log (total) - ((double) logits[label] - logits[best]);
  count->gap[MIN (bin, BINS - 1)] += confidence - (best == label);
}

/* A class that others' pictures are called more often than all else together. */
static void
find_swallowing (const FewScoreCount *count)
{
  FewScores *s = count->scores;
  for (guint c = 0; c < count->k; c++)
    {
      guint others = s->n - count->pictures[c];
      if (others < FEWEST_OTHERS || 2 * (guint64) count->called[c] <= others)
        continue;
      s->swallowing = c;
      s->swallowed = (double) count->called[c] / others;
    }
}

static void
sum_up (const FewScoreCount *count)
{
  FewScores *s = count->scores;
  guint classes = 0;
  double recalls = 0;
  double gaps = 0;
  for (guint c = 0; c < count->k; c++)
    if (count->pictures[c] > 0)
      {
        classes++;
        s->right += count->right[c];
        recalls += (double) count->right[c] / count->pictures[c];
      }
  for (guint bin = 0; bin < BINS; bin++)
    gaps += fabs (count->gap[bin]);
  s->accuracy = s->n ? (double) s->right / s->n : NAN;
  s->balanced = classes ? recalls / classes : NAN;
  s->log_loss = s->n ? count->loss / s->n : NAN;
  s->calibration = s->n ? gaps / s->n : NAN;
  few_interval (s->right, s->n, &s->low, &s->high);
  find_swallowing (count);
}

void
few_score_count_begin (FewScoreCount *count, guint k, FewScores *scores)
{
  *scores = (FewScores) { .swallowing = FEW_NO_CLASS };
  *count = (FewScoreCount) { .scores = scores,
                             .k = k,
                             .pictures = g_new0 (guint, MAX (k, 1)),
                             .right = g_new0 (guint, MAX (k, 1)),
                             .called = g_new0 (guint, MAX (k, 1)) };
}

void
few_score_count_end (FewScoreCount *count)
{
  sum_up (count);
  g_free (count->pictures);
  g_free (count->right);
  g_free (count->called);
}

gboolean
few_scores_swallows (const FewScores *scores)
{
  g_return_val_if_fail (scores != NULL, FALSE);
  return scores->n > 0 && scores->swallowing != FEW_NO_CLASS;
}

void
few_scores_measure (const float *logits, const guint32 *labels, const guint32 *rows, guint n,
                    guint n_classes, FewScores *scores)
{
  g_return_if_fail (scores != NULL && (n == 0 || (logits && labels && n_classes > 0)));
  FewScoreCount count;
  few_score_count_begin (&count, n_classes, scores);
  for (guint i = 0; i < n; i++)
    {
      guint row = rows ? rows[i] : i;
      few_score_count_add (&count, logits + (gsize) row * n_classes, labels[row]);
    }
  few_score_count_end (&count);
}
