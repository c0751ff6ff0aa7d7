/* SPDX-License-Identifier: MIT */
/* Methods side by side on pictures with any number of labels, and what a method is called, in
 * process. */
#include "pages/compare/few-compare-page.h"
#include "pages/compare/few-disagreements.h"
#include "pages/compare/few-shots-plot.h"
#include "session/few-methods.h"
#include "world.h"
#include <math.h>
#include <string.h>

enum { N = 64, SEEDS = 2, FEWEST = 2, MOST = 6 };

static guint
find_method (FewComparison *comparison, const char *specification)
{
  guint i = 0;
  while (!g_str_equal (few_comparison_get_specification (comparison, i), specification))
    i++;
  return i;
}

static GtkWidget *
get_page (World *w)
{
  return GTK_WIDGET (few_window_find_page (w->window, "compare"));
}

static const char *
get_cell (World *w, guint method, guint shots)
{
  return few_compare_page_get_cell (FEW_COMPARE_PAGE (get_page (w)), method, shots);
}

static double
get_mean (FewComparison *comparison, const char *specification, guint shots, FewMeasure measure)
{
  FewComparisonCell cell;
  few_comparison_get_cell_by (comparison, find_method (comparison, specification), shots, measure,
                              &cell);
  return cell.mean;
}

/* Those that give a picture one class alone are left out, and cannot be added; the others are for
 * pictures with any number of labels alone. */
static void
check_offers (World *w, FewComparison *comparison)
{
  static const char *const several[] = { "zero-shot", FEW_METHOD_SEVERAL,
                                         FEW_METHOD_SEVERAL_WORDLESS, NULL };
  for (guint m = 0; m < few_comparison_get_n_methods (comparison); m++)
    {
      const char *specification = few_comparison_get_specification (comparison, m);
      g_assert_cmpint (few_comparison_offers (comparison, m), ==,
                       g_strv_contains (several, specification));
    }
  g_autoptr (GError) error = NULL;
  g_assert_false (few_comparison_add_method (comparison, "lp++:epochs=9", &error));
  g_assert_nonnull (strstr (error->message, "any number of labels"));
  g_clear_error (&error);
  few_examples_set_several (w->examples, FALSE);
  g_assert_false (few_comparison_offers (comparison, find_method (comparison, "one-vs-rest")));
  g_assert_true (few_comparison_offers (comparison, find_method (comparison, "gda")));
  g_assert_false (few_comparison_add_method (comparison, "one-vs-rest:c=3", &error));
  world_act (w, "undo", NULL);
}

static void
compare (World *w, FewComparison *comparison)
{
  few_comparison_set_shots (comparison, "6, 2, 100"); /* in any order */
  few_comparison_set_seeds (comparison, SEEDS);
  world_act (w, "compare", NULL);
  g_assert_true (few_comparison_is_running (comparison));
  WAIT (!few_comparison_is_running (comparison));
  WAIT (get_cell (w, find_method (comparison, "one-vs-rest"), MOST)
        && *get_cell (w, find_method (comparison, "one-vs-rest"), MOST));
}

/* One draw: half is tested on, also of pictures without a label; so many of each label are learned
 * from; what is said is what was counted. */
static void
check_draw (const FewCompared *one, guint shots)
{
  guint trained[2] = { 0 };
  guint said[2] = { 0 };
  guint tests = 0;
  guint bare = 0;
  guint exact = 0;
  const FewSeveralScores *scores = one->result->several_test;
  for (guint i = 0; i < one->n; i++)
    {
      guint n, n_said;
      const guint32 *labels = few_label_sets_get (one->sets, i, &n);
      const guint32 *given = few_label_sets_get (one->said, i, &n_said);
      for (guint l = 0; one->roles[i] == FEW_ROLE_TRAIN && l < n; l++)
        trained[labels[l]]++;
      if (one->roles[i] != FEW_ROLE_TEST)
        continue;
      for (guint l = 0; l < n_said; l++)
        said[given[l]]++;
      tests++;
      bare += n == 0;
      exact += n == n_said && (n == 0 || memcmp (labels, given, n * sizeof *labels) == 0);
    }
  g_assert_cmpuint (tests, ==, N / 2);
  g_assert_cmpuint (bare, >, 0);
  g_assert_true (trained[0] >= shots && trained[1] >= shots && trained[0] < 2 * shots + 1);
  g_assert_cmpuint (scores->n, ==, tests);
  g_assert_cmpfloat_with_epsilon (scores->exact, (double) exact / tests, 1e-9);
  for (guint l = 0; l < 2; l++)
    g_assert_cmpuint (scores->labels[l].said, ==, said[l]);
}

