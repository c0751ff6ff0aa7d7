/* SPDX-License-Identifier: MIT */
/* From a feature to an answer. */
#include "cli/judge.h"

void
cli_judge_begin (CliJudge *judge)
{
  guint k = few_classifier_info (judge->classifier)->n_classes;
  judge->order = g_new (guint, judge->top);
  judge->set = g_new (guint32, k);
  judge->cosines = g_new (float, k);
  judge->probabilities = g_new (float, k);
}

void
cli_judge_clear (CliJudge *judge)
{
  g_clear_pointer (&judge->order, g_free);
  g_clear_pointer (&judge->set, g_free);
  g_clear_pointer (&judge->cosines, g_free);
  g_clear_pointer (&judge->probabilities, g_free);
}

/* Whether class k comes behind class `last`: a smaller cosine, or the same and a larger number. */
static gboolean
is_behind (const float *cosines, guint k, guint last)
{
  return cosines[k] < cosines[last] || (cosines[k] == cosines[last] && k > last);
}

/* The classes of the largest cosines, those first. */
static void
find_top (CliJudge *judge, guint n_classes)
{
  for (guint i = 0; i < judge->top; i++)
    {
      guint best = n_classes;
      for (guint k = 0; k < n_classes; k++)
        if ((i == 0 || is_behind (judge->cosines, k, judge->order[i - 1]))
            && (best == n_classes || judge->cosines[k] > judge->cosines[best]))
          best = k;
      judge->order[i] = MIN (best, n_classes - 1);
    }
}

/* The likeliest first. */
void
cli_judge_labels (CliJudge *judge, CliAnswer *answer)
{
  const FewClassifierInfo *info = few_classifier_info (judge->classifier);
  const float *probabilities = answer->probabilities;
  guint n = 0;
  for (guint k = 0; info->thresholds && k < info->n_classes; k++)
    {
      guint at = n;
      if (probabilities[k] < info->thresholds[k])
        continue;
      for (; at > 0 && probabilities[judge->set[at - 1]] < probabilities[k]; at--)
        judge->set[at] = judge->set[at - 1];
      judge->set[at] = k;
      n++;
    }
  answer->set = judge->set;
  answer->n_set = n;
}

void
cli_judge (CliJudge *judge, const float *feature, CliAnswer *answer)
{
  const FewClassifierInfo *info = few_classifier_info (judge->classifier);
  few_classifier_predict (judge->classifier, feature, judge->alpha, judge->cosines,
                          judge->probabilities);
  find_top (judge, info->n_classes);
  answer->cosines = judge->cosines;
  answer->probabilities = judge->probabilities;
  answer->order = judge->order;
  answer->refused = judge->refuses
                    && few_refusal_holds (&judge->refusal, judge->classifier, feature,
                                          judge->order[0], judge->cosines, judge->probabilities);
  if (info->thresholds)
    {
      cli_judge_labels (judge, answer);
      return;
    }
  answer->set = judge->set;
  answer->n_set =
      judge->sets ? few_trust_answer_set (info->trust, judge->probabilities, judge->set) : 0;
}
