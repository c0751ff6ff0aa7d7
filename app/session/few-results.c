/* SPDX-License-Identifier: MIT */
/* Results of runs and their means over draws. */
#include "session/few-results.h"
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

enum { SHOTS_BITS = 17, MOST_SHOTS = (1 << SHOTS_BITS) - 1 };

struct FewResults
{
  FewResultsPlan plan;
  GPtrArray *compared; /* FewCompared, in the order they came */
  GArray *methods;     /* guint: whose each is */
  /* method, shots and seed of a run → FewCompared, borrowed: the table and the plot ask for all of
   * them often */
  GHashTable *places;
  FewProjectComparison *record; /* what a project keeps of it; NULL: is to be made */
};

FewResults *
few_results_new (void)
{
  FewResults *results = g_new0 (FewResults, 1);
  results->compared = g_ptr_array_new_with_free_func ((GDestroyNotify) few_compared_unref);
  results->methods = g_array_new (FALSE, FALSE, sizeof (guint));
  results->places = g_hash_table_new (NULL, NULL);
  return results;
}

static void
clear_found (FewResults *results)
{
  g_hash_table_remove_all (results->places);
  g_ptr_array_set_size (results->compared, 0);
  g_array_set_size (results->methods, 0);
  g_clear_pointer (&results->record, few_project_comparison_unref);
}

static void
clear_plan (FewResults *results)
{
  g_clear_pointer (&results->plan.classes, g_ptr_array_unref);
  g_free (results->plan.model_sha256);
  g_free (results->plan.model_fingerprint);
  results->plan = (FewResultsPlan) { 0 };
}

void
few_results_clear (FewResults *results)
{
  g_return_if_fail (results != NULL);
  clear_found (results);
  clear_plan (results);
}

void
few_results_free (FewResults *results)
{
  g_return_if_fail (results != NULL);
  few_results_clear (results);
  g_hash_table_unref (results->places);
  g_ptr_array_unref (results->compared);
  g_array_unref (results->methods);
  g_free (results);
}

void
few_results_begin (FewResults *results, const FewResultsPlan *plan)
{
  g_return_if_fail (results != NULL && plan != NULL && plan->classes != NULL);
  g_return_if_fail (plan->n_shots <= FEW_RESULTS_MOST_SHOTS);
  g_return_if_fail (plan->n_seeds <= FEW_RESULTS_MOST_SEEDS);
  few_results_clear (results);
  results->plan = *plan;
  results->plan.classes = g_ptr_array_ref (plan->classes);
  results->plan.model_sha256 = results->plan.model_fingerprint = NULL;
}

void
few_results_set_model (FewResults *results, const char *sha256, const char *fingerprint)
{
  g_return_if_fail (results != NULL && results->compared->len == 0);
  g_free (results->plan.model_sha256);
  g_free (results->plan.model_fingerprint);
  results->plan.model_sha256 = g_strdup (sha256);
  results->plan.model_fingerprint = g_strdup (fingerprint);
}

const FewResultsPlan *
few_results_get_plan (const FewResults *results)
{
  g_return_val_if_fail (results != NULL, NULL);
  return &results->plan;
}

/* One number for a run: seeds and methods are few. */
static gpointer
key_of_run (guint method, guint shots, guint64 seed)
{
  guint row = method * (FEW_RESULTS_MOST_SEEDS + 1) + (guint) seed;
  return GUINT_TO_POINTER ((row << SHOTS_BITS) + shots);
}

void
few_results_add (FewResults *results, guint method, FewCompared *compared)
{
  g_return_if_fail (results != NULL && compared != NULL);
  g_ptr_array_add (results->compared, few_compared_ref (compared));
  g_array_append_val (results->methods, method);
  g_clear_pointer (&results->record, few_project_comparison_unref);
  g_hash_table_insert (results->places, key_of_run (method, compared->shots, compared->seed),
                       compared);
}

guint
few_results_count (const FewResults *results)
{
  g_return_val_if_fail (results != NULL, 0);
  return results->compared->len;
}

