/* SPDX-License-Identifier: MIT */
/* The table of Try, in process: counted, filtered, sorted, several chosen at once. */
#include "pages/try/few-try-page.h"
#include "widgets/few-columns.h"
#include "world.h"
#include <math.h>
#include <string.h>

static gboolean
is_descending (GListModel *model)
{
  for (guint i = 0; i + 1 < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (FewTrial) a = g_list_model_get_item (model, i);
      g_autoptr (FewTrial) b = g_list_model_get_item (model, i + 1);
      if (isfinite (few_trial_get_cosine (a)) && isfinite (few_trial_get_cosine (b))
          && few_trial_get_cosine (a) < few_trial_get_cosine (b))
        return FALSE;
    }
  return TRUE;
}

/* FALSE: the list has no such entry. */
static gboolean
choose_entry (GtkDropDown *list, const char *words)
{
  GListModel *entries = gtk_drop_down_get_model (list);
  for (guint i = 0; i < g_list_model_get_n_items (entries); i++)
    {
      g_autoptr (GtkStringObject) entry = g_list_model_get_item (entries, i);
      if (g_str_equal (gtk_string_object_get_string (entry), words))
        {
          gtk_drop_down_set_selected (list, i);
          return TRUE;
        }
    }
  return FALSE;
}

static const char *
get_entry (GtkDropDown *list)
{
  GtkStringObject *entry = gtk_drop_down_get_selected_item (list);
  return entry ? gtk_string_object_get_string (entry) : NULL;
}

static guint
count_answers (World *w, FewClass *klass)
{
  GListModel *trials = few_trials_get_list (w->trials);
  guint n = 0;
  for (guint i = 0; i < g_list_model_get_n_items (trials); i++)
    {
      g_autoptr (FewTrial) trial = g_list_model_get_item (trials, i);
      n += few_trial_get_class (trial) == klass;
    }
  return n;
}

/* What is answered later is listed as what is answered before. */
static void
test_filtered_before (void)
{
  World *w = world_new ();
  world_import (w);
  world_train (w, 20);
  few_trials_set_keep (w->trials, 1);
  GtkWidget *page = GTK_WIDGET (few_window_find_page (w->window, "try"));
  GListModel *model = few_try_page_get_model (FEW_TRY_PAGE (page));
  GtkWidget *search = world_find_widget (page, GTK_TYPE_SEARCH_ENTRY);
  gtk_editable_set_text (GTK_EDITABLE (search), "light");
  world_act (w, "try-path", "s", w->folder);
  WAIT (world_has_tried (w, 32));
  g_autoptr (FewClass) light = g_list_model_get_item (few_examples_get_classes (w->examples), 1);
  WAIT (g_list_model_get_n_items (model) == count_answers (w, light));
  world_free (w);
}

/* Counts say what there is, and filter by it; α moves both. Probabilities filter, too. */
static void
test_counts (void)
{
  World *w = world_new ();
  world_import (w);
  world_train (w, 20);
  few_trials_set_keep (w->trials, 1);
  world_act (w, "try-path", "s", w->folder);
  WAIT (world_has_tried (w, 32));
  GtkWidget *page = GTK_WIDGET (few_window_find_page (w->window, "try"));
  GListModel *model = few_try_page_get_model (FEW_TRY_PAGE (page));
  GtkDropDown *show = GTK_DROP_DOWN (world_find_widget (page, GTK_TYPE_DROP_DOWN));
  GtkDropDown *sure = GTK_DROP_DOWN (gtk_widget_get_next_sibling (GTK_WIDGET (show)));
  g_autoptr (FewClass) dark = g_list_model_get_item (few_examples_get_classes (w->examples), 0);
  guint n = count_answers (w, dark);
  g_autofree char *entry = g_strdup_printf ("dark · %u", n);
  WAIT (choose_entry (show, entry));
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, n);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (FewTrial) trial = g_list_model_get_item (model, i);
      g_assert_true (few_trial_get_class (trial) == dark);
    }
  few_trials_set_keep (w->trials, .5); /* some become none of these: the entry follows */
  guint fewer = count_answers (w, dark);
  g_assert_cmpuint (fewer, <, n);
  WAIT (g_list_model_get_n_items (model) == fewer);
  g_autofree char *now = g_strdup_printf ("dark · %u", fewer);
  WAIT (g_strcmp0 (get_entry (show), now) == 0);
  few_trials_set_keep (w->trials, 1);
  WAIT (choose_entry (show, "All · 32"));
  gtk_drop_down_set_selected (sure, 1);
  guint below = g_list_model_get_n_items (model);
  gtk_drop_down_set_selected (sure, 3);
  guint above = g_list_model_get_n_items (model);
  for (guint i = 0; i < above; i++)
    {
      g_autoptr (FewTrial) trial = g_list_model_get_item (model, i);
      g_assert_cmpfloat (few_trial_get_probability (trial), >=, .8);
    }
  g_assert_cmpuint (below + above, <=, 31); /* the unreadable one is neither */
  g_assert_cmpuint (above, >, 0);
  world_free (w);
}

