/* SPDX-License-Identifier: MIT */
/* Comparing methods, in process. */
#include "pages/compare/few-compare-page.h"
#include "pages/compare/few-disagreements.h"
#include "pages/compare/few-shots-plot.h"
#include "pages/examples/few-examples-page.h"
#include "pages/inspect/few-inspect-page.h"
#include "widgets/few-alpha-bar.h"
#include "widgets/few-heat-map.h"
#include "session/few-methods.h"
#include "world.h"
#include <math.h>
#include <string.h>

static gboolean
shows_results (World *w)
{
  const char *cell = few_compare_page_get_cell (
      FEW_COMPARE_PAGE (few_window_find_page (w->window, "compare")), 0, 2);
  return cell && *cell;
}

/* A run that is refused leaves what was found in view; another one has heads of its own. */
static void
check_other_runs (World *w, FewComparison *comparison)
{
  few_comparison_set_shots (comparison, "500");
  world_act (w, "compare", NULL);
  g_assert_true (few_comparison_has_results (comparison) && shows_results (w));
  for (guint m = 1; m < few_comparison_get_n_methods (comparison); m++)
    few_comparison_set_enabled (comparison, m, FALSE);
  few_comparison_set_shots (comparison, "1, 2, 3");
  world_act (w, "compare", NULL);
  WAIT (!few_comparison_is_running (comparison));
  WAIT (few_compare_page_get_cell (FEW_COMPARE_PAGE (few_window_find_page (w->window, "compare")),
                                   0, 3));
}

/* The heading that says so. */
static GtkWidget *
find_heading (GtkWidget *grid, const char *title)
{
  for (GtkWidget *child = gtk_widget_get_first_child (grid); child;
       child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_BUTTON (child)
        && g_str_has_prefix (gtk_button_get_label (GTK_BUTTON (child)), title))
      return child;
  return NULL;
}

/* The numbers of the last shots from above, as they are seen; those that say nothing are 0. */
static guint
list_numbers (GtkWidget *grid, int column, double *numbers, guint most)
{
  guint n = 0;
  for (int row = 1; n < most; row++)
    {
      GtkWidget *cell = gtk_grid_get_child_at (GTK_GRID (grid), column, row);
      if (!cell)
        return n;
      if (gtk_widget_get_visible (cell))
        numbers[n++] = g_ascii_strtod (gtk_label_get_text (GTK_LABEL (cell)), NULL);
    }
  return n;
}

static void
check_order (GtkWidget *grid, int column, gboolean descending)
{
  double numbers[64];
  guint n = list_numbers (grid, column, numbers, G_N_ELEMENTS (numbers));
  g_assert_cmpuint (n, >, 3);
  for (guint i = 1; i < n; i++)
    if (numbers[i] > 0) /* those without a number come last either way */
      g_assert_true (descending ? numbers[i - 1] >= numbers[i] : numbers[i - 1] <= numbers[i]);
}

/* A heading sorts by its column: the largest first, then the smallest, then as it was; Tab and a
 * screen reader go the same way. */
static void
check_sorting (World *w)
{
  GtkWidget *page = GTK_WIDGET (few_window_find_page (w->window, "compare"));
  GtkWidget *grid = gtk_widget_get_parent (world_find_widget (page, GTK_TYPE_CHECK_BUTTON));
  GtkWidget *first = gtk_grid_get_child_at (GTK_GRID (grid), 0, 1);
  GtkWidget *heading = find_heading (grid, "4 shots");
  g_assert_nonnull (heading);
  g_signal_emit_by_name (heading, "clicked");
  gtk_test_accessible_assert_property (heading, GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "4 shots, sorted, largest first");
  check_order (grid, 4, TRUE);
  GtkWidget *best = gtk_grid_get_child_at (GTK_GRID (grid), 0, 1);
  GtkWidget *second = gtk_grid_get_child_at (GTK_GRID (grid), 0, 2);
  GtkWidget *next = gtk_widget_get_next_sibling (best);
  while (next && !GTK_IS_CHECK_BUTTON (next))
    next = gtk_widget_get_next_sibling (next);
  g_assert_true (next == second);
  g_signal_emit_by_name (heading, "clicked");
  check_order (grid, 4, FALSE);
  g_signal_emit_by_name (heading, "clicked");
  g_assert_true (gtk_grid_get_child_at (GTK_GRID (grid), 0, 1) == first);
}

