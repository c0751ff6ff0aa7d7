/* SPDX-License-Identifier: MIT */
/* Numbers as words. Of pictures with any number of labels there are two for everything. */
#include "pages/compare/few-compare-words.h"
#include "base/few-percent.h"
#include <glib/gi18n.h>
#include <math.h>

char *
few_compare_words_short (guint64 n)
{
  if (n >= 1000000)
    return g_strdup_printf ("%.1f M", (double) n / 1e6);
  return n >= 1000 ? g_strdup_printf ("%.0f k", (double) n / 1e3)
                   : g_strdup_printf ("%" G_GUINT64_FORMAT, n);
}

char *
few_compare_words_cell (const FewComparisonCell *cell)
{
  g_return_val_if_fail (cell != NULL, NULL);
  if (cell->reason)
    return g_strdup ("–");
  if (cell->runs == 0)
    return g_strdup ("");
  return isnan (cell->deviation)
             ? g_strdup_printf ("%.1f", 100 * cell->mean)
             : g_strdup_printf ("%.1f ± %.1f", 100 * cell->mean, 100 * cell->deviation);
}

char *
few_compare_words_shots (guint shots)
{
  return g_strdup_printf (ngettext ("%u shot", "%u shots", shots), shots);
}

char *
few_compare_words_shots_by (guint shots, FewMeasure measure)
{
  if (measure == FEW_MEASURE_ACCURACY)
    return few_compare_words_shots (shots);
  /* Translators: mean average precision; over a column */
  const char *name = measure == FEW_MEASURE_MAP ? _ ("mAP") : _ ("F1");
  /* Translators: "mAP" or "F1", number of training pictures a label */
  return g_strdup_printf (ngettext ("%s, %u shot", "%s, %u shots", shots), name, shots);
}

static char *
describe_mean (FewComparison *comparison, guint method, guint shots, FewMeasure measure)
{
  FewComparisonCell cell;
  few_comparison_get_cell_by (comparison, method, shots, measure, &cell);
  return cell.runs > 0 ? few_percent (cell.mean, 1) : g_strdup ("–");
}

char *
few_compare_words_tip (FewComparison *comparison, guint method, guint shots,
                       const FewComparisonCell *cell)
{
  g_return_val_if_fail (FEW_IS_COMPARISON (comparison) && cell != NULL, NULL);
  if (cell->reason || cell->runs == 0)
    return g_strdup (cell->reason);
  if (few_comparison_get_measure (comparison) == FEW_MEASURE_ACCURACY)
    {
      g_autofree char *high = few_percent (cell->high, 1);
      /* Translators: how many draws, the ends of an interval in per cent */
      return g_strdup_printf (ngettext ("%u draw; 95 %% interval of one: %.1f–%s",
                                        "%u draws; 95 %% interval of one: %.1f–%s", cell->runs),
                              cell->runs, 100 * cell->low, high);
    }
  g_autofree char *map = describe_mean (comparison, method, shots, FEW_MEASURE_MAP);
  g_autofree char *f1 = describe_mean (comparison, method, shots, FEW_MEASURE_F1);
  /* Translators: how many draws, two numbers in per cent */
  return g_strdup_printf (ngettext ("%u draw; mean average precision %s, mean F1 %s",
                                    "%u draws; mean average precision %s, mean F1 %s", cell->runs),
                          cell->runs, map, f1);
}

static char *
describe_tests (FewMeasure measure, guint tests)
{
  if (measure == FEW_MEASURE_MAP)
    return g_strdup_printf (ngettext ("Mean average precision on %u test picture in per cent, "
                                      "mean ± standard deviation over the draws",
                                      "Mean average precision on %u test pictures in per cent, "
                                      "mean ± standard deviation over the draws",
                                      tests),
                            tests);
  if (measure == FEW_MEASURE_F1)
    return g_strdup_printf (ngettext ("Mean F1 of the labels on %u test picture in per cent, each "
                                      "at its threshold, mean ± standard deviation over the draws",
                                      "Mean F1 of the labels on %u test pictures in per cent, each "
                                      "at its threshold, mean ± standard deviation over the draws",
                                      tests),
                            tests);
  return g_strdup_printf (ngettext ("Per cent of %u test picture that are right, mean ± standard "
                                    "deviation over the draws",
                                    "Per cent of %u test pictures that are right, mean ± standard "
                                    "deviation over the draws",
                                    tests),
                          tests);
}

char *
few_compare_words_results (FewComparison *comparison)
{
  g_return_val_if_fail (FEW_IS_COMPARISON (comparison), NULL);
  guint bare;
  guint tests = few_comparison_get_test_pictures (comparison, &bare);
  g_autofree char *text = describe_tests (few_comparison_get_measure (comparison), tests);
  if (bare == 0)
    return g_steal_pointer (&text);
  /* Translators: a sentence about test pictures; how many of these */
  return g_strdup_printf (
      ngettext ("%s. %u of them has no label", "%s. %u of them have no label", bare), text, bare);
}
