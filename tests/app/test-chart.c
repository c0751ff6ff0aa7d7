/* SPDX-License-Identifier: MIT */
/* The curves of a run and the settings of the next one, in process. */
#include "pages/train/few-adapter-settings.h"
#include "pages/train/few-train-page.h"
#include "widgets/few-chart-private.h"
#include "widgets/few-plot-menu.h"
#include "world.h"
#include <math.h>
#include <string.h>

static FewChart *
find_chart (World *w)
{
  GtkWidget *page = GTK_WIDGET (few_window_find_page (w->window, "train"));
  return FEW_CHART (world_find_widget (page, FEW_TYPE_CHART));
}

/* The n-th button of the legend. */
static GtkToggleButton *
find_toggle (FewChart *chart, int n)
{
  GtkWidget *legend = world_find_widget (GTK_WIDGET (chart), GTK_TYPE_FLOW_BOX);
  GtkFlowBoxChild *child = gtk_flow_box_get_child_at_index (GTK_FLOW_BOX (legend), n);
  return GTK_TOGGLE_BUTTON (gtk_flow_box_child_get_child (child));
}

/* The values of an epoch are read out for those who see the chart and for those who do not; a line
 * that is hidden is not read. */
static void
test_readout (void)
{
  World *w = world_new ();
  world_import (w);
  world_train (w, 20);
  FewChart *chart = find_chart (w);
  const FewSnapshotInfo *info = few_snapshot_info (few_view_get_snapshot (w->view));
  g_autofree char *last =
      g_strdup_printf ("Epoch 20 · Loss %.3f · Training %.1f\u00a0%%", info->history[19].loss,
                       100 * info->history[19].train_accuracy);
  g_assert_true (g_str_has_prefix (few_chart_get_readout (chart), last));
  g_assert_nonnull (strstr (few_chart_get_readout (chart), "Zero-shot"));
  GtkWidget *plot = world_find_widget (GTK_WIDGET (chart), GTK_TYPE_DRAWING_AREA);
  gtk_test_accessible_assert_role (GTK_ACCESSIBLE (plot), GTK_ACCESSIBLE_ROLE_IMG);
  world_press (plot, GDK_KEY_Home, 0);
  g_autofree char *first = g_strdup_printf ("Epoch 1 · Loss %.3f", info->history[0].loss);
  g_assert_true (g_str_has_prefix (few_chart_get_readout (chart), first));
  world_press (plot, GDK_KEY_Right, 0);
  g_assert_true (g_str_has_prefix (few_chart_get_readout (chart), "Epoch 2 ·"));
  world_press (plot, GDK_KEY_Left, 0);
  world_press (plot, GDK_KEY_Left, 0);
  g_assert_true (g_str_has_prefix (few_chart_get_readout (chart), "Epoch 1 ·"));
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (plot), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       few_chart_get_readout (chart));
  gtk_toggle_button_set_active (find_toggle (chart, 0), FALSE);
  g_assert_false (few_chart_is_shown (chart, 0));
  g_assert_null (strstr (few_chart_get_readout (chart), "Loss"));
  gtk_toggle_button_set_active (find_toggle (chart, 0), TRUE);
  g_assert_nonnull (strstr (few_chart_get_readout (chart), "Loss"));
  world_free (w);
}

/* Where no picture validates the legend does not name what is not there. */
static void
test_legend (void)
{
  static const float none[] = { NAN, NAN };
  static const float some[] = { NAN, .5f };
  World *w = world_new ();
  world_import (w);
  world_train (w, 2);
  world_act (w, "page", "s", "train");
  FewChart *chart = find_chart (w);
  GtkWidget *validation = GTK_WIDGET (find_toggle (chart, 2));
  g_assert_true (gtk_widget_is_visible (validation));
  few_chart_set (chart, 2, "Validation", none, 2, TRUE, FALSE);
  g_assert_false (gtk_widget_is_visible (validation));
  few_chart_set (chart, 2, "Validation", some, 2, TRUE, FALSE);
  g_assert_true (gtk_widget_is_visible (validation));
  world_free (w);
}