/* What has the focus says which picture it is, and what was said of it. */
static void
check_pair_has_name (FewDisagreements *disagreements, guint differ)
{
  GtkWidget *pair = world_find_widget (GTK_WIDGET (disagreements), GTK_TYPE_FLOW_BOX_CHILD);
  g_assert_cmpint (pair != NULL, ==, differ > 0);
  if (pair)
    gtk_test_accessible_assert_property (
        GTK_ACCESSIBLE (pair), GTK_ACCESSIBLE_PROPERTY_LABEL,
        gtk_widget_get_tooltip_text (gtk_flow_box_child_get_child (GTK_FLOW_BOX_CHILD (pair))));
}

/* The table fills as methods end; a plot and disagreements with words of their own; a bad
 * specification is a sentence. */
static void
test_compare (void)
{
  World *w = world_new ();
  FewComparison *comparison = few_session_get_comparison (w->session);
  g_assert_false (world_enabled (w, "compare"));
  world_import (w);
  g_assert_true (world_enabled (w, "compare"));
  /* 100: more than there are, left out */
  g_assert_true (few_comparison_set_shots (comparison, "1, 2 4,100"));
  g_assert_false (few_comparison_set_shots (comparison, "1; many"));
  g_assert_cmpstr (few_comparison_get_shots_text (comparison), ==, "1, 2 4,100");
  few_comparison_set_seeds (comparison, 2);
  guint methods = few_comparison_get_n_methods (comparison);
  world_act (w, "add-method", "s", "coop:epochs=1,context=2");
  world_act (w, "add-method", "s", "coop:epochs=1,context=2"); /* known already */
  g_assert_cmpuint (few_comparison_get_n_methods (comparison), ==, methods + 1);
  world_act (w, "add-method", "s", "coop:epochs=none");
  g_assert_cmpuint (few_comparison_get_n_methods (comparison), ==, methods + 1);
  world_act (w, "compare", NULL);
  g_assert_true (few_comparison_is_running (comparison));
  g_assert_false (world_enabled (w, "compare"));
  g_assert_true (world_enabled (w, "stop-comparing"));
  WAIT (!few_comparison_is_running (comparison));
  WAIT (shows_results (w));
  guint n;
  const guint *shots = few_comparison_get_shots (comparison, &n);
  g_assert_true (n == 3 && shots[0] == 1 && shots[1] == 2 && shots[2] == 4);
  check_sorting (w);
  for (guint m = 0; m <= methods; m++)
    for (guint i = 0; i < n; i++)
      {
        FewComparisonCell cell;
        few_comparison_get_cell (comparison, m, shots[i], &cell);
        g_assert_cmpuint (cell.runs, ==, few_comparison_get_enabled (comparison, m) ? 2 : 0);
        g_assert_true (
            cell.runs == 0
            || (cell.low <= cell.mean && cell.mean <= cell.high && isfinite (cell.deviation)));
      }
  /* the disagreements are those of the predictions */
  const FewCompared *first = few_comparison_find (comparison, 0, 4, 1);
  const FewCompared *last = few_comparison_find (comparison, methods, 4, 1);
  guint differ = 0;
  for (guint i = 0; i < first->n; i++)
    differ += first->roles[i] == FEW_ROLE_TEST
              && first->result->predicted[i] != last->result->predicted[i];
  FewDisagreements *disagreements =
      FEW_DISAGREEMENTS (world_find_widget (GTK_WIDGET (w->window), FEW_TYPE_DISAGREEMENTS));
  WAIT (few_disagreements_get_count (disagreements) == differ);
  check_pair_has_name (disagreements, differ);
  gtk_test_accessible_assert_role (
      GTK_ACCESSIBLE (world_find_widget (GTK_WIDGET (w->window), FEW_TYPE_SHOTS_PLOT)),
      GTK_ACCESSIBLE_ROLE_IMG);
  check_other_runs (w, comparison);
  /* a class that was renamed or removed since leaves the results readable */
  world_act (w, "select-class", "i", 0);
  world_act (w, "remove-class", NULL);
  g_assert_nonnull (few_class_get_name (few_comparison_get_class (comparison, 0)));
  world_act (w, "undo", NULL);
  world_free (w);
}

