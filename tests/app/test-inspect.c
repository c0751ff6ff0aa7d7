/* SPDX-License-Identifier: MIT */
/* Inspect: the matrix opens the pictures of a cell, scores are what counting gives. */
#include "pages/inspect/few-inspect-page.h"
#include "pages/inspect/few-class-bars.h"
#include "pages/inspect/few-confusion.h"
#include "pages/inspect/few-confusion-map.h"
#include "pages/inspect/few-feature-map.h"
#include "pages/inspect/few-look-pane.h"
#include "pages/inspect/few-trust-pane.h"
#include "widgets/few-large-picture.h"
#include "widgets/few-look-bar.h"
#include "widgets/few-ranking.h"
#include "widgets/few-reliability.h"
#include "widgets/few-top-classes.h"
#include "widgets/few-line.h"
#include "widgets/few-turned-label.h"
#include "widgets/few-tile.h"
#include "world.h"
#include <math.h>
#include <string.h>

static FewConfusion *
show_confusion (World *w)
{
  world_act (w, "page", "s", "inspect");
  world_act (w, "view", "i", 1);
  GtkWidget *confusion = world_find_widget (GTK_WIDGET (w->window), FEW_TYPE_CONFUSION);
  WAIT (gtk_widget_get_mapped (confusion));
  return FEW_CONFUSION (confusion);
}

/* A new class of four pictures of another; borrowed. */
static FewClass *
take_four (World *w, FewClass *from, const char *name)
{
  FewClass *klass = few_examples_add_class (w->examples, name);
  g_autoptr (GPtrArray) some = g_ptr_array_new ();
  for (guint i = 0; some->len < 4; i++)
    if (few_picture_get_class (world_get_picture (w, i)) == from)
      g_ptr_array_add (some, world_get_picture (w, i));
  few_examples_move (w->examples, some, klass);
  return klass;
}

/* A cell is of two classes, whatever their numbers in the next run; it goes with one of them. */
static void
test_cell_of_classes (void)
{
  World *w = world_new ();
  world_import (w);
  g_autoptr (FewClass) dark = g_list_model_get_item (few_examples_get_classes (w->examples), 0);
  g_autoptr (FewClass) light = g_list_model_get_item (few_examples_get_classes (w->examples), 1);
  FewClass *third = take_four (w, light, "third");
  world_train (w, 3);
  FewConfusion *confusion = show_confusion (w);
  GtkWidget *page = GTK_WIDGET (few_window_find_page (w->window, "inspect"));
  g_signal_emit_by_name (confusion, "chosen", 1, 2);
  g_assert_true (world_says (page, "“light” taken for “third”"));
  few_examples_remove_class (w->examples, dark);
  world_train (w, 4);
  g_assert_true (world_says (page, "“light” taken for “third”"));
  take_four (w, light, "fourth");
  few_examples_remove_class (w->examples, third);
  world_train (w, 5);
  WAIT (!world_says (page, "“light” taken for “third”"));
  g_assert_false (world_says (page, "“light” taken for “fourth”"));
  world_free (w);
}

/* A model that reads no texts said nothing before it learned, and nothing is compared with that. A
 * class that is called otherwise is so in the matrix. */
static void
test_pictures_alone (void)
{
  World *w = world_new ();
  world_import (w);
  world_act (w, "open-model-at", "s", TEST_DATA "/families/dinov2");
  WAIT (few_desk_get_model (w->desk) && !few_desk_get_model (w->desk)->reads_texts);
  world_learn (w, "gda:a=1");
  GtkWidget *confusion = GTK_WIDGET (show_confusion (w));
  GtkWidget *page = GTK_WIDGET (few_window_find_page (w->window, "inspect"));
  WAIT (world_says (confusion, "dark"));
  FewClass *dark = few_view_get_class (w->view, 0);
  world_act (w, "view", "i", 0);
  WAIT (isfinite (few_class_get_adapted (dark)));
  g_assert_false (isfinite (few_class_get_zero_shot (dark)));
  GtkWidget *bars = world_find_widget (page, FEW_TYPE_CLASS_BARS);
  WAIT (gtk_widget_is_visible (world_find_label (bars, "Adapted")));
  WAIT (!gtk_widget_is_visible (world_find_label (bars, "CLIP Alone")));
  GtkDropDown *filter = GTK_DROP_DOWN (world_find_widget (page, GTK_TYPE_DROP_DOWN));
  g_assert_cmpuint (g_list_model_get_n_items (gtk_drop_down_get_model (filter)), ==, 3);
  few_examples_rename_class (w->examples, dark, "dusky");
  world_act (w, "view", "i", 1);
  WAIT (world_says (confusion, "dusky"));
  world_free (w);
}