/* The numbers are the means of the draws'; CLIP alone has no thresholds and so no F1. */
static void
check_numbers (FewComparison *comparison)
{
  static const guint shots[] = { FEWEST, MOST };
  guint method = find_method (comparison, "one-vs-rest");
  for (guint s = 0; s < G_N_ELEMENTS (shots); s++)
    {
      double map = 0;
      double f1 = 0;
      for (guint seed = 1; seed <= SEEDS; seed++)
        {
          const FewCompared *one = few_comparison_find (comparison, method, shots[s], seed);
          check_draw (one, shots[s]);
          map += one->result->several_test->map / SEEDS;
          f1 += one->result->several_test->macro_f1 / SEEDS;
        }
      g_assert_cmpfloat_with_epsilon (
          get_mean (comparison, "one-vs-rest", shots[s], FEW_MEASURE_MAP), map, 1e-9);
      g_assert_cmpfloat_with_epsilon (
          get_mean (comparison, "one-vs-rest", shots[s], FEW_MEASURE_F1), f1, 1e-9);
    }
  g_assert_cmpfloat (get_mean (comparison, "one-vs-rest:prior=0", MOST, FEW_MEASURE_MAP), >, .8);
  g_assert_true (isfinite (get_mean (comparison, "zero-shot", MOST, FEW_MEASURE_MAP)));
  g_assert_true (isnan (get_mean (comparison, "zero-shot", MOST, FEW_MEASURE_F1)));
}

/* Test pictures of the first draw without a label. */
static guint
count_bare (FewComparison *comparison)
{
  const FewCompared *one =
      few_comparison_find (comparison, find_method (comparison, "zero-shot"), FEWEST, 1);
  guint bare = 0;
  for (guint i = 0; i < one->n; i++)
    {
      guint n;
      few_label_sets_get (one->sets, i, &n);
      bare += one->roles[i] == FEW_ROLE_TEST && n == 0;
    }
  return bare;
}

/* What is measured on what; another number at a choice. */
static void
check_page (World *w, FewComparison *comparison)
{
  guint rest = find_method (comparison, "one-vs-rest");
  guint clip = find_method (comparison, "zero-shot");
  GtkWidget *page = get_page (w);
  GtkWidget *measure =
      GTK_WIDGET (gtk_widget_get_template_child (page, FEW_TYPE_COMPARE_PAGE, "measure"));
  g_autofree char *map =
      g_strdup_printf ("%.1f ±", 100 * get_mean (comparison, "one-vs-rest", MOST, FEW_MEASURE_MAP));
  g_autofree char *f1 =
      g_strdup_printf ("%.1f ±", 100 * get_mean (comparison, "one-vs-rest", MOST, FEW_MEASURE_F1));
  g_autofree char *bare = g_strdup_printf ("%u of them have no label", count_bare (comparison));
  WAIT (world_says (page, "Mean average precision on 32 test pictures") && world_says (page, bare));
  g_assert_true (gtk_widget_get_visible (measure));
  g_assert_true (g_str_has_prefix (get_cell (w, rest, MOST), map));
  gtk_drop_down_set_selected (GTK_DROP_DOWN (measure), 1);
  WAIT (world_says (page, "Mean F1 of the labels on 32 test pictures"));
  WAIT (g_str_has_prefix (get_cell (w, rest, MOST), f1));
  g_assert_cmpstr (get_cell (w, clip, MOST), ==, "–");
  g_assert_true (world_says (page, "With fewer than 4 shots a threshold is 50"));
  gtk_drop_down_set_selected (GTK_DROP_DOWN (measure), 0);
  WAIT (g_str_has_prefix (get_cell (w, rest, MOST), map));
  gtk_test_accessible_assert_role (world_find_widget (page, FEW_TYPE_SHOTS_PLOT),
                                   GTK_ACCESSIBLE_ROLE_IMG);
}

