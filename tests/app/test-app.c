/* SPDX-License-Identifier: MIT */
/* The window, in process: drops, import with bad files, training, α, ranking, undo, export,
 * thumbnails. */
#include "pages/try/few-try-page.h"
#include "pages/inspect/few-inspect-page.h"
#include "pages/examples/few-examples-page.h"
#include "pages/compare/few-compare-page.h"
#include "widgets/few-alpha-bar.h"
#include "pages/inspect/few-class-bars.h"
#include "widgets/few-chart.h"
#include "pages/compare/few-disagreements.h"
#include "widgets/few-heat-map.h"
#include "widgets/few-pair-bar.h"
#include "widgets/few-ranking.h"
#include "pages/compare/few-shots-plot.h"
#include "base/few-settings.h"
#include "widgets/few-thumbnails.h"
#include "world.h"
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

static void
test_import (void)
{
  World *w = world_new ();
  world_import (w);
  GListModel *classes = few_session_get_classes (w->session);
  g_assert_cmpuint (g_list_model_get_n_items (classes), ==, 2);
  g_assert_cmpuint (world_count_state (w, FEW_PICTURE_REFUSED), ==, 1);
  g_assert_cmpuint (world_count_state (w, FEW_PICTURE_DUPLICATE), ==, 1);
  GPtrArray *refused = few_session_get_refused (w->session);
  g_assert_cmpuint (refused->len, ==, 3);
  g_autofree char *all =
      g_strjoin ("\n", refused->pdata[0], refused->pdata[1], refused->pdata[2], NULL);
  g_assert_nonnull (strstr (all, "notes.txt is not a picture file"));
  g_assert_nonnull (strstr (all, "zero.png is empty"));
  g_assert_nonnull (strstr (all, "99-copy.png is the same picture as 00.png"));
  /* the same folder again adds nothing */
  guint before = g_list_model_get_n_items (few_session_get_pictures (w->session));
  guint said = w->messages->len;
  world_drop (GTK_WIDGET (w->window), w->folder);
  WAIT (w->messages->len > said);
  g_assert_cmpuint (g_list_model_get_n_items (few_session_get_pictures (w->session)), ==, before);
  /* zero-shot shows without training */
  g_assert_false (few_snapshot_info (few_session_get_snapshot (w->session))->trained);
  g_assert_cmpuint (few_snapshot_info (few_session_get_snapshot (w->session))->n, ==, 30);
  g_assert_true (world_enabled (w, "train"));
  g_assert_false (world_enabled (w, "export"));
  world_act (w, "dismiss-refused", NULL);
  g_assert_cmpuint (few_session_get_refused (w->session)->len, ==, 0);
  world_free (w);
}

static void
test_drop_on_class (void)
{
  World *w = world_new ();
  world_import (w);
  g_autofree char *more = g_dir_make_tmp ("fewshot-more-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (more, "x.png", NULL);
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 20, 20);
  gdk_pixbuf_fill (pixbuf, 0x804020ff);
  g_assert_true (gdk_pixbuf_save (pixbuf, path, "png", NULL, NULL));
  GtkListBox *list = GTK_LIST_BOX (
      world_find_styled (GTK_WIDGET (w->window), GTK_TYPE_LIST_BOX, "navigation-sidebar"));
  GtkWidget *row = GTK_WIDGET (gtk_list_box_get_row_at_index (list, 1));
  g_autoptr (FewClass) klass = g_list_model_get_item (few_session_get_classes (w->session), 1);
  guint before = few_class_get_count (klass);
  world_drop (row, more);
  WAIT (few_class_get_count (klass) == before + 1);
  g_assert_cmpuint (g_list_model_get_n_items (few_session_get_classes (w->session)), ==, 2);
  world_free (w);
}