/* Shots that nobody has, a comparison that is stopped, and one of nothing. */
static void
test_refused (void)
{
  World *w = world_new ();
  FewComparison *comparison = few_session_get_comparison (w->session);
  world_import (w);
  few_comparison_set_shots (comparison, "500");
  guint said = w->messages->len;
  world_act (w, "compare", NULL);
  g_assert_cmpuint (w->messages->len, ==, said + 1);
  g_assert_nonnull (strstr (w->messages->pdata[said], "500"));
  g_assert_false (few_comparison_is_running (comparison));
  few_comparison_set_shots (comparison, "2");
  world_act (w, "add-method", "s", "clap:epochs=100000");
  world_act (w, "compare", NULL);
  WAIT (few_comparison_get_progress (comparison, NULL) > 0);
  world_act (w, "stop-comparing", NULL);
  WAIT (!few_comparison_is_running (comparison));
  for (guint m = 0; m < few_comparison_get_n_methods (comparison); m++)
    few_comparison_set_enabled (comparison, m, FALSE);
  said = w->messages->len;
  world_act (w, "compare", NULL);
  g_assert_cmpuint (w->messages->len, ==, said + 1);
  world_free (w);
}

/* A heat map has a number or a sentence for every cell of its grid. */
static void
test_heat_map (void)
{
  double rows[] = { .2, .4 };
  double columns[] = { 1, 2, 3 };
  double accuracy[] = { .5, .6, .7, .8, .9, NAN };
  FewGrid grid = { "alpha", "beta", 2, 3, rows, columns, accuracy };
  GtkWidget *map = g_object_ref_sink (few_heat_map_new (&grid));
  GtkWidget *best = gtk_grid_get_child_at (GTK_GRID (map), 2, 2);
  GtkWidget *worst = gtk_grid_get_child_at (GTK_GRID (map), 1, 1);
  g_assert_cmpstr (gtk_label_get_text (GTK_LABEL (best)), ==, "90\u00a0%");
  g_assert_true (gtk_widget_has_css_class (best, "heat-9")
                 && gtk_widget_has_css_class (worst, "heat-0"));
  g_assert_cmpstr (gtk_label_get_text (GTK_LABEL (gtk_grid_get_child_at (GTK_GRID (map), 3, 2))),
                   ==, "");
  g_assert_nonnull (strstr (gtk_widget_get_tooltip_text (best), "90.0\u00a0%"));
  g_object_unref (map);
}

/* ---- a model that reads no texts */

static gboolean
offers (FewComparison *comparison, const char *name)
{
  guint i = 0;
  while (!g_str_equal (few_comparison_get_specification (comparison, i), name))
    i++;
  return few_comparison_offers (comparison, i);
}

/* Rows below `widget` that cannot be chosen, and say why. */
static guint
count_refused (GtkWidget *widget)
{
  guint n = GTK_IS_LABEL (widget) && gtk_widget_get_visible (widget)
            && !gtk_widget_is_sensitive (widget)
            && strstr (gtk_label_get_text (GTK_LABEL (widget)), "which this model does not read");
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    n += count_refused (child);
  return n;
}