/* Every cell counts the measured pictures; pressing it shows just those, still sorted by margin. */
static void
test_confusion (void)
{
  World *w = world_new ();
  world_import (w);
  world_train (w, 3);
  FewConfusion *confusion = show_confusion (w);
  GListModel *gallery =
      few_inspect_page_get_model (FEW_INSPECT_PAGE (few_window_find_page (w->window, "inspect")));
  static const double alphas[] = { 0, .5, 1 };
  for (guint a = 0; a < G_N_ELEMENTS (alphas); a++)
    {
      few_view_set_alpha (w->view, alphas[a]);
      const FewSnapshotInfo *info = few_snapshot_info (few_view_get_snapshot (w->view));
      const guint32 *predicted = few_view_get_predicted (w->view);
      for (guint cell = 0; cell < 4; cell++)
        {
          guint label = cell / 2;
          guint taken = cell % 2;
          guint expected = 0;
          for (guint i = 0; i < info->n; i++)
            expected += info->roles[i] == FEW_ROLE_TEST && info->labels[i] == label
                        && predicted[i] == taken;
          g_assert_cmpuint (few_confusion_get_count (confusion, label, taken), ==, expected);
          g_signal_emit_by_name (confusion, "chosen", label, taken);
          g_assert_cmpuint (g_list_model_get_n_items (gallery), ==, expected);
          for (guint i = 0; i < expected; i++)
            {
              g_autoptr (FewSlot) slot = g_list_model_get_item (gallery, i);
              int row = few_view_get_row (w->view, few_slot_get_item (slot));
              g_assert_true (info->labels[row] == label && predicted[row] == taken);
            }
        }
      /* what the classes say of themselves */
      for (guint k = 0; k < 2; k++)
        {
          guint right = few_confusion_get_count (confusion, k, k);
          guint of_class = right + few_confusion_get_count (confusion, k, 1 - k);
          guint as_class = right + few_confusion_get_count (confusion, 1 - k, k);
          const FewClassScores *scores = few_class_get_scores (few_view_get_class (w->view, k));
          g_assert_cmpuint (scores->pictures, ==, of_class);
          g_assert_cmpfloat_with_epsilon (scores->recall, (float) right / (float) of_class, 1e-6);
          if (as_class)
            g_assert_cmpfloat_with_epsilon (scores->precision, (float) right / (float) as_class,
                                            1e-6);
          else
            g_assert_true (isnan (scores->precision));
        }
    }
  /* the cells are buttons with words of their own */
  GtkWidget *button = world_find_styled (GTK_WIDGET (confusion), GTK_TYPE_BUTTON, "confusion-cell");
  gtk_test_accessible_assert_role (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_ROLE_BUTTON);
  guint count = few_confusion_get_count (confusion, 0, 0);
  g_autofree char *words = g_strdup_printf (count == 1 ? "%u picture of dark taken for dark"
                                                       : "%u pictures of dark taken for dark",
                                            count);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       words);
  world_free (w);
}

/* Of a matrix's columns; each is as long as its name. */
static guint
count_column_heads (GtkWidget *widget)
{
  guint n = FEW_IS_TURNED_LABEL (widget);
  if (n)
    {
      int width, height;
      gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, &width, NULL, NULL, NULL);
      gtk_widget_measure (widget, GTK_ORIENTATION_VERTICAL, -1, &height, NULL, NULL, NULL);
      g_assert_false (few_turned_label_is_cut (FEW_TURNED_LABEL (widget)));
      g_assert_cmpint (height, >, 5 * width); /* turned */
      g_assert_cmpint (gtk_widget_get_height (widget), >=, height);
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    n += count_column_heads (child);
  return n;
}