static void
test_train_and_alpha (void)
{
  World *w = world_new ();
  world_import (w);
  world_train (w, 40);
  FewSnapshot *snapshot = few_session_get_snapshot (w->session);
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  g_assert_true (info->trained);
  g_assert_true (world_enabled (w, "export"));
  world_act (w, "page", "s", "inspect");
  GListModel *ranked =
      few_inspect_page_get_model (FEW_INSPECT_PAGE (few_window_find_page (w->window, "inspect")));
  WAIT (g_list_model_get_n_items (ranked) == 30);
  static const double alphas[] = { 0, .37, 1 };
  for (guint a = 0; a < G_N_ELEMENTS (alphas); a++)
    {
      g_action_group_change_action_state (G_ACTION_GROUP (w->window), "alpha",
                                          g_variant_new_double (alphas[a]));
      g_assert_cmpfloat (few_session_get_alpha (w->session), ==, alphas[a]);
      GtkWidget *scale = world_find_widget (
          world_find_widget (GTK_WIDGET (w->window), FEW_TYPE_ALPHA_BAR), GTK_TYPE_SCALE);
      g_assert_cmpfloat_with_epsilon (gtk_range_get_value (GTK_RANGE (scale)), alphas[a], 1e-9);
      float previous = -INFINITY;
      for (guint i = 0; i < 30; i++)
        {
          g_autoptr (FewSlot) slot = g_list_model_get_item (ranked, i);
          FewPicture *picture = few_slot_get_item (slot);
          float margin =
              few_session_get_margins (w->session)[few_session_get_row (w->session, picture)];
          g_assert_cmpfloat (margin, >=, previous);
          previous = margin;
        }
      /* what a class's bar shows is what the lens says */
      float before[2], after[2];
      few_lens_class_means (snapshot, alphas[a], before, after);
      for (guint k = 0; k < 2; k++)
        g_assert_cmpfloat (few_class_get_adapted (few_session_get_snapshot_class (w->session, k)),
                           ==, after[k]);
    }
  world_act (w, "filter", "i", 2);
  guint mistaken = 0;
  for (guint i = 0; i < info->n; i++)
    mistaken += few_session_get_predicted (w->session)[i] != info->labels[i];
  g_assert_cmpuint (g_list_model_get_n_items (ranked), ==, mistaken);
  world_act (w, "alpha-trained", NULL);
  g_assert_cmpfloat (few_session_get_alpha (w->session), ==, info->trained_alpha);
  world_act (w, "alpha-by", "d", 0.01);
  g_assert_cmpfloat_with_epsilon (few_session_get_alpha (w->session), info->trained_alpha + .01,
                                  1e-9);
  world_train (w, 10); /* another run: both are kept and can be shown */
  few_session_show_run (w->session, 0);
  g_assert_cmpuint (few_snapshot_info (few_session_get_snapshot (w->session))->epoch, ==, 40);
  gtk_test_accessible_assert_role (
      GTK_ACCESSIBLE (world_find_widget (GTK_WIDGET (w->window), FEW_TYPE_CHART)),
      GTK_ACCESSIBLE_ROLE_IMG);
  gtk_test_accessible_assert_role (
      GTK_ACCESSIBLE (world_find_widget (GTK_WIDGET (w->window), FEW_TYPE_PAIR_BAR)),
      GTK_ACCESSIBLE_ROLE_METER);
  world_free (w);
}

static void
test_pause_stop (void)
{
  World *w = world_new ();
  world_import (w);
  few_session_get_job (w->session)->options.epochs = 100000;
  world_act (w, "train", NULL);
  g_assert_false (world_enabled (w, "train"));
  WAIT (few_snapshot_info (few_session_get_snapshot (w->session))->trained);
  world_act (w, "pause", NULL);
  g_assert_cmpint (few_session_get_training (w->session), ==, FEW_TRAINING_PAUSED);
  world_act (w, "pause", NULL);
  g_assert_cmpint (few_session_get_training (w->session), ==, FEW_TRAINING_RUNNING);
  world_act (w, "stop", NULL);
  WAIT (few_session_get_runs (w->session)->len == 1);
  g_assert_true (((FewRun *) few_session_get_runs (w->session)->pdata[0])->record->stopped);
  g_assert_true (world_enabled (w, "train"));
  world_free (w);
}

