/* SPDX-License-Identifier: MIT */
/* What a page says is seen: marks against their ground, what bars are, sentences without a pointer
 * to hover with, how many pictures are learned from. */
#include "pages/examples/few-split-line.h"
#include "pages/inspect/few-class-table.h"
#include "pages/inspect/few-confusion.h"
#include "shell/few-preferences.h"
#include "widgets/few-alpha-curve.h"
#include "widgets/few-bar-legend.h"
#include "widgets/few-class-dot.h"
#include "widgets/few-series.h"
#include "widgets/few-split-words.h"
#include "widgets/few-toasts.h"
#include "widgets/few-top-classes.h"
#include "world.h"
#include <math.h>

/* ---- colours */

static double
linearise (double channel)
{
  return channel <= .04045 ? channel / 12.92 : pow ((channel + .055) / 1.055, 2.4);
}

/* As WCAG 2 defines both. */
static double
measure_luminance (const GdkRGBA *colour)
{
  return .2126 * linearise (colour->red) + .7152 * linearise (colour->green)
         + .0722 * linearise (colour->blue);
}

static double
measure_contrast (const GdkRGBA *colour, const char *ground)
{
  GdkRGBA behind;
  g_assert_true (gdk_rgba_parse (&behind, ground));
  double one = measure_luminance (colour) + .05;
  double other = measure_luminance (&behind) + .05;
  return MAX (one, other) / MIN (one, other);
}

/* libadwaita's views, windows and sidebars, and a row that is chosen and hovered over. */
static const char *const grounds[2][4] = { { "#ffffff", "#fafafa", "#ebebeb", "#e0e0e0" },
                                           { "#1e1e1e", "#242424", "#303030", "#414141" } };

/* Marks of any class are 3 : 1 at least, and classes differ. */
static void
test_contrast (void)
{
  for (guint dark = 0; dark < 2; dark++)
    for (guint id = 1; id <= 3000; id++)
      {
        g_autoptr (FewClass) klass = few_class_new (id, "a class");
        g_autoptr (FewClass) next = few_class_new (id + 1, "another");
        GdkRGBA colour = few_class_colour (klass, dark);
        GdkRGBA other = few_class_colour (next, dark);
        for (guint i = 0; i < G_N_ELEMENTS (grounds[dark]); i++)
          g_assert_cmpfloat (measure_contrast (&colour, grounds[dark][i]), >=, 3);
        g_assert_cmpfloat (fabsf (colour.red - other.red) + fabsf (colour.green - other.green)
                               + fabsf (colour.blue - other.blue),
                           >, .25);
      }
}

/* Those of lines, too, on the grounds that charts have. */
static void
test_lines (void)
{
  for (guint dark = 0; dark < 2; dark++)
    for (guint series = 0; series < 8; series++)
      {
        GdkRGBA colour;
        few_series_colour (series, dark, &colour);
        for (guint i = 0; i < 3; i++)
          g_assert_cmpfloat (measure_contrast (&colour, grounds[dark][i]), >=, 3);
      }
}

/* ---- words */

/* Whether a label in view says so. */
static gboolean
shows (GtkWidget *root, const char *words)
{
  GtkWidget *label = world_find_label (root, words);
  return label && gtk_widget_get_mapped (label);
}

static GtkWidget *
find_top (World *w, const char *page)
{
  return world_find_widget (GTK_WIDGET (few_window_find_page (w->window, page)),
                            FEW_TYPE_TOP_CLASSES);
}

static void
choose_first (World *w)
{
  GtkWidget *page = GTK_WIDGET (few_window_find_page (w->window, "inspect"));
  GtkWidget *grid = world_find_widget (page, GTK_TYPE_GRID_VIEW);
  gtk_selection_model_select_item (gtk_grid_view_get_model (GTK_GRID_VIEW (grid)), 0, TRUE);
}

/* The bars of one picture say which is which, on both pages that have them. */
static void
test_legend (void)
{
  World *w = world_new ();
  world_import (w);
  world_train (w, 20);
  world_act (w, "page", "s", "inspect");
  WAIT (gtk_widget_get_mapped (GTK_WIDGET (few_window_find_page (w->window, "inspect"))));
  choose_first (w);
  WAIT (shows (find_top (w, "inspect"), "Adapted")
        && shows (find_top (w, "inspect"), "CLIP Alone"));
  world_act (w, "try-path", "s", w->folder);
  WAIT (world_has_tried (w, 32));
  WAIT (shows (find_top (w, "try"), "Adapted") && shows (find_top (w, "try"), "CLIP Alone"));
  world_free (w);
}