/* Nothing is in view before it learned; then what was learned is, without α and without CLIP. */
static void
test_textless (void)
{
  World *w = world_new ();
  FewComparison *comparison = few_session_get_comparison (w->session);
  GtkWidget *examples = GTK_WIDGET (few_window_find_page (w->window, "examples"));
  GtkWidget *warning = world_find_styled (examples, GTK_TYPE_LABEL, "warning");
  GtkWidget *bar = world_find_widget (GTK_WIDGET (w->window), FEW_TYPE_ALPHA_BAR);
  GtkWidget *scale = world_find_widget (bar, GTK_TYPE_SCALE);
  GtkWidget *zero_shot = world_find_styled (
      GTK_WIDGET (few_window_find_page (w->window, "compare")), GTK_TYPE_CHECK_BUTTON, NULL);
  world_import (w);
  world_learn (w, "gda");
  g_autoptr (FewClass) first = g_list_model_get_item (few_examples_get_classes (w->examples), 0);
  few_examples_page_set_class (FEW_EXAMPLES_PAGE (examples), first);
  g_assert_true (gtk_widget_get_sensitive (scale) && offers (comparison, "coop"));
  g_assert_true (gtk_widget_get_visible (zero_shot));
  world_act (w, "open-model-at", "s", TEST_DATA "/families/dinov2");
  WAIT (few_desk_get_model (w->desk) && !few_desk_get_model (w->desk)->reads_texts);
  WAIT (!few_view_get_snapshot (w->view));
  WAIT (gtk_widget_get_visible (warning));
  g_assert_nonnull (strstr (gtk_label_get_text (GTK_LABEL (warning)), "reads no names"));
  g_assert_false (offers (comparison, "zero-shot") || offers (comparison, "coop"));
  g_assert_true (offers (comparison, "automatic") && offers (comparison, "linear-probe"));
  WAIT (!gtk_widget_get_visible (zero_shot));
  WAIT (world_count_state (w, FEW_PICTURE_WAITING) == 0);
  for (const char *const *page = (const char *const[]) { "inspect", "train", "try", NULL }; *page;
       page++)
    world_act (w, "page", "s", *page);
  GtkWidget *train = GTK_WIDGET (few_window_find_page (w->window, "train"));
  GtkWidget *methods = world_find_widget (train, ADW_TYPE_COMBO_ROW);
  world_act (w, "page", "s", "train");
  gtk_widget_activate (methods);
  WAIT (count_refused (methods) == 5); /* CLIP-Adapter live, as compared, on words; CLAP, CoOp */
  gtk_widget_activate (methods);
  few_runs_set_method (w->runs, "coop");
  WAIT (!world_enabled (w, "train"));
  few_runs_set_method (w->runs, "gda");
  WAIT (world_enabled (w, "train"));
  for (const char *const *alpha =
           (const char *const[]) { "alpha", "alpha-by", "alpha-best", "alpha-trained", NULL };
       *alpha; alpha++)
    g_assert_false (world_enabled (w, *alpha));
  world_learn (w, FEW_METHOD_LIVE_AUTOMATIC);
  WAIT (few_view_get_snapshot (w->view));
  g_assert_cmpfloat (few_view_get_alpha (w->view), ==, 1);
  g_assert_false (gtk_widget_get_sensitive (scale));
  g_assert_true (isnan (few_lens_accuracy (few_view_get_snapshot (w->view), -1, 0)));
  g_assert_cmpfloat (few_lens_accuracy (few_view_get_snapshot (w->view), -1, 1), >, .9);
  world_act (w, "page", "s", "inspect");
  world_free (w);
}

/* With larger letters the page is as much wider. */
static void
test_wide_letters (void)
{
  World *w = world_new ();
  static const char *const pages[] = { "compare", "train" };
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      GtkWidget *page = GTK_WIDGET (few_window_find_page (w->window, pages[i]));
      AdwClamp *clamp = ADW_CLAMP (world_find_widget (page, ADW_TYPE_CLAMP));
      int most = adw_clamp_get_maximum_size (clamp);
      g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", 96 * 1024 * 3 / 2, NULL);
      g_assert_cmpint (adw_clamp_get_maximum_size (clamp), ==, most * 3 / 2);
      g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", 96 * 1024, NULL);
      g_assert_cmpint (adw_clamp_get_maximum_size (clamp), ==, most);
    }
  world_free (w);
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/compare/compare", test_compare);
  g_test_add_func ("/compare/refused", test_refused);
  g_test_add_func ("/compare/heat-map", test_heat_map);
  g_test_add_func ("/compare/textless", test_textless);
  g_test_add_func ("/compare/wide-letters", test_wide_letters);
  return g_test_run ();
}