static GtkDropDown *
find_list_of_classes (GtkWidget *root)
{
  if (GTK_IS_DROP_DOWN (root) && gtk_drop_down_get_model (GTK_DROP_DOWN (root))
      && g_list_model_get_item_type (gtk_drop_down_get_model (GTK_DROP_DOWN (root)))
             == FEW_TYPE_CLASS)
    return GTK_DROP_DOWN (root);
  for (GtkWidget *child = gtk_widget_get_first_child (root); child;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkDropDown *found = find_list_of_classes (child);
      if (found)
        return found;
    }
  return NULL;
}

/* All that are chosen become examples in one step. */
static void
test_add_several (void)
{
  World *w = world_new ();
  world_import (w);
  g_autofree char *other = g_dir_make_tmp ("fewshot-try-XXXXXX", NULL);
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 30, 30);
  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%u.png", other, i);
      gdk_pixbuf_fill (pixbuf, 0x773311ff + (i << 26));
      g_assert_true (gdk_pixbuf_save (pixbuf, path, "png", NULL, NULL));
    }
  world_act (w, "try-path", "s", other);
  WAIT (world_has_tried (w, 4));
  FewTryPage *page = FEW_TRY_PAGE (few_window_find_page (w->window, "try"));
  GtkWidget *table = world_find_widget (GTK_WIDGET (page), GTK_TYPE_COLUMN_VIEW);
  GtkSelectionModel *selection = gtk_column_view_get_model (GTK_COLUMN_VIEW (table));
  g_autoptr (FewTrial) second = g_list_model_get_item (G_LIST_MODEL (selection), 1);
  gtk_selection_model_select_range (selection, 1, 3, TRUE);
  g_autoptr (GPtrArray) chosen = few_try_page_get_chosen (page);
  g_assert_cmpuint (chosen->len, ==, 3);
  g_assert_true (chosen->pdata[0] == second);
  g_autoptr (FewClass) light = g_list_model_get_item (few_examples_get_classes (w->examples), 1);
  guint before = few_class_get_count (light);
  GtkDropDown *belongs = find_list_of_classes (GTK_WIDGET (page));
  g_assert_true (gtk_drop_down_get_selected_item (belongs) == few_trial_get_nearest (second));
  world_act (w, "try-add", "i", 2);
  WAIT (few_class_get_count (light) == before + 3);
  WAIT (g_strcmp0 (few_session_get_undo (w->session), "Add 3 Pictures") == 0);
  world_free (w);
}