FewCompared *
few_results_find (const FewResults *results, guint method, guint shots, guint64 seed)
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
few_results_get_cell (const FewResults *results, guint method, guint shots, FewMeasure measure,
                      FewComparisonCell *cell)
{
  double sum = 0;
  double squares = 0;
  gboolean interval = measure == FEW_MEASURE_ACCURACY;
  g_return_if_fail (results != NULL && cell != NULL);
  *cell = (FewComparisonCell) { .mean = NAN, .deviation = NAN, .low = 0, .high = 0 };
  for (guint seed = 1; seed <= results->plan.n_seeds; seed++)
    {
      const FewCompared *one = few_results_find (results, method, shots, seed);
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

/* One that has pictures: of those that a project kept not all do. */
static const FewCompared *
find_with_pictures (const FewResults *results)
{
  for (guint i = 0; i < results->compared->len; i++)
    {
      const FewCompared *one = results->compared->pdata[i];
      if (one->n > 0)
        return one;
    }
  return NULL;
}

guint
few_results_count_test_pictures (const FewResults *results, guint *bare)
{
  guint n = 0;
  g_return_val_if_fail (results != NULL && bare != NULL, 0);
  const FewCompared *one = find_with_pictures (results);
  *bare = 0;
  for (guint i = 0; one && i < one->n; i++)
    {
      guint labels = 1;
      if (one->sets)
        few_label_sets_get (one->sets, i, &labels);
      n += one->roles[i] == FEW_ROLE_TEST;
      *bare += one->roles[i] == FEW_ROLE_TEST && labels == 0;
    }
  return n;
}

/* ---- for a project */

/* The most shots that the first draw was learned with: what is said of its pictures is kept. */
static guint
find_most_shots (const FewResults *results)
{
  guint most = 0;
  for (guint i = 0; i < results->compared->len; i++)
    {
      const FewCompared *one = results->compared->pdata[i];
      most = one->seed == 1 ? MAX (most, one->shots) : most;
    }
  return most;
}

static void
record_classes (const FewResults *results, FewProjectComparison *record)
{
  const GPtrArray *classes = results->plan.classes;
  record->n_classes = classes->len;
  record->names = g_new0 (char *, classes->len + 1);
  record->class_ids = g_new0 (guint32, classes->len + 1);
  for (guint k = 0; k < classes->len; k++)
    {
      guint id = few_class_get_id (classes->pdata[k]);
      record->names[k] = g_strdup (few_class_get_name (classes->pdata[k]));
      record->class_ids[k] = id <= G_MAXINT32 ? id : 0;
    }
}

/* Those that have run. places: guint, the record's number of each method. */
static void
record_methods (const FewResults *results, const FewEntrants *entrants,
                FewProjectComparison *record, GArray *places)
{
  g_autoptr (GStrvBuilder) methods = g_strv_builder_new ();
  for (guint i = 0; i < results->methods->len; i++)
    {
      guint method = g_array_index (results->methods, guint, i);
      if (method >= places->len)
        g_array_set_size (places, method + 1);
      guint *place = &g_array_index (places, guint, method);
      if (*place > 0)
        continue;
      *place = ++record->n_methods;
      g_strv_builder_add (methods, few_entrants_get (entrants, method)->specification);
    }
  record->methods = g_strv_builder_end (methods);
}

static FewProjectComparison *
make_record (const FewResults *results, const FewEntrants *entrants)
{
  const FewResultsPlan *plan = &results->plan;
  guint most = find_most_shots (results);
  FewProjectComparison *record = few_project_comparison_new ();
  g_autoptr (GArray) places = g_array_new (FALSE, TRUE, sizeof (guint)); /* + 1; 0: none */
  record->any = plan->several;
  record->shots = g_memdup2 (plan->shots, plan->n_shots * sizeof plan->shots[0]);
  record->n_shots = plan->n_shots;
  record->n_seeds = plan->n_seeds;
  record->backbone_sha256 = g_strdup (plan->model_sha256);
  record->backbone_fingerprint = g_strdup (plan->model_fingerprint);
  record_classes (results, record);
  record_methods (results, entrants, record, places);
  for (guint i = 0; i < results->compared->len; i++)
    {
      const FewCompared *one = results->compared->pdata[i];
      guint place = g_array_index (places, guint, g_array_index (results->methods, guint, i)) - 1;
      few_project_comparison_add (record, place, one, one->seed == 1 && one->shots == most);
    }
  return record;
}

FewProjectComparison *
few_results_record (FewResults *results, const FewEntrants *entrants)
{
  g_return_val_if_fail (results != NULL && entrants != NULL, NULL);
  if (!results->record && results->compared->len > 0)
    results->record = make_record (results, entrants);
  return results->record;
}

static GPtrArray *
restore_classes (const FewProjectComparison *record, GListModel *classes)
{
  g_autoptr (GHashTable) known = g_hash_table_new_full (NULL, NULL, NULL, g_object_unref);
  GPtrArray *own = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint k = 0; k < g_list_model_get_n_items (classes); k++)
    {
      FewClass *klass = g_list_model_get_item (classes, k);
      g_hash_table_insert (known, GUINT_TO_POINTER (few_class_get_id (klass)), klass);
    }
  for (guint k = 0; k < record->n_classes; k++)
    {
      FewClass *klass = g_hash_table_lookup (known, GUINT_TO_POINTER (record->class_ids[k]));
      g_ptr_array_add (own,
                       klass ? g_object_ref (klass) : few_class_new (G_MAXUINT, record->names[k]));
    }
  return own;
}

static void
begin_again (FewResults *results, const FewProjectComparison *record, GListModel *classes)
{
  g_autoptr (GPtrArray) own = restore_classes (record, classes);
  FewResultsPlan plan = { .classes = own,
                          .several = record->any,
                          .n_shots = MIN (record->n_shots, FEW_RESULTS_MOST_SHOTS),
                          .n_seeds = MIN (record->n_seeds, FEW_RESULTS_MOST_SEEDS) };
  memcpy (plan.shots, record->shots, plan.n_shots * sizeof plan.shots[0]);
  few_results_begin (results, &plan);
  few_results_set_model (results, record->backbone_sha256, record->backbone_fingerprint);
}

void
few_results_restore (FewResults *results, FewProjectComparison *record, FewEntrants *entrants,
                     GListModel *classes)
{
  g_return_if_fail (results != NULL && record != NULL);
  g_return_if_fail (entrants != NULL && G_IS_LIST_MODEL (classes));
  g_autofree guint *places =
      few_entrants_place (entrants, (const char *const *) record->methods, record->any);
  g_autoptr (FewProjectComparison) own = few_project_comparison_ref (record);
  begin_again (results, record, classes);
  for (guint i = 0; i < record->found->len; i++)
    {
      const FewProjectCompared *kept = &g_array_index (record->found, FewProjectCompared, i);
      g_autoptr (FewCompared) one = few_compared_restore (record, kept);
      if (places[kept->method] != FEW_ENTRANT_UNKNOWN && kept->seed <= results->plan.n_seeds
          && kept->shots <= MOST_SHOTS)
        few_results_add (results, places[kept->method], one);
    }
  results->record = g_steal_pointer (&own); /* with what this version does not know */
}