static gboolean
shows_results (World *w)
{
  const char *cell = few_compare_page_get_cell (
      FEW_COMPARE_PAGE (few_window_find_page (w->window, "compare")), 0, 2);
  return cell && *cell;
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
  gtk_test_accessible_assert_role (
      GTK_ACCESSIBLE (world_find_widget (GTK_WIDGET (w->window), FEW_TYPE_SHOTS_PLOT)),
      GTK_ACCESSIBLE_ROLE_IMG);
  /* a class that was renamed or removed since leaves the results readable */
  world_act (w, "select-class", "i", 0);
  world_act (w, "remove-class", NULL);
  g_assert_nonnull (few_class_get_name (few_comparison_get_class (comparison, 0)));
  world_act (w, "undo", NULL);

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
  g_assert_cmpstr (gtk_label_get_text (GTK_LABEL (best)), ==, "90 %");
  g_assert_true (gtk_widget_has_css_class (best, "heat-9")
                 && gtk_widget_has_css_class (worst, "heat-0"));
  g_assert_cmpstr (gtk_label_get_text (GTK_LABEL (gtk_grid_get_child_at (GTK_GRID (map), 3, 2))),
                   ==, "");
  g_assert_nonnull (strstr (gtk_widget_get_tooltip_text (best), "90.0 %"));
  g_object_unref (map);
}

static void
test_remove_undo (void)
{
  World *w = world_new ();
  world_import (w);
  FewExamplesPage *examples = FEW_EXAMPLES_PAGE (few_window_find_page (w->window, "examples"));
  GtkWidget *grid = world_find_widget (GTK_WIDGET (examples), GTK_TYPE_GRID_VIEW);
  GtkSelectionModel *selection = gtk_grid_view_get_model (GTK_GRID_VIEW (grid));
  GListModel *pictures = few_session_get_pictures (w->session);
  guint n = g_list_model_get_n_items (pictures);
  gtk_selection_model_select_range (selection, 0, 5, TRUE);
  world_act (w, "remove", NULL);
  g_assert_cmpuint (g_list_model_get_n_items (pictures), ==, n - 5);
  world_act (w, "undo", NULL);
  g_assert_cmpuint (g_list_model_get_n_items (pictures), ==, n);
  g_autoptr (FewClass) dark = g_list_model_get_item (few_session_get_classes (w->session), 0);
  g_autoptr (FewClass) light = g_list_model_get_item (few_session_get_classes (w->session), 1);
  guint before = few_class_get_count (light);
  few_examples_page_set_class (examples, dark);
  gtk_selection_model_select_range (selection, 0, 3, TRUE);
  world_act (w, "reassign", "i", 2);
  g_assert_cmpuint (few_class_get_count (light), ==, before + 3);
  world_act (w, "remove-class", NULL);
  g_assert_cmpuint (g_list_model_get_n_items (few_session_get_classes (w->session)), ==, 1);
  g_assert_false (world_enabled (w, "train")); /* one class is not enough */
  world_act (w, "undo", NULL);
  g_assert_cmpuint (g_list_model_get_n_items (few_session_get_classes (w->session)), ==, 2);
  g_assert_cmpuint (g_list_model_get_n_items (pictures), ==, n);
  g_assert_false (few_session_rename_class (w->session, dark, "light"));
  g_assert_true (few_session_rename_class (w->session, dark, "밤"));
  g_assert_cmpstr (few_class_get_name (dark), ==, "밤");
  world_free (w);
}

