/* SPDX-License-Identifier: MIT */
/* Comparisons that a project keeps: numbers of all draws, answers of one. */
#include "worker/compared.h"
#include <fewshot/several.h>
#include <math.h>
#include <string.h>

/* Answers beyond this are not kept: a file that is saved every few seconds stays small, and they
 * are copied between two frames. */
enum { MOST_ANSWERS = 1 << 19 };

/* ---- to be kept */

/* The labels of some pictures as one array; free with g_free. */
static guint32 *
pick_words (const guint32 *words, const GArray *rows)
{
  guint32 *picked = g_new0 (guint32, rows->len + 1);
  for (guint i = 0; i < rows->len; i++)
    picked[i] = words[g_array_index (rows, guint32, i)];
  return picked;
}

static GArray *
list_tests (const FewCompared *one)
{
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (guint32));
  for (guint32 i = 0; i < one->n; i++)
    if (one->roles[i] == FEW_ROLE_TEST)
      g_array_append_val (rows, i);
  return rows;
}

/* The sets of these pictures; NULL where there is no room. */
static FewLabelSets *
pick_sets (const FewProjectComparison *comparison, const FewLabelSets *sets, const GArray *rows)
{
  return few_label_sets_pick (sets, (gconstpointer) rows->data, rows->len, comparison->n_classes,
                              NULL);
}

/* None where there is no room for their labels. */
static void
keep_pictures (FewProjectComparison *comparison, const FewCompared *one, const GArray *rows)
{
  comparison->sets = one->sets ? pick_sets (comparison, one->sets, rows) : NULL;
  if (one->sets && !comparison->sets)
    return;
  comparison->labels = one->sets ? NULL : pick_words (one->labels, rows);
  comparison->ids = pick_words (one->ids, rows);
  comparison->n = rows->len;
}

/* Where settings were chosen by how many validation pictures are right. */
static void
keep_grid (const FewGrid *grid, FewProjectCompared *kept)
{
  gsize cells = (gsize) grid->rows * grid->columns;
  if (cells == 0)
    return;
  kept->row_name = g_strdup (grid->row_name);
  kept->column_name = g_strdup (grid->column_name);
  kept->rows = grid->rows;
  kept->columns = grid->columns;
  kept->grid = g_new (double, grid->rows + grid->columns + cells);
  memcpy (kept->grid, grid->row_values, grid->rows * sizeof (double));
  memcpy (kept->grid + grid->rows, grid->column_values, grid->columns * sizeof (double));
  memcpy (kept->grid + grid->rows + grid->columns, grid->accuracy, cells * sizeof (double));
}

static void
keep_answers (FewProjectComparison *comparison, const FewCompared *one, FewProjectCompared *kept)
{
  g_autoptr (GArray) rows = list_tests (one);
  if ((gsize) rows->len * comparison->n_methods > MOST_ANSWERS)
    return;
  if (comparison->n == 0)
    keep_pictures (comparison, one, rows);
  if (comparison->n != rows->len)
    return;
  if (one->said)
    kept->said = pick_sets (comparison, one->said, rows);
  else if (one->result && !one->sets)
    kept->predicted = pick_words (one->result->predicted, rows);
  if (one->result)
    keep_grid (&one->result->grid, kept);
}

void
few_project_comparison_add (FewProjectComparison *comparison, guint method, const FewCompared *one,
                            gboolean with_answers)
{
  g_return_if_fail (comparison != NULL && one != NULL);
  const FewMethodResult *result = one->result;
  FewProjectCompared kept = { .method = method,
                              .shots = one->shots,
                              .seed = (guint) one->seed,
                              .most_shots = one->most_shots,
                              .reason = g_strdup (one->reason),
                              .map = NAN,
                              .macro_f1 = NAN };
  if (result)
    {
      kept.n_test = result->test.n;
      kept.right = result->test.right;
      kept.map = result->several_test ? result->several_test->map : NAN;
      kept.macro_f1 = result->several_test ? result->several_test->macro_f1 : NAN;
      kept.seconds = result->seconds;
      kept.parameters = result->parameters;
      kept.too_few = result->too_few;
      kept.chosen = g_strdup (result->chosen);
    }
  if (with_answers)
    keep_answers (comparison, one, &kept);
  g_array_append_val (comparison->found, kept);
}