/* Names at the rows and columns of the matrix are whole, however large the letters are. */
static void
test_heads (void)
{
  static const char *const names[] = { "worn_hexagonal_nut", "worn_spring_washer" };
  World *w = world_new ();
  world_import (w);
  for (guint k = 0; k < G_N_ELEMENTS (names); k++)
    {
      g_autoptr (FewClass) klass =
          g_list_model_get_item (few_examples_get_classes (w->examples), k);
      few_examples_rename_class (w->examples, klass, names[k]);
    }
  world_train (w, 3);
  GtkWidget *confusion = GTK_WIDGET (show_confusion (w));
  for (int percent = 100; percent <= 200; percent += 50)
    {
      g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", 96 * 1024 * percent / 100, NULL);
      world_wait_for_frames (confusion, 3);
      g_assert_cmpuint (count_column_heads (confusion), ==, 2);
      GtkWidget *row = world_find_label (confusion, names[0]);
      g_assert_false (pango_layout_is_ellipsized (gtk_label_get_layout (GTK_LABEL (row))));
    }
  g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", 96 * 1024, NULL);
  world_free (w);
}

/* The bars say which is which, as long as there are two. */
static void
test_legend (void)
{
  World *w = world_new ();
  world_import (w);
  world_act (w, "page", "s", "inspect");
  GtkWidget *bars = world_find_widget (GTK_WIDGET (w->window), FEW_TYPE_CLASS_BARS);
  WAIT (gtk_widget_get_mapped (bars));
  WAIT (world_says (bars, "CLIP Alone") && world_says (bars, "Adapted"));
  g_assert_true (gtk_widget_get_mapped (world_find_label (bars, "CLIP Alone")));
  g_assert_true (gtk_widget_get_mapped (world_find_label (bars, "Adapted")));
  world_free (w);
}

/* How many places of the map over the picture are coloured; −1: there is none. */
static int
count_coloured (GtkWidget *image)
{
  GdkTexture *heat = few_large_picture_get_heat (FEW_LARGE_PICTURE (image));
  int coloured = 0;
  if (!heat)
    return -1;
  int n = gdk_texture_get_width (heat) * gdk_texture_get_height (heat);
  g_autofree guint32 *pixels = g_new (guint32, n);
  gdk_texture_download (heat, (guchar *) pixels,
                        (gsize) gdk_texture_get_width (heat) * sizeof *pixels);
  for (int i = 0; i < n; i++)
    coloured += pixels[i] != 0;
  return coloured;
}

/* Where the model looks in the chosen picture: computed while it is wanted, in words, too; the
 * difference follows α, and is nothing at 0. */
static void
test_look (void)
{
  World *w = world_new ();
  world_import (w);
  world_train (w, 30);
  world_act (w, "page", "s", "inspect");
  FewInspectPage *page = FEW_INSPECT_PAGE (few_window_find_page (w->window, "inspect"));
  GtkWidget *pane = world_find_widget (GTK_WIDGET (page), FEW_TYPE_LOOK_PANE);
  GtkWidget *image = world_find_widget (pane, FEW_TYPE_LARGE_PICTURE);
  GtkWidget *bar = world_find_widget (pane, FEW_TYPE_LOOK_BAR);
  g_autoptr (FewPicture) picture =
      g_list_model_get_item (few_examples_get_pictures (w->examples), 3);
  g_signal_emit_by_name (world_find_widget (GTK_WIDGET (page), FEW_TYPE_FEATURE_MAP), "chosen",
                         picture);
  g_assert_false (gtk_widget_get_visible (pane));
  few_inspect_page_set_look (page, TRUE);
  g_assert_true (gtk_widget_get_visible (pane));
  WAIT (count_coloured (image) > 0);
  GtkWidget *shown = world_find_widget (image, GTK_TYPE_PICTURE);
  const char *words = gtk_picture_get_alternative_text (GTK_PICTURE (shown));
  g_assert_nonnull (strstr (words, "What speaks most for “"));
  g_assert_true (g_str_has_prefix (words, few_picture_get_name (picture)));
  few_look_bar_set_kind (FEW_LOOK_BAR (bar), 2);
  few_view_set_alpha (w->view, 1);
  WAIT (count_coloured (image) > 0);
  g_assert_nonnull (
      strstr (gtk_picture_get_alternative_text (GTK_PICTURE (shown)), "learning added"));
  few_view_set_alpha (w->view, 0);
  WAIT (count_coloured (image) == 0);
  few_inspect_page_set_look (page, FALSE);
  g_assert_cmpint (count_coloured (image), ==, -1);
  world_free (w);
}

/* Calibration: the numbers of the run in view, in words and behind a button; nothing is said of a
 * run that does not know. */