static void
test_export (void)
{
  World *w = world_new ();
  world_import (w);
  world_train (w, 20);
  g_autofree char *path = g_build_filename (w->folder, "어댑터.safetensors", NULL);
  world_act (w, "export-to", "s", path);
  WAIT (w->exported == 1);
  g_assert_cmpuint (w->total, ==, 30);
  g_assert_cmpuint (w->agree, ==, 30);
  g_autoptr (GError) error = NULL;
  g_autoptr (FewAdapter) adapter = few_adapter_load (path, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat_with_epsilon (few_adapter_info (adapter)->alpha,
                                  few_session_get_alpha (w->session), 1e-6);
  guint said = w->messages->len;
  world_act (w, "export-to", "s", "/nonexistent/folder/a.safetensors");
  WAIT (w->messages->len > said);
  g_assert_nonnull (
      strstr (w->messages->pdata[w->messages->len - 1], "/nonexistent/folder/a.safetensors"));
  world_free (w);
}

static gboolean
is_written (const char *path, char **text)
{
  g_clear_pointer (text, g_free);
  return g_file_get_contents (path, text, NULL, NULL) && **text;
}

/* The report says what the lens says; the table has a line for every picture; a class called
 * “<b>” stays text. */
static void
test_report (void)
{
  World *w = world_new ();
  world_import (w);
  g_autoptr (FewClass) light = g_list_model_get_item (few_session_get_classes (w->session), 1);
  g_assert_true (few_session_rename_class (w->session, light, "<b>"));
  g_assert_false (world_enabled (w, "export-report"));
  world_train (w, 20);
  few_session_set_alpha (w->session, .25);
  g_autofree char *page_path = g_build_filename (w->folder, "r.html", NULL);
  g_autofree char *table_path = g_build_filename (w->folder, "r.csv", NULL);
  g_autofree char *onnx_path = g_build_filename (w->folder, "r.onnx", NULL);
  g_autofree char *page = NULL;
  g_autofree char *table = NULL;
  g_autofree char *onnx = NULL;
  world_act (w, "export-to", "s", page_path);
  world_act (w, "export-to", "s", table_path);
  world_act (w, "export-to", "s", onnx_path);
  WAIT (is_written (page_path, &page) && is_written (table_path, &table)
        && is_written (onnx_path, &onnx) && w->exported == 1);
  FewSnapshot *snapshot = few_session_get_snapshot (w->session);
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  g_autofree char *after = g_strdup_printf ("<td>%.1f %% (95 %% interval",
                                            100 * few_lens_accuracy (snapshot, FEW_ROLE_TEST, .25));
  g_autofree char *before = g_strdup_printf ("<th>CLIP alone</th><td>%.1f %%</td>",
                                             100 * few_lens_accuracy (snapshot, FEW_ROLE_TEST, 0));
  g_assert_nonnull (strstr (page, after));
  g_assert_nonnull (strstr (page, before));
  g_assert_nonnull (strstr (page, "<th>&lt;b&gt;</th>"));
  g_assert_null (strstr (page, "<b>"));
  g_auto (GStrv) lines = g_strsplit (table, "\r\n", -1);
  /* the header, and what follows the last end of line */
  g_assert_cmpuint (g_strv_length (lines), ==, info->n + 2);
  for (guint i = 0; i < info->n; i++)
    {
      g_auto (GStrv) fields = g_strsplit (lines[i + 1], ",", -1);
      g_assert_cmpuint (g_strv_length (fields), ==, 8);
      g_assert_cmpstr (fields[4], ==,
                       few_class_get_name (few_session_get_snapshot_class (
                           w->session, few_session_get_predicted (w->session)[i])));
      g_assert_cmpfloat_with_epsilon (g_ascii_strtod (fields[7], NULL),
                                      few_session_get_margins (w->session)[i], 1e-5);
    }
  world_free (w);
}

/* Another model: everything is encoded again, runs of the old one stay in the list, training
 * works with the new one. */
static void
test_other_model (void)
{
  World *w = world_new ();
  world_import (w);
  world_train (w, 10);
  guint dim = few_session_get_model (w->session)->dim;
  world_act (w, "open-model-at", "s", "/nonexistent/model");
  WAIT (w->messages->len > 0
        && strstr (w->messages->pdata[w->messages->len - 1], "/nonexistent/model"));
  g_assert_cmpuint (few_session_get_model (w->session)->dim, ==, dim);
  world_act (w, "open-model-at", "s", TEST_DATA "/golden/resnet");
  WAIT (g_str_equal (few_session_get_model (w->session)->name, "resnet"));
  WAIT (!few_snapshot_info (few_session_get_snapshot (w->session))->trained
        && few_snapshot_info (few_session_get_snapshot (w->session))->n == 30);
  world_train (w, 10);
  g_assert_cmpuint (few_session_get_runs (w->session)->len, ==, 2);
  world_free (w);
}

/* A picture in the clipboard joins the class in view. */
static void
test_paste (void)
{
  World *w = world_new ();
  world_import (w);
  g_autoptr (FewClass) light = g_list_model_get_item (few_session_get_classes (w->session), 1);
  guint before = few_class_get_count (light);
  guint said = w->messages->len;
  world_act (w, "select-class", "i", 1);
  GdkClipboard *clipboard = gtk_widget_get_clipboard (GTK_WIDGET (w->window));
  gdk_clipboard_set_text (clipboard, "no picture");
  world_act (w, "paste", NULL);
  for (guint i = 0; i < 50; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (few_class_get_count (light), ==, before);
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 30, 30);
  gdk_pixbuf_fill (pixbuf, g_random_int () << 8 | 0xff);
  g_autoptr (GdkTexture) texture = gdk_texture_new_for_pixbuf (pixbuf);
  gdk_clipboard_set_texture (clipboard, texture);
  world_act (w, "paste", NULL);
  WAIT (few_class_get_count (light) == before + 1);
  g_assert_cmpuint (w->messages->len, ==, said);
  world_free (w);
}

/* 3,000 pictures: the grid stays within its texture budget while it scrolls. */
static void
test_thumbnails (void)
{
  World *w = world_new ();
  g_autofree char *sub = g_build_filename (w->folder, "many", NULL);
  g_mkdir (sub, 0700);
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 32, 32);
  for (guint i = 0; i < 3000; i++)
    {
      g_autofree char *name = g_strdup_printf ("%04u.bmp", i);
      g_autofree char *path = g_build_filename (sub, name, NULL);
      gdk_pixbuf_fill (pixbuf, i << 12 | 0xff);
      g_assert_true (gdk_pixbuf_save (pixbuf, path, "bmp", NULL, NULL));
    }
  world_drop (GTK_WIDGET (w->window), sub);
  WAIT (world_count_state (w, FEW_PICTURE_READY) == 3000);
  GtkWidget *grid = world_find_widget (
      GTK_WIDGET (FEW_EXAMPLES_PAGE (few_window_find_page (w->window, "examples"))),
      GTK_TYPE_GRID_VIEW);
  GtkAdjustment *scroll = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (grid));
  FewThumbnails *thumbnails = few_window_get_thumbnails (w->window);
  /* laid out */
  WAIT (few_thumbnails_get_kept (thumbnails) > 0 && gtk_adjustment_get_upper (scroll) > 10000);
  double range = gtk_adjustment_get_upper (scroll) - gtk_adjustment_get_page_size (scroll);
  for (guint i = 0; i <= 60; i++)
    {
      guint frames = 4;
      gtk_adjustment_set_value (scroll, range * i / 60);
      for (gint64 until = g_get_monotonic_time () + frames * 16000;
           g_get_monotonic_time () < until;)
        g_main_context_iteration (NULL, FALSE);
      g_assert_cmpuint (few_thumbnails_get_kept (thumbnails), <=, FEW_THUMBNAILS_KEPT);
    }
  WAIT (few_thumbnails_get_kept (thumbnails) > 300);
  g_autoptr (FewPicture) last = g_list_model_get_item (few_session_get_pictures (w->session), 2999);
  WAIT (few_picture_get_texture (last));
  world_free (w);
}