/* ---- and back */

/* A grid's names are never freed. */
static void
restore_grid (const FewProjectCompared *kept, FewGrid *grid)
{
  if (!kept->grid)
    return;
  const double *columns = kept->grid + kept->rows;
  const double *accuracy = columns + kept->columns;
  grid->row_name = g_intern_string (kept->row_name);
  grid->column_name = g_intern_string (kept->column_name);
  grid->rows = kept->rows;
  grid->columns = kept->columns;
  grid->row_values = g_memdup2 (kept->grid, kept->rows * sizeof (double));
  grid->column_values = g_memdup2 (columns, kept->columns * sizeof (double));
  grid->accuracy = g_memdup2 (accuracy, (gsize) kept->rows * kept->columns * sizeof (double));
}

static FewMethodResult *
restore_result (const FewProjectComparison *comparison, const FewProjectCompared *kept)
{
  FewMethodResult *result = g_new0 (FewMethodResult, 1);
  FewSeveralScores several = { .map = kept->map,
                               .micro_precision = NAN,
                               .micro_recall = NAN,
                               .micro_f1 = NAN,
                               .macro_f1 = kept->macro_f1,
                               .exact = NAN };
  FewScores *test = &result->test;
  test->n = kept->n_test;
  test->right = kept->right;
  test->accuracy = kept->n_test ? (double) kept->right / kept->n_test : NAN;
  test->balanced = test->log_loss = test->calibration = NAN;
  test->swallowing = FEW_NO_CLASS;
  few_interval (test->right, test->n, &test->low, &test->high);
  result->accuracy[FEW_ROLE_TRAIN] = result->accuracy[FEW_ROLE_VALIDATION] = NAN;
  result->accuracy[FEW_ROLE_TEST] = test->accuracy;
  result->several_test = comparison->any ? few_several_copy (&several, NULL) : NULL;
  result->seconds = kept->seconds;
  result->parameters = kept->parameters;
  result->too_few = kept->too_few;
  result->chosen = g_strdup (kept->chosen);
  restore_grid (kept, &result->grid);
  if (kept->predicted)
    {
      gsize words = comparison->n * sizeof *kept->predicted;
      result->n = comparison->n;
      result->n_classes = comparison->n_classes;
      result->predicted = g_memdup2 (kept->predicted, words);
    }
  return result;
}

/* The pictures that something is said of, all of them to test on. */
static void
restore_pictures (const FewProjectComparison *comparison, FewCompared *one)
{
  gsize words = comparison->n * sizeof *comparison->ids;
  one->n = comparison->n;
  one->ids = g_memdup2 (comparison->ids, words);
  one->labels = g_memdup2 (comparison->labels, words); /* NULL of sets */
  one->sets = comparison->sets ? few_label_sets_ref (comparison->sets) : NULL;
  one->roles = g_new (guint8, comparison->n + 1);
  for (guint i = 0; i < comparison->n; i++)
    one->roles[i] = FEW_ROLE_TEST;
}

FewCompared *
few_compared_restore (const FewProjectComparison *comparison, const FewProjectCompared *kept)
{
  g_return_val_if_fail (comparison != NULL && kept != NULL, NULL);
  FewCompared *one = few_compared_new ();
  one->method = kept->method;
  one->shots = kept->shots;
  one->seed = kept->seed;
  one->most_shots = kept->most_shots;
  one->reason = g_strdup (kept->reason);
  one->result = kept->reason ? NULL : restore_result (comparison, kept);
  one->said = kept->said ? few_label_sets_ref (kept->said) : NULL;
  if (kept->predicted || kept->said)
    restore_pictures (comparison, one);
  return one;
}