/* ---- settings */

static FewAdapterSettings *
find_settings (World *w)
{
  GtkWidget *page = GTK_WIDGET (few_window_find_page (w->window, "train"));
  return FEW_ADAPTER_SETTINGS (world_find_widget (page, FEW_TYPE_ADAPTER_SETTINGS));
}

static AdwComboRow *
find_preset (World *w)
{
  return ADW_COMBO_ROW (world_find_widget (GTK_WIDGET (find_settings (w)), ADW_TYPE_COMBO_ROW));
}

static gboolean
can_reset (World *w)
{
  GtkWidget *reset = world_find_styled (GTK_WIDGET (find_settings (w)), GTK_TYPE_BUTTON, "flat");
  return gtk_widget_get_visible (reset);
}

/* A preset says when it no longer holds, what differs from it is marked, and Reset takes it back.*/
static void
test_presets (void)
{
  enum { PUBLISHED = 2, CHANGED };
  World *w = world_new ();
  FewAdapterSettings *settings = find_settings (w);
  few_runs_set_method (w->runs, "");
  g_assert_cmpuint (adw_combo_row_get_selected (find_preset (w)), ==, 0);
  g_assert_cmpuint (few_adapter_settings_count_changed (settings), ==, 0);
  g_assert_false (can_reset (w));
  guint64 seed = few_runs_get_job (w->runs)->options.seed;
  GtkWidget *spin = world_find_widget (GTK_WIDGET (settings), GTK_TYPE_SPIN_BUTTON);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin), 777); /* steps */
  g_assert_cmpuint (few_runs_get_job (w->runs)->options.steps, ==, 777);
  g_assert_cmpuint (adw_combo_row_get_selected (find_preset (w)), ==, CHANGED);
  g_assert_cmpuint (few_adapter_settings_count_changed (settings), ==, 1);
  GtkWidget *row = world_find_styled (GTK_WIDGET (settings), ADW_TYPE_ACTION_ROW, "changed");
  g_assert_nonnull (row);
  g_assert_nonnull (
      strstr (adw_action_row_get_subtitle (ADW_ACTION_ROW (row)), "the preset has 1000"));
  g_assert_true (can_reset (w));
  GtkWidget *reset = world_find_styled (GTK_WIDGET (settings), GTK_TYPE_BUTTON, "flat");
  g_signal_emit_by_name (reset, "clicked");
  g_assert_cmpuint (few_runs_get_job (w->runs)->options.steps, ==, 1000);
  g_assert_cmpuint (adw_combo_row_get_selected (find_preset (w)), ==, 0);
  g_assert_false (can_reset (w));
  adw_combo_row_set_selected (find_preset (w), PUBLISHED);
  g_assert_cmpuint (few_runs_get_job (w->runs)->options.epochs, ==, 200);
  g_assert_cmpuint (few_runs_get_job (w->runs)->options.seed, ==, seed);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin), 5);
  g_assert_cmpuint (adw_combo_row_get_selected (find_preset (w)), ==, CHANGED);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin), 0); /* by hand it holds again */
  g_assert_cmpuint (adw_combo_row_get_selected (find_preset (w)), ==, PUBLISHED);
  world_act (w, "undo", NULL);
  g_assert_cmpuint (adw_combo_row_get_selected (find_preset (w)), ==, 0);
  world_free (w);
}

/* ---- taking it along */