static void
count_change_cb (GListModel *model, guint position, guint removed, guint added, guint *log)
{
  log[0]++;
  log[1] = position;
  log[2] = removed;
  log[3] = added;
}

static void
count_notify_cb (guint *count)
{
  ++*count;
}

/* The same length in another order: no items-changed, only the slots that hold something else
 * speak. */
static void
test_ranking (void)
{
  g_autoptr (FewRanking) ranking = few_ranking_new ();
  g_autoptr (GPtrArray) classes = g_ptr_array_new_with_free_func (g_object_unref);
  guint log[4] = { 0 };
  guint moved = 0;
  g_signal_connect (ranking, "items-changed", G_CALLBACK (count_change_cb), log);
  for (guint i = 0; i < 4; i++)
    g_ptr_array_add (classes, few_class_new (i + 1, "x"));
  FewSlot *slots[4] = { NULL };
  static const guint orders[][4] = { { 0, 1, 2, 3 }, { 0, 1, 2, 3 }, { 0, 2, 1, 3 } };
  for (guint r = 0; r < 3; r++)
    {
      GPtrArray *items = g_ptr_array_new_with_free_func (g_object_unref);
      for (guint i = 0; i < 4; i++)
        g_ptr_array_add (items, g_object_ref (classes->pdata[orders[r][i]]));
      few_ranking_take (ranking, items);
      for (guint i = 0; r == 0 && i < 4; i++)
        {
          slots[i] = g_list_model_get_item (G_LIST_MODEL (ranking), i);
          g_signal_connect_swapped (slots[i], "notify::item", G_CALLBACK (count_notify_cb), &moved);
        }
      for (guint i = 0; i < 4; i++)
        g_assert_true (few_slot_get_item (slots[i]) == classes->pdata[orders[r][i]]);
    }
  g_assert_cmpuint (log[0], ==, 1);
  g_assert_cmpuint (moved, ==, 2);
  GPtrArray *shorter = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (shorter, g_object_ref (classes->pdata[0]));
  few_ranking_take (ranking, shorter);
  g_assert_cmpuint (log[1], ==, 1);
  g_assert_cmpuint (log[2], ==, 3);
  g_assert_cmpuint (log[3], ==, 0);
  g_assert_null (few_slot_get_item (slots[3]));
  for (guint i = 0; i < 4; i++)
    g_object_unref (slots[i]);
}