static void
test_calibration (void)
{
  World *w = world_new ();
  world_import (w);
  world_train (w, 3);
  world_act (w, "page", "s", "inspect");
  world_act (w, "view", "i", 4);
  FewTrustPane *pane =
      FEW_TRUST_PANE (world_find_widget (GTK_WIDGET (w->window), FEW_TYPE_TRUST_PANE));
  GtkWidget *plot = world_find_widget (GTK_WIDGET (pane), FEW_TYPE_RELIABILITY);
  g_assert_true (gtk_widget_get_focusable (plot)); /* its menu is had by keys */
  g_assert_nonnull (strstr (few_trust_pane_get_text (pane), "Automatic"));
  g_assert_false (gtk_widget_get_visible (plot));
  world_learn (w, "automatic");
  FewClassifier *classifier = few_view_get_classifier (w->view);
  const FewTrustInfo *info = few_trust_info (few_classifier_info (classifier)->trust);
  g_autofree char *pictures = g_strdup_printf ("of %u pictures right", info->n_told);
  g_autofree char *error = g_strdup_printf ("learned %.1f\u00a0%%", 100 * info->error_after);
  g_assert_nonnull (strstr (few_trust_pane_get_text (pane), pictures));
  g_assert_nonnull (strstr (few_trust_pane_get_text (pane), error));
  g_assert_true (gtk_widget_get_visible (plot));
  gtk_test_accessible_assert_role (GTK_ACCESSIBLE (plot), GTK_ACCESSIBLE_ROLE_IMG);
  const char *titles[6];
  g_autoptr (GtkStringList) rows =
      few_reliability_list (few_classifier_info (classifier)->trust, titles);
  guint told = 0;
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (rows)); i++)
    {
      g_auto (GStrv) cells = g_strsplit (gtk_string_list_get_string (rows, i), "\t", -1);
      g_assert_cmpuint (g_strv_length (cells), ==, 5);
      told += (guint) g_ascii_strtoull (cells[1], NULL, 10);
    }
  g_assert_cmpuint (told, ==, info->n_told);
  few_view_set_alpha (w->view, .1);
  g_assert_nonnull (strstr (few_trust_pane_get_text (pane), "not at that of the slider"));
  world_free (w);
}

static char *
name_cell (guint label, guint predicted, gpointer user G_GNUC_UNUSED)
{
  return g_strdup_printf ("%u as %u", label, predicted);
}

/* A thousand classes: what lies under the pointer is the cell that is drawn there. */
static void
test_many_classes (void)
{
  enum { K = 1000, SIDE = 4000 };
  g_autofree guint32 *counts = g_new0 (guint32, K * K);
  for (guint i = 0; i < K; i++)
    counts[i * K + i] = 3;
  counts[7 * K + 901] = 1;
  GtkWidget *window = gtk_window_new ();
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *map = few_confusion_map_new (name_cell, NULL);
  guint label, predicted;
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), map);
  gtk_window_set_child (GTK_WINDOW (window), scroller);
  few_confusion_map_set (FEW_CONFUSION_MAP (map), counts, K);
  gtk_window_present (GTK_WINDOW (window));
  WAIT (gtk_widget_get_width (map) >= SIDE);
  double side = gtk_widget_get_height (map);
  g_assert_true (few_confusion_map_find (FEW_CONFUSION_MAP (map), 901.5 * side / K, 7.5 * side / K,
                                         &label, &predicted));
  g_assert_cmpuint (label, ==, 7);
  g_assert_cmpuint (predicted, ==, 901);
  g_assert_false (
      few_confusion_map_find (FEW_CONFUSION_MAP (map), side + 1, 2, &label, &predicted));
  gtk_window_destroy (GTK_WINDOW (window));
}

