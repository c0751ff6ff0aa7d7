/* SPDX-License-Identifier: MIT */
/* The window as a whole: about, preferences, its least width; lists whose items keep places. */
#include "base/few-percent.h"
#include "base/few-settings.h"
#include "pages/try/few-try-page.h"
#include "widgets/few-alpha-bar.h"
#include "widgets/few-ranking.h"
#include "widgets/few-table-text.h"
#include "world.h"
#include <adwaita.h>
#include <math.h>
#include <string.h>

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
  const FewModelInfo *model = few_desk_get_model (w->desk);
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
    { "auto", "fast", "auto:fast" },   { "cpu", "f32", "cpu" },
    { "cpu", "fast", "cpu:fast" },     { "cuda:1", "recommended", "cuda:1" },
    { "cuda:1", "f32", "cuda:1:f32" }, { "cuda:1", "fast", "cuda:1" }
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

static void
test_percent (void)
{
  g_autofree char *some = few_percent (.8749, 1);
  g_autofree char *whole = few_percent (1, 0);
  g_autofree char *unknown = few_percent (NAN, 1);
  g_assert_cmpstr (some, ==, "87.5\u00a0%");
  g_assert_cmpstr (whole, ==, "100\u00a0%");
  g_assert_cmpstr (unknown, ==, "–");
}

/* A table in the three forms that other programs take. */
static void
test_table_text (void)
{
  static const char *const titles[] = { "Class", "a|b", NULL };
  g_autoptr (GtkStringList) rows = gtk_string_list_new (
      (const char *const[]) { "nut, \"small\"\t1.5\u00a0%", "=cmd\tx\\y", NULL });
  GListModel *model = G_LIST_MODEL (rows);
  g_autofree char *tabs = few_table_text (titles, model, FEW_TABLE_TABS);
  g_autofree char *csv = few_table_text (titles, model, FEW_TABLE_CSV);
  g_autofree char *markdown = few_table_text (titles, model, FEW_TABLE_MARKDOWN);
  g_assert_cmpstr (tabs, ==, "Class\ta|b\nnut, \"small\"\t1.5 %\n=cmd\tx\\y\n");
  g_assert_true (g_str_has_prefix (csv, "Class,a|b"));
  g_assert_nonnull (strstr (csv, "\"nut, \"\"small\"\"\",1.5 %"));
  g_assert_null (strstr (csv, "\n=cmd"));
  g_assert_cmpstr (markdown, ==,
                   "| Class | a\\|b |\n|---|---|\n| nut, \"small\" | 1.5 % |\n"
                   "| =cmd | x\\\\y |\n");
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
  WAIT (g_list_model_get_n_items (few_trials_get_list (w->trials)) > 0
        && !few_trials_is_trying (w->trials));
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

/* Names that say little to who has not read of CLIP are explained where they stand, by a tooltip
 * and to screen readers; of a model that a person has chosen nothing is said. */
static void
test_explained (void)
{
  World *w = world_new ();
  world_import (w);
  GtkWidget *bar = world_find_widget (GTK_WIDGET (w->window), FEW_TYPE_ALPHA_BAR);
  GtkWidget *scale = world_find_widget (bar, GTK_TYPE_SCALE);
  GtkWidget *label = world_find_label (bar, "0 · Original CLIP");
  const char *words = gtk_widget_get_tooltip_text (scale);
  g_assert_true (words && strstr (words, "by their names alone"));
  g_assert_cmpstr (gtk_widget_get_tooltip_text (gtk_widget_get_parent (label)), ==, words);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (scale), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       words);
  GtkWidget *title = world_find_widget (GTK_WIDGET (w->window), ADW_TYPE_VIEW_SWITCHER_TITLE);
  const char *model = gtk_widget_get_tooltip_text (title);
  g_assert_true (model && strstr (model, "built-in model"));
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (title), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       model);
  world_act (w, "open-model-at", "s", TEST_DATA "/families/dinov2");
  WAIT (!gtk_widget_get_tooltip_text (title));
  world_free (w);
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/app/percent", test_percent);
  g_test_add_func ("/app/ranking", test_ranking);
  g_test_add_func ("/app/about-preferences", test_about_preferences);
  g_test_add_func ("/app/table-text", test_table_text);
  g_test_add_func ("/app/narrow", test_narrow);
  g_test_add_func ("/app/explained", test_explained);
  return g_test_run ();
}