/* The newest window of a type that is no FewWindow. */
static GtkWindow *
other_window (GType type)
{
  GListModel *windows = gtk_window_get_toplevels ();
  for (guint i = g_list_model_get_n_items (windows); i > 0; i--)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i - 1);
      if (G_TYPE_CHECK_INSTANCE_TYPE (window, type) && !FEW_IS_WINDOW (window))
        return window;
    }
  return NULL;
}

/* About has the facts that somebody who helps will ask for; preferences take effect and are
 * remembered. */
static void
test_about_preferences (void)
{
  World *w = world_new ();
  GApplication *application = G_APPLICATION (gtk_window_get_application (GTK_WINDOW (w->window)));
  world_import (w);
  g_action_group_activate_action (G_ACTION_GROUP (application), "about", NULL);
  GtkWindow *about = other_window (ADW_TYPE_ABOUT_WINDOW);
  g_assert_nonnull (about);
  const FewModelInfo *model = few_session_get_model (w->session);
  const char *facts = adw_about_window_get_debug_info (ADW_ABOUT_WINDOW (about));
  g_assert_nonnull (strstr (facts, model->sha256));
  g_assert_nonnull (strstr (facts, model->device));
  g_assert_nonnull (strstr (facts, "2 classes, 32 pictures, 0 missing, 0 runs"));
  gtk_window_destroy (about);
  g_action_group_activate_action (G_ACTION_GROUP (application), "preferences", NULL);
  GtkWindow *preferences = other_window (ADW_TYPE_PREFERENCES_WINDOW);
  g_assert_nonnull (preferences);
  GtkWidget *style = world_find_widget (GTK_WIDGET (preferences), ADW_TYPE_COMBO_ROW);
  adw_combo_row_set_selected (ADW_COMBO_ROW (style), 2);
  g_assert_true (adw_style_manager_get_dark (adw_style_manager_get_default ()));
  adw_combo_row_set_selected (ADW_COMBO_ROW (style), 0);
  g_assert_cmpint (g_settings_get_enum (few_settings (), "style"), ==, 0);
  g_settings_set_string (few_settings (), "model", TEST_DATA "/golden/resnet");
  g_autofree char *preferred = few_settings_model ();
  g_assert_cmpstr (preferred, ==, TEST_DATA "/golden/resnet");
  /* gone: the built-in one */
  g_settings_set_string (few_settings (), "model", "/nonexistent/model");
  g_autofree char *pocket = few_settings_model ();
  g_assert_cmpstr (pocket, ==, TEST_DATA "/golden/vit");
  g_settings_reset (few_settings (), "model");
  static const char *const devices[][3] = {
    { "auto", "recommended", "auto" }, { "auto", "f32", "auto:f32" },
    { "auto", "bf16", "auto:bf16" },   { "cpu", "f32", "cpu" },
    { "cpu", "bf16", "cpu:bf16" },     { "cuda:1", "recommended", "cuda:1" },
    { "cuda:1", "f32", "cuda:1:f32" }, { "cuda:1", "bf16", "cuda:1" }
  };
  for (guint i = 0; i < G_N_ELEMENTS (devices); i++)
    {
      g_settings_set_string (few_settings (), "device", devices[i][0]);
      g_settings_set_string (few_settings (), "precision", devices[i][1]);
      g_autofree char *device = few_settings_device ();
      g_assert_cmpstr (device, ==, devices[i][2]);
    }
  g_settings_reset (few_settings (), "device");
  g_settings_reset (few_settings (), "precision");
  gtk_window_destroy (preferences);
  world_train (w, 5);
  world_act (w, "alpha-table", NULL);
  world_act (w, "training-table", NULL);
  GtkWindow *table = other_window (ADW_TYPE_WINDOW);
  GtkWidget *view = world_find_widget (GTK_WIDGET (table), GTK_TYPE_COLUMN_VIEW);
  g_assert_cmpuint (
      g_list_model_get_n_items (G_LIST_MODEL (gtk_column_view_get_model (GTK_COLUMN_VIEW (view)))),
      ==, 5);
  world_free (w);
}

