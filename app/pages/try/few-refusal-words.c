/* SPDX-License-Identifier: MIT */
/* When a picture is none of the classes, in words: by its strangeness or by its cosine. */
#include "pages/try/few-refusal-words.h"
#include "base/few-percent.h"
#include "session/few-answer.h"
#include <glib/gi18n.h>
#include <gtk/gtk.h>
#include <math.h>

/* Strangeness, which the classifier knows. */
static char *
describe_refusal (FewTrials *trials, const FewTrust *trust)
{
  const FewTrustInfo *info = few_trust_info (trust);
  guint n = info->n_told;
  double share = 1 - few_trials_get_keep (trials);
  g_autofree char *strange = few_percent (share, 0);
  /* Translators: a percentage, a number of pictures */
  g_autofree char *text = g_strdup_printf (
      ngettext ("A picture that is stranger than all but %s of your %u picture is none of "
                "these: far from every class, and its answer unsure.",
                "A picture that is stranger than all but %s of your %u pictures is none of "
                "these: far from every class, and its answer unsure.",
                n),
      strange, n);
  if (info->n_negatives == 0)
    return g_steal_pointer (&text);
  g_autofree char *refused = few_percent (few_trust_negatives_refused (trust, share), 0);
  /* Translators: a percentage, a number of pictures */
  g_autofree char *negatives =
      g_strdup_printf (ngettext (" It refuses %s of %u negative.",
                                 " It refuses %s of %u negatives.", info->n_negatives),
                       refused, info->n_negatives);
  return g_strconcat (text, negatives, NULL);
}

/* A cosine, where nothing else is known. */
static char *
describe_threshold (FewTrials *trials)
{
  guint n;
  double threshold = few_trials_get_threshold (trials, &n);
  g_autofree char *share = few_percent (few_trials_get_keep (trials), 0);
  /* Translators: a cosine, a percentage, a number of pictures */
  return g_strdup_printf (ngettext ("Below a cosine of %.3f the answer is “none of these”: %s of "
                                    "%u picture of the project reach it.",
                                    "Below a cosine of %.3f the answer is “none of these”: %s of "
                                    "%u pictures of the project reach it.",
                                    n),
                          threshold, share, n);
}

char *
few_refusal_words (FewTrials *trials, FewView *view)
{
  const FewTrust *trust =
      few_answer_trust (few_view_get_snapshot (view), few_view_get_alpha (view));
  if (isnan (few_trials_get_threshold (trials, NULL)))
    return g_strdup (
        _ ("Every picture is recognised as one of the classes, even one that is none of them."));
  return trust ? describe_refusal (trials, trust) : describe_threshold (trials);
}

/* ---- choices */

static const double keeps[] = { 1, .99, .95, .9 };

GListModel *
few_refusal_names (void)
{
  const char *const names[] = { _ ("Never"),
                                /* xgettext:no-c-format */
                                _ ("Refuse 1 % of my own pictures"),
                                /* xgettext:no-c-format */
                                _ ("Refuse 5 % of my own pictures"),
                                /* xgettext:no-c-format */
                                _ ("Refuse 10 % of my own pictures"), NULL };
  return G_LIST_MODEL (gtk_string_list_new (names));
}

double
few_refusal_keep (guint choice)
{
  return keeps[MIN (choice, G_N_ELEMENTS (keeps) - 1)];
}

guint
few_refusal_choice (double keep)
{
  guint nearest = 0;
  for (guint i = 1; i < G_N_ELEMENTS (keeps); i++)
    if (fabs (keeps[i] - keep) < fabs (keeps[nearest] - keep))
      nearest = i;
  return nearest;
}
