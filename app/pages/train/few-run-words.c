/* SPDX-License-Identifier: MIT */
/* The run in view in words: how right it is on pictures that were held out, and what is wrong with
 * these. */
#include "pages/train/few-run-words.h"
#include "base/few-percent.h"
#include <glib/gi18n.h>
#include <math.h>

static void
add_cross_validated (GString *text, const FewScores *scores)
{
  if (scores->n == 0)
    return;
  g_autofree char *accuracy = few_percent (scores->accuracy, 1);
  g_autofree char *balanced = few_percent (scores->balanced, 1);
  g_string_append_printf (
      text, /* Translators: two accuracies; between them the first one's 95 % interval */
      _ ("Cross-validated accuracy %s, 95 %% interval %.0f–%.0f; balanced %s\n"), accuracy,
      100 * scores->low, 100 * scores->high, balanced);
}

/* Of any number of labels. on: "12 test pictures". */
static void
add_several (GString *text, const FewSeveralScores *scores, const char *on)
{
  g_autofree char *map = few_percent (scores->map, 1);
  g_autofree char *micro = few_percent (scores->micro_f1, 1);
  g_autofree char *macro = few_percent (scores->macro_f1, 1);
  g_string_append_printf (
      text, /* Translators: what it was measured on, then percentages */
      _ ("Measured on %s: mean average precision %s; F1 %s, mean of the labels %s\n"), on, map,
      micro, macro);
}

/* Those that have no threshold of their own. */
static void
add_rare (GString *text, const FewSnapshotInfo *info)
{
  const guint32 *positives = few_classifier_info (info->classifier)->positives;
  guint n = 0;
  for (guint k = 0; positives && k < info->n_classes; k++)
    n += positives[k] < FEW_SEVERAL_LEAST;
  if (n > 0)
    g_string_append_printf (
        text,
        ngettext ("%u label has too few pictures to choose by: it is given from 50 %% on\n",
                  "%u labels have too few pictures to choose by: they are given from 50 %% on\n",
                  n),
        n);
}

static void
add_several_measured (GString *text, const FewSnapshotInfo *info, const FewSeveralScores *test)
{
  const FewSeveralScores *unseen = info->several;
  guint n = test ? test->n : 0;
  guint m = unseen ? unseen->n : 0;
  g_autofree char *tests = g_strdup_printf (ngettext ("%u test picture", "%u test pictures", n), n);
  g_autofree char *others = g_strdup_printf (
      ngettext ("%u picture that was learned from, by what was learned without it",
                "%u pictures that were learned from, each by what was learned without it", m),
      m);
  if (n > 0)
    add_several (text, test, tests);
  if (m > 0)
    add_several (text, unseen, others);
  add_rare (text, info);
}

static void
add_test (GString *text, const FewScores *scores)
{
  if (scores->n == 0)
    return;
  g_autofree char *accuracy = few_percent (scores->accuracy, 1);
  g_autofree char *balanced = few_percent (scores->balanced, 1);
  g_string_append_printf (text, _ ("Test accuracy %s, balanced %s\n"), accuracy, balanced);
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
  g_autofree char *share = few_percent (scores->swallowed, 0);
  g_string_append_printf (
      text, /* Translators: the name of a class, a percentage */
      _ ("“%s” swallows the others: %s of their pictures are taken for it. Add pictures to them, "
         "or leave some of its own out\n"),
      few_class_get_name (classes->pdata[scores->swallowing]), share);
}

/* On test pictures. */
typedef struct
{
  FewScores one;             /* of one class each */
  FewSeveralScores *several; /* of any number; NULL: of one */
} Test;

static void
measure (FewSnapshot *snapshot, Test *test)
{
  FewAlphaChoice choice;
  *test = (Test) { 0 };
  if (few_snapshot_info (snapshot)->sets)
    {
      test->several = few_several_of_snapshot (snapshot, FEW_ROLE_TEST, 1, NULL);
      return;
    }
  few_lens_choose_alpha (snapshot, &choice);
  few_lens_scores (snapshot, FEW_ROLE_TEST, choice.best, &test->one);
}