/* Prints what a widget and its children need, for the one that needs too much. */
static void
print_needs (GtkWidget *widget, int depth, int limit)
{
  int minimum;
  gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  if (minimum <= limit)
    return;
  g_printerr ("%*s%s (%s) needs %d\n", 2 * depth, "", G_OBJECT_TYPE_NAME (widget),
              gtk_widget_get_name (widget), minimum);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    print_needs (child, depth + 1, limit);
}

/* No page needs more than the 360 pixels of a phone, whatever it shows. */
static void
test_narrow (void)
{
  enum { NARROW = 360 };
  static const char *const pages[] = { "examples", "train", "inspect", "try", "compare" };
  World *w = world_new ();
  gtk_window_set_default_size (GTK_WINDOW (w->window), NARROW, 700);
  world_import (w);
  world_train (w, 5);
  g_autofree char *dark = g_build_filename (w->folder, "dark", NULL);
  world_act (w, "try-path", "s", dark);
  WAIT (few_try_page_get_selected (FEW_TRY_PAGE (few_window_find_page (w->window, "try")))
        && !few_session_is_trying (w->session));
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    for (int view = 0; view < 4; view++)
      {
        int minimum = 0;
        world_act (w, "page", "s", pages[i]);
        world_act (w, "view", "i", view);
        for (gint64 until = g_get_monotonic_time () + G_USEC_PER_SEC / 10;
             g_get_monotonic_time () < until;)
          g_main_context_iteration (NULL, FALSE);
        gtk_widget_measure (GTK_WIDGET (w->window), GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL,
                            NULL, NULL);
        if (minimum > NARROW)
          print_needs (GTK_WIDGET (w->window), 0, NARROW - 30);
        g_assert_cmpint (minimum, <=, NARROW);
      }
  world_free (w);
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/app/ranking", test_ranking);
  g_test_add_func ("/app/import", test_import);
  g_test_add_func ("/app/drop-on-class", test_drop_on_class);
  g_test_add_func ("/app/train-and-alpha", test_train_and_alpha);
  g_test_add_func ("/app/pause-stop", test_pause_stop);
  g_test_add_func ("/app/compare", test_compare);
  g_test_add_func ("/app/heat-map", test_heat_map);
  g_test_add_func ("/app/remove-undo", test_remove_undo);
  g_test_add_func ("/app/export", test_export);
  g_test_add_func ("/app/about-preferences", test_about_preferences);
  g_test_add_func ("/app/narrow", test_narrow);
  g_test_add_func ("/app/report", test_report);
  g_test_add_func ("/app/other-model", test_other_model);
  g_test_add_func ("/app/paste", test_paste);
  g_test_add_func ("/app/thumbnails", test_thumbnails);
  return g_test_run ();
}