/* The table is filtered by words and by what was recognised, and sorted by a column. */
static void
test_table (void)
{
  World *w = world_new ();
  world_import (w);
  world_train (w, 20);
  few_trials_set_keep (w->trials, 1);
  world_act (w, "try-path", "s", w->folder);
  WAIT (world_has_tried (w, 32));
  FewTryPage *page = FEW_TRY_PAGE (few_window_find_page (w->window, "try"));
  GListModel *model = few_try_page_get_model (page);
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, 32);
  GtkWidget *search = world_find_widget (GTK_WIDGET (page), GTK_TYPE_SEARCH_ENTRY);
  GtkDropDown *show = GTK_DROP_DOWN (world_find_widget (GTK_WIDGET (page), GTK_TYPE_DROP_DOWN));
  gtk_editable_set_text (GTK_EDITABLE (search), "0");
  WAIT (g_list_model_get_n_items (model) < 32);
  gtk_editable_set_text (GTK_EDITABLE (search), "ZERO");
  WAIT (g_list_model_get_n_items (model) == 1);
  gtk_editable_set_text (GTK_EDITABLE (search), "");
  WAIT (g_list_model_get_n_items (model) == 32);
  WAIT (choose_entry (show, "Unreadable · 1"));
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, 1);
  GtkColumnView *table =
      GTK_COLUMN_VIEW (world_find_widget (GTK_WIDGET (page), GTK_TYPE_COLUMN_VIEW));
  WAIT (world_says (GTK_WIDGET (table), "Unreadable")); /* no path, cut off */
  g_assert_true (choose_entry (show, "All · 32"));
  g_autoptr (GtkColumnViewColumn) cosine =
      g_list_model_get_item (gtk_column_view_get_columns (table), 3);
  gtk_column_view_sort_by_column (table, cosine, GTK_SORT_DESCENDING);
  WAIT (is_descending (model)); /* sorted in slices */
  few_view_set_alpha (w->view, .2); /* and follows */
  WAIT (is_descending (model));
  world_free (w);
}

/* Whether no label below root lacks room for its words. */
static gboolean
is_whole (GtkWidget *root)
{
  if (GTK_IS_LABEL (root) && gtk_widget_get_mapped (root)
      && pango_layout_is_ellipsized (gtk_label_get_layout (GTK_LABEL (root))))
    return FALSE;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child;
       child = gtk_widget_get_next_sibling (child))
    if (!is_whole (child))
      return FALSE;
  return TRUE;
}

static guint
count_visible_columns (GtkColumnView *table)
{
  GListModel *columns = gtk_column_view_get_columns (table);
  guint n = 0;
  for (guint i = 0; i < g_list_model_get_n_items (columns); i++)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (columns, i);
      n += gtk_column_view_column_get_visible (column);
    }
  return n;
}

/* In a narrow window, and where letters are large, a picture, its answer and its probability are
 * whole, and nothing has to be scrolled sideways. */
static void
test_narrow (void)
{
  World *w = world_new ();
  g_autofree char *dark = g_build_filename (w->folder, "dark", NULL);
  world_import (w);
  few_trials_set_keep (w->trials, 1);
  world_act (w, "try-path", "s", dark);
  WAIT (g_list_model_get_n_items (few_trials_get_list (w->trials)) > 1
        && !few_trials_is_trying (w->trials));
  world_act (w, "page", "s", "try");
  GtkWidget *page = GTK_WIDGET (few_window_find_page (w->window, "try"));
  GtkColumnView *table = GTK_COLUMN_VIEW (world_find_widget (page, GTK_TYPE_COLUMN_VIEW));
  GtkAdjustment *across = gtk_scrollable_get_hadjustment (GTK_SCROLLABLE (table));
  WAIT (count_visible_columns (table) == 5);
  gtk_window_set_default_size (GTK_WINDOW (w->window), 360, 700);
  for (int percent = 100; percent <= 200; percent += 50)
    {
      g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", 96 * 1024 * percent / 100, NULL);
      world_wait_for_frames (GTK_WIDGET (w->window), 3);
      WAIT (count_visible_columns (table) == 3);
      WAIT (gtk_adjustment_get_upper (across) <= gtk_adjustment_get_page_size (across));
      WAIT (is_whole (GTK_WIDGET (table)));
    }
  g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", 96 * 1024, NULL);
  gtk_window_set_default_size (GTK_WINDOW (w->window), 1000, 700);
  WAIT (count_visible_columns (table) == 5);
  world_free (w);
}

/* What a cell of a row says; the row has a picture first. */
static const char *
cell_says (GtkWidget *row, guint column)
{
  GtkWidget *cell = gtk_widget_get_first_child (row);
  for (guint i = 0; i < column; i++)
    cell = gtk_widget_get_next_sibling (cell);
  return gtk_label_get_text (GTK_LABEL (world_find_widget (cell, GTK_TYPE_LABEL)));
}

