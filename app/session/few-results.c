/* SPDX-License-Identifier: MIT */
/* Results of runs and their means over draws. */
#include "session/few-results.h"
#include <glib/gi18n.h>
#include <math.h>

struct FewResults
{
  GPtrArray *compared; /* FewCompared, in the order they came */
  /* method, shots and seed of a run → FewCompared, borrowed: the table and the plot ask for all of
   * them often */
  GHashTable *places;
};

FewResults *
few_results_new (void)
{
  FewResults *results = g_new0 (FewResults, 1);
  results->compared = g_ptr_array_new_with_free_func ((GDestroyNotify) few_compared_unref);
  results->places = g_hash_table_new (NULL, NULL);
  return results;
}

void
few_results_free (FewResults *results)
{
  g_return_if_fail (results != NULL);
  g_hash_table_unref (results->places);
  g_ptr_array_unref (results->compared);
  g_free (results);
}

void
few_results_clear (FewResults *results)
{
  g_return_if_fail (results != NULL);
  g_hash_table_remove_all (results->places);
  g_ptr_array_set_size (results->compared, 0);
}

/* One number for a run: shots stay below 2¹⁷, seeds and methods are few. */
static gpointer
key_of_run (guint method, guint shots, guint64 seed)
{
  return GUINT_TO_POINTER (((method * (FEW_RESULTS_MOST_SEEDS + 1) + (guint) seed) << 17) + shots);
}

void
few_results_add (FewResults *results, guint method, FewCompared *compared)
{
  g_return_if_fail (results != NULL && compared != NULL);
  g_ptr_array_add (results->compared, few_compared_ref (compared));
  g_hash_table_insert (results->places, key_of_run (method, compared->shots, compared->seed),
                       compared);
}

guint
few_results_count (FewResults *results)
{
  g_return_val_if_fail (results != NULL, 0);
  return results->compared->len;
}

FewCompared *
few_results_find (FewResults *results, guint method, guint shots, guint64 seed)
{
  g_return_val_if_fail (results != NULL && seed <= FEW_RESULTS_MOST_SEEDS, NULL);
  return g_hash_table_lookup (results->places, key_of_run (method, shots, seed));
}

static double
get_value (const FewMethodResult *result, FewMeasure measure)
{
  const FewSeveralScores *several = result->several_test;
  if (measure == FEW_MEASURE_ACCURACY)
    return result->accuracy[FEW_ROLE_TEST];
  if (!several)
    return NAN;
  return measure == FEW_MEASURE_MAP ? several->map : several->macro_f1;
}

/* Of one that ran and has no number. */
static const char *
explain_nothing (FewMeasure measure)
{
  return measure == FEW_MEASURE_F1
             ? _ ("It puts pictures in an order and has no threshold: nothing is given to them.")
             : NULL;
}

void
few_results_get_cell (FewResults *results, guint method, guint shots, const guint64 *seeds, guint n,
                      FewMeasure measure, FewComparisonCell *cell)
{
  double sum = 0;
  double squares = 0;
  gboolean interval = measure == FEW_MEASURE_ACCURACY;
  g_return_if_fail (results != NULL && cell != NULL);
  *cell = (FewComparisonCell) { .mean = NAN, .deviation = NAN, .low = 0, .high = 0 };
  for (guint i = 0; i < n; i++)
    {
      const FewCompared *one = few_results_find (results, method, shots, seeds[i]);
      const FewMethodResult *result = one ? one->result : NULL;
      double value = result ? get_value (result, measure) : NAN;
      if (one && isnan (value))
        cell->reason = one->reason ? one->reason : explain_nothing (measure);
      if (!result || isnan (value))
        continue;
      cell->runs++;
      sum += value;
      squares += value * value;
      cell->low += interval ? result->test.low : NAN;
      cell->high += interval ? result->test.high : NAN;
      cell->seconds += result->seconds;
      cell->parameters = MAX (cell->parameters, result->parameters);
      cell->too_few |= result->too_few;
    }
  if (cell->runs == 0)
    return;
  guint runs = cell->runs;
  cell->reason = NULL;
  cell->mean = sum / runs;
  cell->low /= runs;
  cell->high /= runs;
  cell->seconds /= runs;
  if (runs > 1)
    cell->deviation = sqrt (MAX (0, (squares - runs * cell->mean * cell->mean) / (runs - 1)));
}

guint
few_results_count_test_pictures (FewResults *results, guint *bare)
{
  guint n = 0;
  g_return_val_if_fail (results != NULL && bare != NULL, 0);
  *bare = 0;
  if (results->compared->len == 0)
    return 0;
  const FewCompared *one = results->compared->pdata[0];
  for (guint i = 0; i < one->n; i++)
    {
      guint labels = 1;
      if (one->sets)
        few_label_sets_get (one->sets, i, &labels);
      n += one->roles[i] == FEW_ROLE_TEST;
      *bare += one->roles[i] == FEW_ROLE_TEST && labels == 0;
    }
  return n;
}