/* Where two methods that say something differ. */
static void
check_disagreements (World *w, FewComparison *comparison)
{
  const FewCompared *first =
      few_comparison_find (comparison, find_method (comparison, "one-vs-rest"), MOST, 1);
  const FewCompared *second =
      few_comparison_find (comparison, find_method (comparison, "one-vs-rest:prior=0"), MOST, 1);
  guint differ = 0;
  for (guint i = 0; i < first->n; i++)
    {
      gboolean same = TRUE;
      for (guint32 l = 0; l < 2; l++)
        same =
            same
            && few_label_sets_hold (first->said, i, l) == few_label_sets_hold (second->said, i, l);
      differ += !same;
    }
  FewDisagreements *list =
      FEW_DISAGREEMENTS (world_find_widget (get_page (w), FEW_TYPE_DISAGREEMENTS));
  WAIT (gtk_widget_get_visible (GTK_WIDGET (list)));
  g_assert_cmpuint (few_disagreements_get_count (list), ==, differ);
}

/* Of the table by itself, FALSE where no heading says so. */
static gboolean
has_heading (GtkColumnView *view, const char *title)
{
  GListModel *columns = gtk_column_view_get_columns (view);
  gboolean has = FALSE;
  for (guint i = 0; !has && i < g_list_model_get_n_items (columns); i++)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (columns, i);
      has = g_strcmp0 (gtk_column_view_column_get_title (column), title) == 0;
    }
  return has;
}

static GtkWidget *
find_table (World *w)
{
  GListModel *windows = gtk_window_get_toplevels ();
  GtkWidget *view = NULL;
  for (guint i = 0; !view && i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);
      if (window != GTK_WIDGET (w->window))
        view = world_find_widget (window, GTK_TYPE_COLUMN_VIEW);
    }
  return view;
}

/* To be sorted, copied and saved: both numbers, and methods as Train names them. */
static void
check_table (World *w)
{
  world_act (w, "comparison-table", NULL);
  WAIT (find_table (w));
  GtkColumnView *view = GTK_COLUMN_VIEW (find_table (w));
  g_assert_true (has_heading (view, "mAP, 2 shots") && has_heading (view, "mAP, 6 shots"));
  g_assert_true (has_heading (view, "F1, 2 shots") && has_heading (view, "F1, 6 shots"));
  GListModel *rows = G_LIST_MODEL (gtk_column_view_get_model (view));
  g_assert_cmpuint (g_list_model_get_n_items (rows), ==, 3);
  guint named = 0;
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GtkStringObject) row = g_list_model_get_item (rows, i);
      g_auto (GStrv) cells = g_strsplit (gtk_string_object_get_string (row), "\t", -1);
      g_assert_cmpuint (g_strv_length (cells), ==, 7);
      named += g_str_equal (cells[0], "One against the Rest");
    }
  g_assert_cmpuint (named, ==, 1);
  gtk_window_destroy (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (view))));
}

/* Its method becomes the one that is learned by, and is what the run says. */
static void
check_use (World *w)
{
  world_act (w, "use-method", "s", "one-vs-rest:prior=0");
  WAIT (few_runs_get_training (w->runs) == FEW_TRAINING_IDLE
        && few_runs_get_list (w->runs)->len == 1);
  WAIT (few_view_get_snapshot (w->view)
        && few_snapshot_info (few_view_get_snapshot (w->view))->classifier);
  const FewSnapshotInfo *info = few_snapshot_info (few_view_get_snapshot (w->view));
  g_assert_cmpfloat (few_classifier_info (info->classifier)->prior, ==, 0);
  g_assert_cmpstr (few_method_choice_now (w->examples, few_runs_get_job (w->runs)), ==,
                   "one-vs-rest:prior=0");
}