/* Of labels the mark is another thing; of a model without texts there is none. */
static void
test_legend_kinds (void)
{
  World *w = world_new ();
  world_import_labelled (w, 24);
  world_act (w, "train", NULL);
  WAIT (few_runs_get_list (w->runs)->len == 1
        && few_measuring_get (few_view_get_measuring (w->view)));
  world_act (w, "page", "s", "inspect");
  choose_first (w);
  GtkWidget *top = find_top (w, "inspect");
  WAIT (shows (top, "How Likely") && shows (top, "Given from Here On"));
  GtkWidget *legend = world_find_widget (top, FEW_TYPE_BAR_LEGEND);
  few_bar_legend_set_kind (FEW_BAR_LEGEND (legend), FEW_LEGEND_ADAPTED);
  g_assert_true (shows (legend, "Adapted") && !shows (legend, "CLIP Alone"));
  few_bar_legend_set_kind (FEW_BAR_LEGEND (legend), FEW_LEGEND_BOTH);
  g_assert_true (shows (legend, "Adapted") && shows (legend, "CLIP Alone"));
  world_free (w);
}

/* What a setting means is told to those who do not hover. */
static void
test_sentences (void)
{
  World *w = world_new ();
  world_import (w);
  world_act (w, "page", "s", "train");
  GtkWidget *train = GTK_WIDGET (few_window_find_page (w->window, "train"));
  WAIT (shows (train, "the prompts that suit it"));
  GtkWindow *preferences = few_preferences_new (GTK_WINDOW (w->window), w->session, NULL);
  gtk_window_present (preferences);
  WAIT (shows (GTK_WIDGET (preferences), "features differ slightly"));
  gtk_window_destroy (preferences);
  world_free (w);
}

/* Examples say how many of them are learned from, as the next run has it; nothing without any. */
static void
test_split (void)
{
  World *w = world_new ();
  GtkWidget *page = GTK_WIDGET (few_window_find_page (w->window, "examples"));
  GtkWidget *line = world_find_widget (page, FEW_TYPE_SPLIT_LINE);
  g_assert_false (shows (line, "learn"));
  world_import (w);
  FewSplitCounts counts, fewer;
  g_assert_true (few_split_count (w->examples, few_runs_get_job (w->runs), &counts));
  g_autofree char *said = few_split_describe (&counts);
  WAIT (shows (line, said));
  g_autoptr (GPtrArray) some = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < 4; i++)
    g_ptr_array_add (some, g_list_model_get_item (few_examples_get_pictures (w->examples), i));
  few_examples_set_excluded (w->examples, some, TRUE);
  g_assert_true (few_split_count (w->examples, few_runs_get_job (w->runs), &fewer));
  g_autofree char *now = few_split_describe (&fewer);
  g_assert_cmpstr (now, !=, said);
  WAIT (shows (line, now));
  FewTrainJob job = *few_runs_get_job (w->runs);
  job.shots = 2; /* chosen on another page */
  world_act (w, "page", "s", "train");
  few_runs_set_job (w->runs, &job);
  world_act (w, "page", "s", "examples");
  WAIT (shows (line, "4 pictures to learn from"));
  world_free (w);
}

/* ---- Inspect's tables in a narrow window */

static void
rename_classes (World *w)
{
  static const char *const names[] = { "Liriodendron tulipifera", "Metasequoia" };
  for (guint k = 0; k < G_N_ELEMENTS (names); k++)
    {
      g_autoptr (FewClass) klass =
          g_list_model_get_item (few_examples_get_classes (w->examples), k);
      few_examples_rename_class (w->examples, klass, names[k]);
    }
}

/* The rows of the matrix that are in view without scrolling. */
static guint
count_rows_in_view (GtkWidget *confusion)
{
  guint rows = 0;
  GtkWidget *grid = world_find_widget (confusion, GTK_TYPE_GRID);
  GtkWidget *cell = NULL;
  for (int row = 1; (cell = gtk_grid_get_child_at (GTK_GRID (grid), 1, row)); row++)
    {
      graphene_rect_t bounds;
      g_assert_true (gtk_widget_compute_bounds (cell, confusion, &bounds));
      g_test_message ("row %d from %.0f, %.0f high, of %d", row, bounds.origin.y,
                      bounds.size.height, gtk_widget_get_height (confusion));
      rows +=
          bounds.origin.y >= 0
          && bounds.origin.y + bounds.size.height <= (float) gtk_widget_get_height (confusion) + 1;
    }
  return rows;
}