static GBytes *
save_plot (GtkWidget *plot, const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  char *data;
  gsize size;
  few_plot_save (plot, path);
  WAIT (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  return g_bytes_new_take (data, size);
}

/* Some of it is drawn and some is not: of another colour than the corner. */
static guint
count_drawn (GdkPixbuf *picture)
{
  const guint8 *pixels = gdk_pixbuf_read_pixels (picture);
  gsize stride = (gsize) gdk_pixbuf_get_rowstride (picture);
  gsize channels = (gsize) gdk_pixbuf_get_n_channels (picture);
  guint drawn = 0;
  for (int y = 0; y < gdk_pixbuf_get_height (picture); y++)
    for (int x = 0; x < gdk_pixbuf_get_width (picture); x++)
      drawn += memcmp (pixels + (gsize) y * stride + (gsize) x * channels, pixels, 3) != 0;
  return drawn;
}

static void
test_taking (void)
{
  World *w = world_new ();
  world_import (w);
  world_train (w, 20);
  world_act (w, "page", "s", "train");
  GtkWidget *chart = GTK_WIDGET (find_chart (w));
  WAIT (gtk_widget_get_mapped (chart) && gtk_widget_get_width (chart) > 0);
  g_autoptr (GBytes) png = save_plot (chart, w->folder, "plot.png");
  g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_bytes (png);
  g_autoptr (GdkPixbuf) picture = gdk_pixbuf_new_from_stream (stream, NULL, NULL);
  g_assert_nonnull (picture);
  g_assert_cmpint (gdk_pixbuf_get_width (picture), ==, 2 * gtk_widget_get_width (chart));
  g_assert_cmpint (gdk_pixbuf_get_height (picture), ==, 2 * gtk_widget_get_height (chart));
  g_assert_cmpuint (count_drawn (picture), >, 1000);

  g_autoptr (GBytes) svg = save_plot (chart, w->folder, "plot.svg");
  g_autofree char *text = g_strndup (g_bytes_get_data (svg, NULL), g_bytes_get_size (svg));
  g_assert_nonnull (strstr (text, "<svg"));
  g_assert_nonnull (strstr (text, "<path")); /* lines, not a picture of them */
  g_autoptr (GInputStream) svg_stream = g_memory_input_stream_new_from_bytes (svg);
  g_autoptr (GdkPixbuf) rendered = gdk_pixbuf_new_from_stream (svg_stream, NULL, NULL);
  g_assert_nonnull (rendered);
  g_assert_cmpuint (count_drawn (rendered), >, 500);

  gtk_widget_activate_action (chart, "plot.copy", NULL);
  WAIT (gdk_content_formats_contain_gtype (
      gdk_clipboard_get_formats (gtk_widget_get_clipboard (chart)), GDK_TYPE_TEXTURE));
  world_free (w);
}

/* Of every length and in every width it comes to an end, and its numbers are round. */
static void
test_drawn (void)
{
  static const guint spans[] = { 1, 2, 3, 5, 20, 21, 24, 25, 50, 201, 249, 1000, 2001, 2499 };
  static const int widths[] = { 1, 60, 120, 160, 200, 240, 400, 900 };
  static const float losses[] = { 0, 1e-38f, .004f, .82f, 1, 7.9f, 1500, INFINITY, NAN };
  g_autofree float *values = g_new (float, 2500);
  GtkWidget *widget = g_object_ref_sink (gtk_drawing_area_new ());
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 900, 200);
  cairo_t *cr = cairo_create (surface);
  for (guint i = 0; i < G_N_ELEMENTS (spans); i++)
    for (guint j = 0; j < G_N_ELEMENTS (widths); j++)
      {
        FewChartData data = { .series = { { .name = (char *) "Loss", .values = values } } };
        data.series[0].n = spans[i];
        for (guint v = 0; v < spans[i]; v++)
          values[v] = losses[(i + j) % G_N_ELEMENTS (losses)];
        few_chart_draw (widget, cr, widths[j], 200, &data);
        g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
        g_assert_cmpuint (few_chart_find (widget, widths[j], &data, 1e9), ==, spans[i]);
      }
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  g_object_unref (widget);
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/chart/readout", test_readout);
  g_test_add_func ("/chart/drawn", test_drawn);
  g_test_add_func ("/chart/legend", test_legend);
  g_test_add_func ("/chart/presets", test_presets);
  g_test_add_func ("/chart/taking", test_taking);
  return g_test_run ();
}