/* Of pictures with one class each nothing was found, and a run by that method is none. */
static void
check_other_kind (World *w, FewComparison *comparison)
{
  g_assert_true (few_comparison_has_results (comparison));
  few_examples_set_several (w->examples, FALSE);
  g_assert_false (few_comparison_has_results (comparison));
  g_assert_false (world_enabled (w, "comparison-table"));
  g_assert_cmpstr (few_method_choice_now (w->examples, few_runs_get_job (w->runs)), ==,
                   FEW_METHOD_LIVE_AUTOMATIC);
  few_comparison_set_shots (comparison, "2");
  world_act (w, "compare", NULL);
  WAIT (!few_comparison_is_running (comparison));
  WAIT (world_says (get_page (w), "that are right, mean ± standard"));
}

static void
test_compare (void)
{
  World *w = world_new ();
  FewComparison *comparison = few_session_get_comparison (w->session);
  world_import_labelled (w, N);
  world_act (w, "page", "s", "compare");
  g_assert_true (world_enabled (w, "compare"));
  check_offers (w, comparison);
  compare (w, comparison);
  check_numbers (comparison);
  check_page (w, comparison);
  check_disagreements (w, comparison);
  check_table (w);
  check_use (w);
  check_other_kind (w, comparison);
  world_free (w);
}

/* What a person has said is tested on is what is tested on, with or without a label. */
static void
test_pinned (void)
{
  World *w = world_new ();
  FewComparison *comparison = few_session_get_comparison (w->session);
  world_import_labelled (w, N);
  g_autoptr (GPtrArray) tests = g_ptr_array_new ();
  for (guint i = 0; i < 16; i++)
    g_ptr_array_add (tests, world_get_picture (w, i));
  few_examples_set_use (w->examples, tests, FEW_USE_TEST);
  world_act (w, "page", "s", "compare");
  compare (w, comparison);
  for (guint seed = 1; seed <= SEEDS; seed++)
    {
      const FewCompared *one =
          few_comparison_find (comparison, find_method (comparison, "one-vs-rest"), MOST, seed);
      for (guint i = 0; i < one->n; i++)
        {
          FewPicture *picture = few_examples_get_picture (w->examples, one->ids[i]);
          g_assert_cmpint (one->roles[i] == FEW_ROLE_TEST, ==, few_picture_is_test (picture));
        }
    }
  WAIT (world_says (get_page (w), "on 16 test pictures")
        && world_says (get_page (w), "4 of them have no label"));
  world_free (w);
}

/* Methods have the names that Train gives them, which are translated; specifications stay. */
static void
test_names (void)
{
  World *w = world_new ();
  FewComparison *comparison = few_session_get_comparison (w->session);
  for (guint m = 0; m < few_comparison_get_n_methods (comparison); m++)
    {
      const char *specification = few_comparison_get_specification (comparison, m);
      g_assert_cmpstr (few_comparison_get_title (comparison, m), ==,
                       few_method_choice_title (specification));
      g_assert_cmpstr (few_comparison_get_title (comparison, m), !=, specification);
      g_assert_nonnull (few_method_choice_sentence (specification));
    }
  guint probe = find_method (comparison, "linear-probe");
  g_assert_cmpstr (few_comparison_get_title (comparison, probe), ==, "Linear Probe");
  g_assert_cmpstr (few_method_info_find ("linear-probe")->title, ==, "Linear probe");
  world_act (w, "page", "s", "compare");
  WAIT (world_find_styled (get_page (w), GTK_TYPE_CHECK_BUTTON, NULL));
  gtk_test_accessible_assert_property (
      world_find_styled (get_page (w), GTK_TYPE_CHECK_BUTTON, NULL),
      GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
      few_method_choice_sentence (few_comparison_get_specification (comparison, 0)));
  world_free (w);
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/several-compare/compare", test_compare);
  g_test_add_func ("/several-compare/pinned", test_pinned);
  g_test_add_func ("/several-compare/names", test_names);
  return g_test_run ();
}