/* SigLIP also says how likely each class is by itself; CLIP does not. */
static void
test_alone (void)
{
  World *w = world_new ();
  GtkWidget *top = g_object_ref_sink (few_top_classes_new (2));
  GtkWidget *grid = world_find_widget (top, GTK_TYPE_GRID);
  float alone[2];
  float cosines[2];
  world_import (w);
  WAIT (few_view_get_snapshot (w->view));
  FewSnapshot *snapshot = few_view_get_snapshot (w->view);
  const FewModelInfo *model = few_desk_get_model (w->desk);
  few_top_classes_set (FEW_TOP_CLASSES (top), snapshot, 0, 0, few_view_get_classes (w->view),
                       model);
  GtkWidget *first = gtk_grid_get_child_at (GTK_GRID (grid), 4, 0);
  g_assert_false (gtk_widget_get_visible (first) || few_lens_alone (snapshot, model, 0, 0, alone));
  world_act (w, "open-model-at", "s", TEST_DATA "/families/siglip-transformers");
  WAIT (few_desk_get_model (w->desk) && few_desk_get_model (w->desk)->independent);
  model = few_desk_get_model (w->desk);
  WAIT (few_snapshot_info (few_view_get_snapshot (w->view))->logit_scale == model->logit_scale
        && few_snapshot_info (few_view_get_snapshot (w->view))->n > 0);
  snapshot = few_view_get_snapshot (w->view);
  g_assert_true (few_lens_alone (snapshot, model, 0, 0, alone));
  few_lens_cosines (snapshot, 0, 0, cosines);
  for (guint c = 0; c < 2; c++)
    g_assert_cmpfloat_with_epsilon (
        alone[c], 1 / (1 + exp (-model->logit_scale * (double) cosines[c] - model->logit_bias)),
        1e-6);
  few_top_classes_set (FEW_TOP_CLASSES (top), snapshot, 0, 0, few_view_get_classes (w->view),
                       model);
  g_autofree char *text =
      g_strdup_printf ("alone: %.0f\u00a0%%", 100 * (double) MAX (alone[0], alone[1]));
  g_assert_true (gtk_widget_get_visible (first));
  g_assert_cmpstr (gtk_label_get_text (GTK_LABEL (first)), ==, text);
  g_object_unref (top);
  world_free (w);
}

/* A tile says what its picture is now, not what it was when the run learned. */
static void
test_relabelled (void)
{
  World *w = world_new ();
  world_import (w);
  world_train (w, 20);
  world_act (w, "page", "s", "inspect");
  GtkWidget *page = GTK_WIDGET (few_window_find_page (w->window, "inspect"));
  GtkWidget *tile = NULL;
  WAIT ((tile = world_find_widget (page, FEW_TYPE_TILE)) && few_tile_get_picture (FEW_TILE (tile)));
  FewPicture *picture = few_tile_get_picture (FEW_TILE (tile));
  GtkWidget *caption = world_find_widget (tile, FEW_TYPE_LINE);
  guint guess = few_view_get_predicted (w->view)[few_view_get_row (w->view, picture)];
  for (guint k = 0; k < 2; k++)
    {
      few_picture_set_class (picture, few_view_get_class (w->view, k));
      g_assert_true (gtk_widget_has_css_class (caption, "mistaken") == (k != guess));
    }
  world_free (w);
}

/* So does the line above what is told of the chosen one. */
static void
test_title_follows (void)
{
  World *w = world_new ();
  world_import (w);
  world_train (w, 20);
  world_act (w, "page", "s", "inspect");
  GtkWidget *page = GTK_WIDGET (few_window_find_page (w->window, "inspect"));
  GtkGridView *grid = GTK_GRID_VIEW (world_find_widget (page, GTK_TYPE_GRID_VIEW));
  WAIT (g_list_model_get_n_items (G_LIST_MODEL (gtk_grid_view_get_model (grid))) > 0);
  gtk_selection_model_select_item (gtk_grid_view_get_model (grid), 0, TRUE);
  for (int number = 1; number <= 2; number++)
    {
      GPtrArray *chosen = few_page_get_chosen (FEW_PAGE (page));
      g_assert_cmpuint (chosen->len, ==, 1);
      world_act (w, "reassign", "i", number);
      g_autofree char *now = g_strdup_printf ("%s · %s", few_picture_get_name (chosen->pdata[0]),
                                              number == 1 ? "dark" : "light");
      WAIT (world_says (page, now));
      g_ptr_array_unref (chosen);
    }
  world_free (w);
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/inspect/confusion", test_confusion);
  g_test_add_func ("/inspect/cell-of-classes", test_cell_of_classes);
  g_test_add_func ("/inspect/pictures-alone", test_pictures_alone);
  g_test_add_func ("/inspect/heads", test_heads);
  g_test_add_func ("/inspect/legend", test_legend);
  g_test_add_func ("/inspect/calibration", test_calibration);
  g_test_add_func ("/inspect/look", test_look);
  g_test_add_func ("/inspect/many-classes", test_many_classes);
  g_test_add_func ("/inspect/alone", test_alone);
  g_test_add_func ("/inspect/relabelled", test_relabelled);
  g_test_add_func ("/inspect/title-follows", test_title_follows);
  return g_test_run ();
}