/* The probability is that of the answer: a picture that is none of these has none. */
static void
test_refused (void)
{
  World *w = world_new ();
  g_autofree char *dark = g_build_filename (w->folder, "dark", NULL);
  world_import (w);
  few_trials_set_keep (w->trials, .5);
  world_act (w, "try-path", "s", dark);
  WAIT (g_list_model_get_n_items (few_trials_get_list (w->trials)) > 1
        && !few_trials_is_trying (w->trials));
  world_act (w, "page", "s", "try");
  GtkWidget *page = GTK_WIDGET (few_window_find_page (w->window, "try"));
  GtkWidget *table = world_find_widget (page, GTK_TYPE_COLUMN_VIEW);
  GtkWidget *none = NULL;
  GtkWidget *named = NULL;
  WAIT ((none = world_find_label (table, "none of these")) != NULL);
  WAIT ((named = world_find_label (table, "light")) != NULL
        || (named = world_find_label (table, "dark")) != NULL);
  GtkWidget *row = gtk_widget_get_parent (gtk_widget_get_parent (none));
  g_assert_cmpstr (cell_says (row, 2), ==, "none of these");
  g_assert_cmpstr (cell_says (row, 3), !=, "");
  g_assert_cmpstr (cell_says (row, 4), ==, "");
  row = gtk_widget_get_parent (gtk_widget_get_parent (named));
  g_assert_cmpstr (cell_says (row, 4), !=, "");
  world_free (w);
}

/* What was written can be shown where it lies. */
static void
test_show_in_files (void)
{
  World *w = world_new ();
  world_import (w);
  g_autofree char *path = g_build_filename (w->folder, "täble 1.csv", NULL);
  g_autofree char *one = g_build_filename (w->folder, "dark", "01.png", NULL);
  world_act (w, "try-path", "s", one);
  WAIT (world_has_tried (w, 1));
  world_act (w, "try-csv-to", "s", path);
  GtkWidget *toast = NULL;
  WAIT ((toast = world_find_toast (w)) != NULL);
  GtkWidget *button = NULL;
  WAIT ((button = world_find_styled (toast, GTK_TYPE_BUTTON, "text-button")) != NULL
        && g_strcmp0 (gtk_button_get_label (GTK_BUTTON (button)), "_Show in Files") == 0);
  world_free (w);
}

static char *
get_value (gpointer item, guint column)
{
  return g_strdup_printf ("%g", gtk_adjustment_get_value (item));
}

/* A row below what is in sight, which its view has ready, says what its item is once it is seen. */
static void
test_below (void)
{
  g_autoptr (GListStore) items = g_list_store_new (GTK_TYPE_ADJUSTMENT);
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (GtkAdjustment) item = g_object_ref_sink (gtk_adjustment_new (0, 0, 100, 1, 1, 0));
      g_list_store_append (items, item);
    }
  GtkWidget *view = gtk_column_view_new (
      GTK_SELECTION_MODEL (gtk_no_selection_new (g_object_ref (G_LIST_MODEL (items)))));
  few_columns_add (GTK_COLUMN_VIEW (view), 0,
                   &(FewColumn) { "Value", .text = get_value, .changed = "notify::value" });
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), view);
  GtkWidget *window = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (window), 200, 120);
  gtk_window_set_child (GTK_WINDOW (window), scrolled);
  gtk_window_present (GTK_WINDOW (window));
  world_wait_for_frames (window, 10);
  g_assert_true (world_says (view, "0"));
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (GtkAdjustment) item = g_list_model_get_item (G_LIST_MODEL (items), i);
      gtk_adjustment_set_value (item, 7);
    }
  gtk_window_set_default_size (GTK_WINDOW (window), 200, 700);
  world_wait_for_frames (window, 10);
  WAIT (!world_says (view, "0"));
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/try-table/filtered-before", test_filtered_before);
  g_test_add_func ("/try-table/table", test_table);
  g_test_add_func ("/try-table/counts", test_counts);
  g_test_add_func ("/try-table/add-several", test_add_several);
  g_test_add_func ("/try-table/below", test_below);
  g_test_add_func ("/try-table/narrow", test_narrow);
  g_test_add_func ("/try-table/refused", test_refused);
  g_test_add_func ("/try-table/show-in-files", test_show_in_files);
  return g_test_run ();
}