/* On a phone more of the matrix is in view than its heads, whatever the classes are called, and the
 * table has room for usual names. */
static void
test_narrow (void)
{
  World *w = world_new ();
  gtk_window_set_default_size (GTK_WINDOW (w->window), 360, 700);
  world_import (w);
  rename_classes (w);
  few_examples_add_class (w->examples, "washer");
  world_train (w, 3);
  world_act (w, "page", "s", "inspect");
  world_act (w, "view", "i", 1);
  GtkWidget *page = GTK_WIDGET (few_window_find_page (w->window, "inspect"));
  GtkWidget *confusion = world_find_widget (page, FEW_TYPE_CONFUSION);
  WAIT (gtk_widget_get_mapped (confusion));
  world_act (w, "dismiss-refused", NULL);
  WAIT (!world_find_toast (w));
  world_wait_for_frames (page, 3);
  g_assert_cmpint (gtk_widget_get_width (page), <=, 360);
  g_assert_cmpuint (count_rows_in_view (confusion), >=, 2);
  world_act (w, "view", "i", 2);
  GtkWidget *table = world_find_widget (page, FEW_TYPE_CLASS_TABLE);
  WAIT (shows (table, "Liriodendron"));
  world_wait_for_frames (page, 3);
  GtkWidget *name = world_find_label (table, "Liriodendron");
  g_assert_false (pango_layout_is_ellipsized (gtk_label_get_layout (GTK_LABEL (name))));
  world_free (w);
}

/* Where letters are large a toast's button stands below its words, and the toast goes when it is
 * pressed. */
static void
test_toast_button (void)
{
  World *w = world_new ();
  gtk_window_set_default_size (GTK_WINDOW (w->window), 360, 700);
  g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", 2 * 96 * 1024, NULL);
  world_wait_for_frames (GTK_WIDGET (w->window), 3);
  few_toasts_say_undoable (GTK_WINDOW (w->window), "What is done and has many words", 1);
  WAIT (world_find_toast (w)
        && world_find_styled (world_find_toast (w), GTK_TYPE_BUTTON, "text-button"));
  GtkWidget *button = world_find_styled (world_find_toast (w), GTK_TYPE_BUTTON, "text-button");
  g_assert_true (GTK_IS_BOX (gtk_widget_get_parent (button)));
  g_assert_null (gtk_widget_get_next_sibling (button));
  WAIT (gtk_widget_get_mapped (button));
  g_signal_emit_by_name (button, "clicked");
  WAIT (world_find_toast (w) == NULL);
  g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", 96 * 1024, NULL);
  world_free (w);
}

/* The curve over α's slider takes its room once there is one. */
static void
test_curve (void)
{
  World *w = world_new ();
  int before, after;
  GtkWidget *curve = world_find_widget (GTK_WIDGET (w->window), FEW_TYPE_ALPHA_CURVE);
  g_assert_true (gtk_widget_get_focusable (curve)); /* its menu is had by keys */
  world_import (w);
  gtk_widget_measure (curve, GTK_ORIENTATION_VERTICAL, -1, &before, NULL, NULL, NULL);
  world_train (w, 20);
  gtk_widget_measure (curve, GTK_ORIENTATION_VERTICAL, -1, &after, NULL, NULL, NULL);
  g_assert_true (isfinite (few_snapshot_info (few_view_get_snapshot (w->view))->curve[0]));
  g_assert_cmpint (2 * before, <, after);
  world_free (w);
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/legible/contrast", test_contrast);
  g_test_add_func ("/legible/lines", test_lines);
  g_test_add_func ("/legible/legend", test_legend);
  g_test_add_func ("/legible/legend-kinds", test_legend_kinds);
  g_test_add_func ("/legible/sentences", test_sentences);
  g_test_add_func ("/legible/split", test_split);
  g_test_add_func ("/legible/narrow", test_narrow);
  g_test_add_func ("/legible/toast-button", test_toast_button);
  g_test_add_func ("/legible/curve", test_curve);
  return g_test_run ();
}
