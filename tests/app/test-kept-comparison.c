/* SPDX-License-Identifier: MIT */
/* What a comparison found is the project's: it is there again where that is opened, and comes back
 * with the model and the labels that it was of. */
#include "pages/compare/few-compare-page.h"
#include "pages/compare/few-disagreements.h"
#include "world.h"
#include <string.h>

static const char *const WANTED[] = { "zero-shot", "gda", "clap:epochs=60" };
static const char OWN[] = "clap:epochs=60";

static guint
find_method (FewComparison *comparison, const char *specification)
{
  guint i = 0;
  while (!g_str_equal (few_comparison_get_specification (comparison, i), specification))
    i++;
  return i;
}

/* CLIP alone takes one class for the other, and who learns does not. */
static void
mislead (World *w)
{
  static const char *const PROMPTS[] = { "a light striped picture", "a dark picture" };
  GListModel *classes = few_examples_get_classes (w->examples);
  for (guint k = 0; k < 2; k++)
    {
      g_autoptr (FewClass) klass = g_list_model_get_item (classes, k);
      few_examples_set_prompt (w->examples, klass, PROMPTS[k]);
    }
}

static void
compare (World *w)
{
  FewComparison *comparison = few_session_get_comparison (w->session);
  mislead (w);
  for (guint m = 0; m < few_comparison_get_n_methods (comparison); m++)
    few_comparison_set_enabled (comparison, m, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (WANTED); i++)
    world_act (w, "add-method", "s", WANTED[i]);
  g_assert_true (few_comparison_set_shots (comparison, "1, 3"));
  few_comparison_set_seeds (comparison, 2);
  world_act (w, "page", "s", "compare");
  world_act (w, "compare", NULL);
  WAIT (few_comparison_has_results (comparison) && !few_comparison_is_running (comparison));
}

static guint
count_disagreements (World *w)
{
  return few_disagreements_get_count (
      FEW_DISAGREEMENTS (world_find_widget (GTK_WIDGET (w->window), FEW_TYPE_DISAGREEMENTS)));
}

static char *
get_comparison_json (World *w)
{
  g_autofree char *json = world_get_json (w);
  const char *comparison = strstr (json, "\"comparison\"");
  return g_strdup (comparison);
}

static void
assert_same_cells (FewComparison *one, FewComparison *other)
{
  for (guint i = 0; i < G_N_ELEMENTS (WANTED); i++)
    for (guint shots = 1; shots <= 3; shots += 2)
      {
        FewComparisonCell a, b;
        few_comparison_get_cell (one, find_method (one, WANTED[i]), shots, &a);
        few_comparison_get_cell (other, find_method (other, WANTED[i]), shots, &b);
        g_assert_cmpuint (a.runs, ==, 2);
        g_assert_cmpuint (b.runs, ==, 2);
        g_assert_cmpfloat_with_epsilon (a.mean, b.mean, 1e-12);
        g_assert_cmpfloat_with_epsilon (a.deviation, b.deviation, 1e-12);
        g_assert_cmpfloat_with_epsilon (a.low, b.low, 1e-12);
        g_assert_cmpfloat_with_epsilon (a.high, b.high, 1e-12);
        g_assert_cmpfloat_with_epsilon (a.seconds, b.seconds, 1e-9);
        g_assert_cmpuint (a.parameters, ==, b.parameters);
        g_assert_cmpint (a.too_few, ==, b.too_few);
      }
}

/* The same as an open window says. */
static void
check_opened (World *w, FewComparison *before, guint differ)
{
  FewComparison *comparison = few_session_get_comparison (w->session);
  GtkWidget *page = GTK_WIDGET (few_window_find_page (w->window, "compare"));
  WAIT (few_comparison_has_results (comparison));
  assert_same_cells (before, comparison);
  WAIT (few_desk_get_model (w->desk) && !few_desk_is_opening (w->desk));
  g_assert_true (few_comparison_has_results (comparison)); /* the model is theirs */
  g_assert_cmpstr (few_comparison_get_shots_text (comparison), ==, "1, 3");
  g_assert_cmpuint (few_comparison_get_seeds (comparison), ==, 2);
  for (guint m = 0; m < few_comparison_get_n_methods (comparison); m++)
    {
      const char *specification = few_comparison_get_specification (comparison, m);
      gboolean wanted = few_comparison_get_enabled (comparison, m);
      g_assert_cmpint (wanted, ==,
                       few_comparison_get_enabled (before, find_method (before, specification)));
    }
  g_assert_cmpstr (few_class_get_name (few_comparison_get_class (comparison, 0)), ==, "gloomy");
  world_act (w, "page", "s", "compare");
  WAIT (few_compare_page_get_cell (FEW_COMPARE_PAGE (page), find_method (comparison, OWN), 1));
  WAIT (*few_compare_page_get_cell (FEW_COMPARE_PAGE (page), find_method (comparison, OWN), 1));
  WAIT (count_disagreements (w) == differ);
  WAIT (world_says (page, "that are right, mean ± standard"));
}

