/* SPDX-License-Identifier: MIT */
/* Answer sets and strangeness of the pictures of a snapshot. */
#include "session/few-answer.h"
#include "session/few-class.h"
#include <glib/gi18n.h>
#include <math.h>

enum { MOST_NAMES = 6 };

const FewTrust *
few_answer_trust (const FewSnapshot *snapshot, double alpha)
{
  FewClassifier *classifier = snapshot ? few_snapshot_info (snapshot)->classifier : NULL;
  const FewTrust *trust = classifier ? few_classifier_info (classifier)->trust : NULL;
  return trust && few_trust_info (trust)->n_told > 0 && few_trust_holds (trust, alpha) ? trust
                                                                                       : NULL;
}

static char *
join_names (const guint32 *set, guint n, GPtrArray *classes)
{
  GString *names = g_string_new (NULL);
  for (guint i = 0; i < MIN (n, MOST_NAMES); i++)
    g_string_append_printf (names, "%s%s", i ? ", " : "",
                            few_class_get_name (classes->pdata[set[i]]));
  if (n > MOST_NAMES)
    g_string_append (names, " …");
  return g_string_free (names, FALSE);
}

char *
few_answer_words (const FewSnapshot *snapshot, guint row, double alpha, guint promise,
                  GPtrArray *classes)
{
  g_return_val_if_fail (snapshot != NULL && classes != NULL, NULL);
  const FewTrust *trust = few_answer_trust (snapshot, alpha);
  FewLook look;
  if (!trust || !few_snapshot_look (snapshot, row, &look))
    return NULL;
  guint k = few_snapshot_info (snapshot)->n_classes;
  g_autofree float *p = g_new (float, k);
  g_autofree guint32 *set = g_new (guint32, k);
  few_lens_probabilities (snapshot, row, alpha, p);
  guint n = few_trust_promised_set (trust, promise, p, set);
  if (n == 0)
    return NULL;
  g_autofree char *names = join_names (set, n, classes);
  if (n == 1) /* Translators: a class */
    return g_strdup_printf (_ ("%s, and no other class"), names);
  if (n == k)
    return g_strdup (_ ("could be any of the classes"));
  /* Translators: names of classes */
  return g_strdup_printf (_ ("one of: %s"), names);
}

double
few_answer_strangeness (const FewSnapshot *snapshot, guint row, double alpha)
{
  g_return_val_if_fail (snapshot != NULL, NAN);
  const FewTrust *trust = few_answer_trust (snapshot, alpha);
  FewLook look;
  if (!trust || !few_snapshot_look (snapshot, row, &look))
    return NAN;
  guint k = few_snapshot_info (snapshot)->n_classes;
  g_autofree float *p = g_new (float, k);
  float largest = 0;
  few_lens_probabilities (snapshot, row, alpha, p);
  for (guint c = 0; c < k; c++)
    largest = MAX (largest, p[c]);
  return few_trust_strangeness (trust, look, largest);
}

guint32 *
few_answer_rank (const float *scores, guint n)
{
  g_return_val_if_fail (scores != NULL, NULL);
  g_autofree float *negated = g_new (float, n + 1);
  guint32 *order = g_new (guint32, n + 1);
  for (guint i = 0; i < n; i++)
    negated[i] = -scores[i];
  few_lens_rank (negated, n, order);
  return order;
}
