/* SPDX-License-Identifier: MIT */
/* The run in view in words: how right it is on pictures that were held out, and what is wrong with
 * these. */
#include "pages/train/few-run-words.h"
#include <glib/gi18n.h>
#include <math.h>

static void
add_cross_validated (GString *text, const FewScores *scores)
{
  if (scores->n == 0)
    return;
  g_string_append_printf (
      text, /* Translators: two accuracies; between them the first one's 95 % interval */
      _ ("Cross-validated accuracy %.1f %%, 95 %% interval %.0f–%.0f; balanced %.1f %%\n"),
      100 * scores->accuracy, 100 * scores->low, 100 * scores->high, 100 * scores->balanced);
}

static void
add_test (GString *text, const FewScores *scores)
{
  if (scores->n == 0)
    return;
  g_string_append_printf (text, _ ("Test accuracy %.1f %%, balanced %.1f %%\n"),
                          100 * scores->accuracy, 100 * scores->balanced);
}

/* Of automatic, whether the adapter that learned beside it is in the answer. */
static void
add_joined (GString *text, const FewSnapshotInfo *info)
{
  const FewClassifierInfo *classifier = few_classifier_info (info->classifier);
  if (info->epoch == 0 || g_strcmp0 (classifier->method, "automatic") != 0)
    return;
  g_string_append (text, classifier->kind == FEW_CLASSIFIER_SUM
                             ? _ ("The adapter is part of the answer: pictures that it had not "
                                  "seen are told apart better with it\n")
                             : _ ("The adapter is left out: it was stopped, or pictures that it "
                                  "had not seen are not told apart better with it\n"));
}

static void
add_twins (GString *text, const FewSnapshotInfo *info)
{
  if (info->n_twins == 0)
    return;
  if (info->n_twins == info->n_split_off)
    {
      g_string_append (text, _ ("Every test picture has a twin among the training pictures: the "
                                "test accuracy is too good\n"));
      return;
    }
  g_string_append_printf (text, /* Translators: so many of so many */
                          ngettext ("%u of %u test pictures has a twin among the training pictures "
                                    "and was moved\n",
                                    "%u of %u test pictures have a twin among the training "
                                    "pictures and were moved\n",
                                    info->n_twins),
                          info->n_twins, info->n_split_off);
}

/* So of those that a person set aside for testing. */
static void
add_left_out (GString *text, const FewSnapshotInfo *info)
{
  if (info->twins_stay)
    g_string_append (text, _ ("Pictures that are only for testing have twins among the training "
                              "pictures, and a class has no others to learn from: the test "
                              "accuracy is too good\n"));
  else if (info->n_left_out > 0)
    g_string_append_printf (text,
                            ngettext ("%u picture is a twin of one that is only for testing and "
                                      "was not learned from\n",
                                      "%u pictures are twins of some that are only for testing and "
                                      "were not learned from\n",
                                      info->n_left_out),
                            info->n_left_out);
}

static void
add_negatives (GString *text, const FewSnapshotInfo *info)
{
  const FewTrust *trust = few_classifier_info (info->classifier)->trust;
  guint n = trust ? few_trust_info (trust)->n_negatives : 0;
  if (n > 0)
    g_string_append_printf (
        text,
        ngettext ("It knows %u picture of none of these and refuses what looks like it\n",
                  "It knows %u pictures of none of these and refuses what looks like them\n", n),
        n);
}

static void
add_swallowing (GString *text, FewView *view, const FewScores *scores)
{
  GPtrArray *classes = few_view_get_classes (view);
  if (!few_scores_swallows (scores) || scores->swallowing >= classes->len)
    return;
  g_string_append_printf (
      text, /* Translators: the name of a class */
      _ ("“%s” swallows the others: %.0f %% of their pictures are taken for it. Add pictures to "
         "them, or leave some of its own out\n"),
      few_class_get_name (classes->pdata[scores->swallowing]), 100 * scores->swallowed);
}

char *
few_run_words (FewView *view)
{
  g_return_val_if_fail (FEW_IS_VIEW (view), NULL);
  FewSnapshot *snapshot = few_view_get_snapshot (view);
  const FewSnapshotInfo *info = snapshot ? few_snapshot_info (snapshot) : NULL;
  FewAlphaChoice choice;
  FewScores test;
  if (!info || !info->trained)
    return NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  few_lens_choose_alpha (snapshot, &choice);
  few_lens_scores (snapshot, FEW_ROLE_TEST, choice.best, &test);
  add_test (text, &test);
  add_cross_validated (text, &info->cross_validated);
  add_joined (text, info);
  add_twins (text, info);
  add_left_out (text, info);
  add_negatives (text, info);
  add_swallowing (text, view, test.n > 0 ? &test : &info->cross_validated);
  if (text->len == 0)
    return NULL;
  g_string_truncate (text, text->len - 1);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
few_run_words_of_record (const FewProjectRun *record)
{
  double low, high;
  g_return_val_if_fail (record != NULL, NULL);
  if (isnan (record->test_accuracy))
    return g_strdup (_ ("no test pictures were left to measure on"));
  few_interval ((guint) lrint (record->test_accuracy * record->n_test), record->n_test, &low,
                &high);
  if (isnan (record->zero_shot_accuracy))
    return g_strdup_printf (_ ("%.1f %% of test pictures, 95 %% interval %.0f–%.0f"),
                            100 * record->test_accuracy, 100 * low, 100 * high);
  /* Translators: accuracy on test pictures, the ends of its 95 % interval, accuracy before */
  return g_strdup_printf (
      _ ("%.1f %% of test pictures, 95 %% interval %.0f–%.0f (zero-shot %.1f %%)"),
      100 * record->test_accuracy, 100 * low, 100 * high, 100 * record->zero_shot_accuracy);
}