static void
edited_cb (guint *edits)
{
  (*edits)++;
}

static void
test_project (void)
{
  World *w = world_new ();
  FewComparison *comparison = few_session_get_comparison (w->session);
  g_autofree char *path = g_build_filename (w->folder, "compared.fewshot", NULL);
  g_autoptr (GError) error = NULL;
  guint edits = 0;
  world_import (w);
  g_signal_connect_swapped (w->session, "edited", G_CALLBACK (edited_cb), &edits);
  compare (w);
  g_assert_cmpuint (edits, >, 0); /* it is to be saved */
  WAIT (count_disagreements (w) > 0);
  guint differ = count_disagreements (w);
  few_examples_rename_class (w->examples, few_comparison_get_class (comparison, 0), "gloomy");
  g_autoptr (FewProject) project = few_session_get_project (w->session);
  g_assert_true (few_project_save (project, path, &error));
  g_assert_no_error (error);
  World first = *w;
  world_open (w, path);
  check_opened (w, comparison, differ);
  g_autofree char *mine = get_comparison_json (&first);
  g_autofree char *theirs = get_comparison_json (w);
  g_assert_cmpstr (mine, ==, theirs);
  gtk_window_destroy (GTK_WINDOW (w->window));
  *w = first;
  g_signal_handlers_disconnect_by_func (w->session, edited_cb, &edits);
  world_free (w);
}

/* Out of view, and still in the project. */
static void
check_aside (World *w, const char *json)
{
  FewComparison *comparison = few_session_get_comparison (w->session);
  WAIT (!few_comparison_has_results (comparison));
  g_autofree char *now = get_comparison_json (w);
  g_assert_cmpstr (now, ==, json);
}

static void
test_aside (void)
{
  World *w = world_new ();
  FewComparison *comparison = few_session_get_comparison (w->session);
  world_import (w);
  g_autofree char *model = g_strdup (few_desk_get_model (w->desk)->folder);
  compare (w);
  g_autofree char *json = get_comparison_json (w);
  g_assert_nonnull (json);
  few_examples_set_several (w->examples, TRUE);
  check_aside (w, json);
  few_examples_set_several (w->examples, FALSE);
  g_assert_true (few_comparison_has_results (comparison));
  world_act (w, "open-model-at", "s", TEST_DATA "/families/dinov2");
  check_aside (w, json);
  world_act (w, "open-model-at", "s", model);
  WAIT (few_comparison_has_results (comparison));
  g_autofree char *again = get_comparison_json (w);
  g_assert_cmpstr (again, ==, json);
  world_free (w);
}

/* A class that is gone keeps its number to itself, and its name in what was found. */
static void
test_numbers (void)
{
  World *w = world_new ();
  FewComparison *comparison = few_session_get_comparison (w->session);
  g_autofree char *path = g_build_filename (w->folder, "numbers.fewshot", NULL);
  g_autoptr (GError) error = NULL;
  world_import (w);
  compare (w);
  few_examples_remove_class (w->examples, few_comparison_get_class (comparison, 1));
  g_autoptr (FewProject) project = few_session_get_project (w->session);
  g_assert_true (few_project_save (project, path, &error));
  g_assert_no_error (error);
  World first = *w;
  world_open (w, path);
  comparison = few_session_get_comparison (w->session);
  WAIT (few_comparison_has_results (comparison));
  g_assert_cmpstr (few_class_get_name (few_comparison_get_class (comparison, 1)), ==, "light");
  FewClass *added = few_examples_add_class (w->examples, "new");
  for (guint k = 0; k < project->comparison->n_classes; k++)
    g_assert_cmpuint (few_class_get_id (added), !=, project->comparison->class_ids[k]);
  gtk_window_destroy (GTK_WINDOW (w->window));
  *w = first;
  world_free (w);
}