/* NULL: there is nothing to say. */
static char *
describe_run (FewView *view, const Test *measured)
{
  FewScores test = measured->one;
  const FewSnapshotInfo *info = few_snapshot_info (few_view_get_snapshot (view));
  g_autoptr (GString) text = g_string_new (NULL);
  if (info->sets)
    add_several_measured (text, info, measured->several);
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
few_run_words (FewView *view)
{
  g_return_val_if_fail (FEW_IS_VIEW (view), NULL);
  FewSnapshot *snapshot = few_view_get_snapshot (view);
  Test test;
  if (!snapshot || !few_snapshot_info (snapshot)->trained)
    return NULL;
  measure (snapshot, &test);
  char *words = describe_run (view, &test);
  g_clear_pointer (&test.several, few_several_free);
  return words;
}

/* ---- by a thread: probabilities of all classes take longer than a frame has */

typedef struct
{
  FewView *view;
  FewSnapshot *snapshot;
  FewRunWordsFunc answer;
  Test test;
} Asked;

static void
asked_free (gpointer data)
{
  Asked *asked = data;
  g_object_unref (asked->view);
  few_snapshot_unref (asked->snapshot);
  g_clear_pointer (&asked->test.several, few_several_free);
  g_free (asked);
}

static void
measure_in_thread (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data,
                   GCancellable *cancellable G_GNUC_UNUSED)
{
  Asked *asked = data;
  measure (asked->snapshot, &asked->test);
  g_task_return_boolean (task, TRUE);
}

static void
measured_cb (GObject *asker, GAsyncResult *result, gpointer user G_GNUC_UNUSED)
{
  const Asked *asked = g_task_get_task_data (G_TASK (result));
  if (few_view_get_snapshot (asked->view) != asked->snapshot)
    return; /* another one is in view, and was asked about */
  g_autofree char *words = describe_run (asked->view, &asked->test);
  asked->answer (asker, words);
}

void
few_run_words_ask (FewView *view, GObject *asker, FewRunWordsFunc answer)
{
  g_return_if_fail (FEW_IS_VIEW (view) && G_IS_OBJECT (asker));
  FewSnapshot *snapshot = few_view_get_snapshot (view);
  if (!snapshot || !few_snapshot_info (snapshot)->trained)
    {
      answer (asker, NULL);
      return;
    }
  Asked *asked = g_new0 (Asked, 1);
  asked->view = g_object_ref (view);
  asked->snapshot = few_snapshot_ref (snapshot);
  asked->answer = answer;
  g_autoptr (GTask) task = g_task_new (asker, NULL, measured_cb, NULL);
  g_task_set_task_data (task, asked, asked_free);
  g_task_run_in_thread (task, measure_in_thread);
}

/* Of any number of labels. */
static char *
describe_record (const FewProjectRun *record)
{
  gboolean tested = !isnan (record->test_map);
  g_autofree char *map = few_percent (tested ? record->test_map : record->cross_validated_map, 1);
  g_autofree char *before = few_percent (record->zero_shot_map, 1);
  if (tested && !isnan (record->zero_shot_map))
    /* Translators: two percentages */
    return g_strdup_printf (_ ("mean average precision %s of test pictures (zero-shot %s)"), map,
                            before);
  if (tested || !isnan (record->cross_validated_map))
    /* Translators: a percentage */
    return g_strdup_printf (tested ? _ ("mean average precision %s of test pictures")
                                   : _ ("mean average precision %s of pictures unseen"),
                            map);
  return g_strdup (_ ("no test pictures were left to measure on"));
}

char *
few_run_words_of_record (const FewProjectRun *record)
{
  double low, high;
  g_return_val_if_fail (record != NULL, NULL);
  if (record->sets)
    return describe_record (record);
  if (isnan (record->test_accuracy))
    return g_strdup (_ ("no test pictures were left to measure on"));
  few_interval ((guint) lrint (record->test_accuracy * record->n_test), record->n_test, &low,
                &high);
  g_autofree char *after = few_percent (record->test_accuracy, 1);
  g_autofree char *before = few_percent (record->zero_shot_accuracy, 1);
  if (isnan (record->zero_shot_accuracy))
    return g_strdup_printf (_ ("%s of test pictures, 95 %% interval %.0f–%.0f"), after, 100 * low,
                            100 * high);
  /* Translators: accuracy on test pictures, the ends of its 95 % interval, accuracy before */
  return g_strdup_printf (_ ("%s of test pictures, 95 %% interval %.0f–%.0f (zero-shot %s)"), after,
                          100 * low, 100 * high, before);
}