/* One that ends before it finds something leaves what was found, and the wishes, as they are. */
static void
test_stopped (void)
{
  World *w = world_new ();
  FewComparison *comparison = few_session_get_comparison (w->session);
  world_import (w);
  compare (w);
  g_autofree char *json = get_comparison_json (w);
  for (guint i = 0; i < G_N_ELEMENTS (WANTED); i++)
    few_comparison_set_enabled (comparison, find_method (comparison, WANTED[i]), FALSE);
  world_act (w, "add-method", "s", "clap:epochs=100000");
  g_assert_true (few_comparison_set_shots (comparison, "2"));
  world_act (w, "compare", NULL);
  check_aside (w, json);
  world_act (w, "stop-comparing", NULL);
  WAIT (!few_comparison_is_running (comparison));
  g_assert_true (few_comparison_has_results (comparison));
  g_autofree char *after = get_comparison_json (w);
  g_assert_cmpstr (after, ==, json);
  g_assert_cmpstr (few_comparison_get_shots_text (comparison), ==, "2");
  world_free (w);
}

/* Other labels while it runs: what was found until then comes back with them. */
static void
test_other_labels (void)
{
  World *w = world_new ();
  FewComparison *comparison = few_session_get_comparison (w->session);
  world_import (w);
  for (guint m = 1; m < few_comparison_get_n_methods (comparison); m++)
    few_comparison_set_enabled (comparison, m, FALSE);
  world_act (w, "add-method", "s", "clap:epochs=100000");
  g_assert_true (few_comparison_set_shots (comparison, "2"));
  world_act (w, "compare", NULL);
  WAIT (few_comparison_has_results (comparison));
  few_examples_set_several (w->examples, TRUE);
  g_assert_false (few_comparison_has_results (comparison));
  few_examples_set_several (w->examples, FALSE);
  WAIT (!few_comparison_is_running (comparison));
  g_assert_true (few_comparison_has_results (comparison));
  world_free (w);
}

/* Of several labels, CLIP alone says nothing of a picture: there is nothing to differ from. */
static void
test_several (void)
{
  enum { N = 40 };
  World *w = world_new ();
  FewComparison *comparison = few_session_get_comparison (w->session);
  g_autofree char *path = g_build_filename (w->folder, "several.fewshot", NULL);
  g_autoptr (GError) error = NULL;
  world_import_labelled (w, N);
  g_assert_true (few_comparison_set_shots (comparison, "2"));
  few_comparison_set_seeds (comparison, 1);
  world_act (w, "page", "s", "compare");
  world_act (w, "compare", NULL);
  WAIT (few_comparison_has_results (comparison) && !few_comparison_is_running (comparison));
  g_autoptr (FewProject) project = few_session_get_project (w->session);
  g_assert_true (few_project_save (project, path, &error));
  g_assert_no_error (error);
  World first = *w;
  world_open (w, path);
  FewComparison *opened = few_session_get_comparison (w->session);
  WAIT (few_comparison_has_results (opened));
  const char *learns = "one-vs-rest";
  const FewCompared *before =
      few_comparison_find (comparison, find_method (comparison, learns), 2, 1);
  const FewCompared *after = few_comparison_find (opened, find_method (opened, learns), 2, 1);
  const FewCompared *clip = few_comparison_find (opened, find_method (opened, "zero-shot"), 2, 1);
  g_assert_true (clip->result && !clip->said && after->said && after->sets->n == after->n);
  g_assert_cmpfloat (after->result->several_test->map, ==, before->result->several_test->map);
  world_act (w, "page", "s", "compare");
  GtkWidget *differ = world_find_widget (GTK_WIDGET (w->window), FEW_TYPE_DISAGREEMENTS);
  world_wait_for_frames (GTK_WIDGET (w->window), 3);
  for (GtkWidget *drop = world_find_widget (differ, GTK_TYPE_DROP_DOWN); drop;
       drop = gtk_widget_get_next_sibling (drop))
    if (GTK_IS_DROP_DOWN (drop))
      g_assert_cmpuint (g_list_model_get_n_items (gtk_drop_down_get_model (GTK_DROP_DOWN (drop))),
                        ==, 2);
  gtk_window_destroy (GTK_WINDOW (w->window));
  *w = first;
  world_free (w);
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/kept-comparison/project", test_project);
  g_test_add_func ("/kept-comparison/aside", test_aside);
  g_test_add_func ("/kept-comparison/numbers", test_numbers);
  g_test_add_func ("/kept-comparison/stopped", test_stopped);
  g_test_add_func ("/kept-comparison/other-labels", test_other_labels);
  g_test_add_func ("/kept-comparison/several", test_several);
  return g_test_run ();
}
