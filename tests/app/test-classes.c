/* SPDX-License-Identifier: MIT */
/* Classes at the side and tiles in the middle, in process: merged, found by their letters,
 * searched, in another order, under headings, larger and smaller. */
#include "pages/examples/few-class-list.h"
#include "pages/examples/few-class-menu.h"
#include "pages/examples/few-class-row.h"
#include "pages/examples/few-examples-page.h"
#include "widgets/few-still.h"
#include "widgets/few-tile.h"
#include "widgets/few-zoom.h"
#include "world.h"
#include <string.h>

static GtkListView *
find_list (World *w)
{
  GtkWidget *side = world_find_widget (GTK_WIDGET (w->window), FEW_TYPE_CLASS_LIST);
  return GTK_LIST_VIEW (world_find_widget (side, GTK_TYPE_LIST_VIEW));
}

static FewExamplesPage *
find_page (World *w)
{
  return FEW_EXAMPLES_PAGE (few_window_find_page (w->window, "examples"));
}

/* One step, that undo takes back; the other class is in view then. */
static void
test_merge (void)
{
  World *w = world_new ();
  world_import (w);
  GListModel *classes = few_examples_get_classes (w->examples);
  g_autoptr (FewClass) dark = g_list_model_get_item (classes, 0);
  g_autoptr (FewClass) light = g_list_model_get_item (classes, 1);
  /* one file is none, which is known last */
  WAIT (few_class_get_count (dark) + few_class_get_count (light) == 31);
  guint n = few_class_get_count (dark);
  guint m = few_class_get_count (light);
  g_assert_false (world_enabled (w, "merge-class")); /* no class is in view */
  world_act (w, "select-class", "i", 0);
  world_act (w, "merge-class", "i", 1);
  g_assert_cmpuint (g_list_model_get_n_items (classes), ==, 1);
  g_assert_cmpuint (few_class_get_count (light), ==, n + m);
  g_assert_true (few_examples_page_get_class (find_page (w)) == light);
  g_assert_cmpstr (few_session_get_undo (w->session), ==, "Merge Classes");
  world_act (w, "undo", NULL);
  world_assert_counted (w);
  g_assert_cmpuint (g_list_model_get_n_items (classes), ==, 2);
  g_autoptr (FewClass) again = g_list_model_get_item (classes, 0);
  g_assert_cmpuint (few_class_get_count (again), ==, n);
  g_assert_cmpuint (few_class_get_count (light), ==, m);
  world_act (w, "select-class", "i", 1);
  world_act (w, "merge-class", "i", 1); /* with itself: nothing */
  g_assert_cmpuint (g_list_model_get_n_items (classes), ==, 2);
  world_free (w);
}

/* In a menu _ marks a key: where it is a part of a name it stands twice. */
static void
test_names_in_menus (void)
{
  World *w = world_new ();
  FewClass *gear = few_examples_add_class (w->examples, "gear");
  few_examples_add_class (w->examples, "worn_gear_2");
  g_autoptr (GMenuModel) menu = few_class_menu_create (w->examples, gear);
  g_autoptr (GMenuModel) others = g_menu_model_get_item_link (menu, 2, G_MENU_LINK_SUBMENU);
  g_autofree char *label = NULL;
  g_menu_model_get_item_attribute (others, 0, "label", "s", &label);
  g_assert_cmpstr (label, ==, "worn__gear__2");
  world_free (w);
}

/* Classes past the ninth are reached by typing. */
static void
test_first_letters (void)
{
  World *w = world_new ();
  static const char *const names[] = { "apple", "apricot", "banana", "너트", "cherry" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    few_examples_add_class (w->examples, names[i]);
  GtkWidget *list = GTK_WIDGET (find_list (w));
  world_press (list, GDK_KEY_B, 0);
  g_assert_cmpstr (few_class_get_name (few_examples_page_get_class (find_page (w))), ==, "banana");
  g_usleep (1100 * 1000); /* another name begins */
  world_press (list, GDK_KEY_a, 0);
  g_assert_cmpstr (few_class_get_name (few_examples_page_get_class (find_page (w))), ==, "apple");
  world_press (list, GDK_KEY_p, 0);
  world_press (list, GDK_KEY_r, 0);
  g_assert_cmpstr (few_class_get_name (few_examples_page_get_class (find_page (w))), ==, "apricot");
  world_press (list, GDK_KEY_z, 0); /* none: it stays */
  g_assert_cmpstr (few_class_get_name (few_examples_page_get_class (find_page (w))), ==, "apricot");
  world_free (w);
}

static guint
count_rows (GtkListView *list)
{
  guint n = 0;
  for (GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (list)); row;
       row = gtk_widget_get_next_sibling (row))
    n++;
  return n;
}

/* A thousand classes have as many rows as are kept around those in sight; one that is chosen comes
 * into sight and takes what is dropped on it. */
static void
test_rows_are_recycled (void)
{
  World *w = world_new ();
  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *name = g_strdup_printf ("kind %03u", i);
      few_examples_add_class (w->examples, name);
    }
  GtkListView *list = find_list (w);
  WAIT (count_rows (list) > 0);
  g_assert_cmpuint (count_rows (list), <, 400);
  world_act (w, "select-class", "i", 990);
  GtkWidget *row = NULL;
  for (GtkWidget *item = gtk_widget_get_first_child (GTK_WIDGET (list)); item;
       item = gtk_widget_get_next_sibling (item))
    {
      FewClassRow *at = FEW_CLASS_ROW (gtk_widget_get_first_child (item));
      FewClass *klass = few_class_row_get_class (at);
      if (klass && g_str_equal (few_class_get_name (klass), "kind 990"))
        row = GTK_WIDGET (at);
    }
  g_assert_nonnull (row);
  g_autofree char *folder = g_dir_make_tmp ("fewshot-more-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "x.png", NULL);
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 20, 20);
  gdk_pixbuf_fill (pixbuf, 0x804020ff);
  g_assert_true (gdk_pixbuf_save (pixbuf, path, "png", NULL, NULL));
  g_autoptr (FewClass) late = g_list_model_get_item (few_examples_get_classes (w->examples), 990);
  world_drop (row, path);
  WAIT (few_class_get_count (late) == 1);
  world_free (w);
}

/* A picture of another window's project comes as a file, and stays what it is there. */
static void
test_stranger (void)
{
  World *w = world_new ();
  world_import (w);
  GtkWidget *row = world_find_widget (GTK_WIDGET (find_list (w)), FEW_TYPE_CLASS_ROW);
  while (!few_class_row_get_class (FEW_CLASS_ROW (row)))
    row = gtk_widget_get_first_child (
        gtk_widget_get_next_sibling (gtk_widget_get_parent (row))); /* “All Classes” */
  FewClass *klass = few_class_row_get_class (FEW_CLASS_ROW (row));
  guint before = few_class_get_count (klass);
  g_autofree char *path = g_build_filename (w->folder, "stranger.png", NULL);
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 20, 20);
  gdk_pixbuf_fill (pixbuf, 0x804020ff);
  g_assert_true (gdk_pixbuf_save (pixbuf, path, "png", NULL, NULL));
  g_autoptr (FewClass) theirs = few_class_new (1, "theirs");
  guint id = few_picture_get_id (world_get_picture (w, 0));
  g_autoptr (FewPicture) stranger = few_picture_new (id, path, theirs);
  g_autoptr (GPtrArray) pictures = g_ptr_array_new ();
  g_ptr_array_add (pictures, stranger);
  world_drop_boxed (row, G_TYPE_PTR_ARRAY, pictures);
  WAIT (few_class_get_count (klass) == before + 1);
  g_assert_true (few_picture_get_class (stranger) == theirs);
  world_free (w);
}

/* The heading of the n-th tile, NULL without one. */
static const char *
get_heading (World *w, guint n)
{
  GtkWidget *grid = world_find_widget (GTK_WIDGET (find_page (w)), GTK_TYPE_GRID_VIEW);
  GtkWidget *item = gtk_widget_get_first_child (grid);
  for (guint i = 0; i < n; i++)
    item = gtk_widget_get_next_sibling (item);
  GtkWidget *label = world_find_styled (item, GTK_TYPE_LABEL, "heading");
  return gtk_widget_get_visible (label) ? gtk_label_get_text (GTK_LABEL (label)) + strlen ("■ ")
                                        : NULL;
}

/* All classes are seen one after the other, wherever their pictures came from. */
static void
test_headings (void)
{
  World *w = world_new ();
  world_import (w);
  GtkWidget *grid = world_find_widget (GTK_WIDGET (find_page (w)), GTK_TYPE_GRID_VIEW);
  GListModel *shown = G_LIST_MODEL (gtk_grid_view_get_model (GTK_GRID_VIEW (grid)));
  g_autoptr (FewClass) dark = g_list_model_get_item (few_examples_get_classes (w->examples), 0);
  g_autoptr (FewClass) light = g_list_model_get_item (few_examples_get_classes (w->examples), 1);
  guint n = few_class_get_count (dark);
  WAIT (g_strcmp0 (get_heading (w, 0), "dark") == 0);
  g_assert_null (get_heading (w, 1));
  g_assert_cmpstr (get_heading (w, n), ==, "light");
  gtk_selection_model_select_item (gtk_grid_view_get_model (GTK_GRID_VIEW (grid)), 3, TRUE);
  world_act (w, "reassign", "i", 2);
  for (guint i = 0; i < g_list_model_get_n_items (shown); i++)
    {
      g_autoptr (FewPicture) picture = g_list_model_get_item (shown, i);
      g_assert_true (few_picture_get_class (picture) == (i < n - 1 ? dark : light));
    }
  WAIT (g_strcmp0 (get_heading (w, n - 1), "light") == 0);
  g_assert_null (get_heading (w, n));
  world_act (w, "select-class", "i", 1);
  g_assert_null (get_heading (w, 0)); /* its name stands above */
  world_act (w, "select-class", "i", -1);
  g_assert_cmpstr (get_heading (w, 0), ==, "dark");
  world_free (w);
}

static void
test_zoom (void)
{
  World *w = world_new ();
  world_import (w);
  GtkWidget *grid = world_find_widget (GTK_WIDGET (find_page (w)), GTK_TYPE_GRID_VIEW);
  GtkWidget *image = world_find_widget (grid, FEW_TYPE_STILL);
  guint columns = gtk_grid_view_get_max_columns (GTK_GRID_VIEW (grid));
  int width, height;
  world_act (w, "zoom", "i", 0);
  g_assert_cmpint (few_zoom_get_side (), ==, 112);
  world_act (w, "zoom", "i", 1);
  gtk_widget_get_size_request (image, &width, &height);
  g_assert_cmpint (width, ==, 160);
  g_assert_cmpuint (gtk_grid_view_get_max_columns (GTK_GRID_VIEW (grid)), <, columns);
  world_act (w, "zoom", "i", 1); /* thumbnails are not larger */
  g_assert_cmpint (few_zoom_get_side (), ==, 160);
  for (guint i = 0; i < 5; i++)
    world_act (w, "zoom", "i", -1);
  gtk_widget_get_size_request (image, &width, &height);
  g_assert_cmpint (width, ==, 64);
  g_assert_cmpuint (gtk_grid_view_get_max_columns (GTK_GRID_VIEW (grid)), >, columns);
  world_act (w, "zoom", "i", 0);
  g_assert_cmpuint (gtk_grid_view_get_max_columns (GTK_GRID_VIEW (grid)), ==, columns);
  world_free (w);
}

/* Of many classes those are listed whose names hold what is searched; a row is its class. */
static void
test_search_classes (void)
{
  World *w = world_new ();
  world_import (w);
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *name = g_strdup_printf ("kind %u", i);
      few_examples_add_class (w->examples, name);
    }
  GtkWidget *side = world_find_widget (GTK_WIDGET (w->window), FEW_TYPE_CLASS_LIST);
  GtkListView *list = GTK_LIST_VIEW (world_find_widget (side, GTK_TYPE_LIST_VIEW));
  GtkSingleSelection *rows = GTK_SINGLE_SELECTION (gtk_list_view_get_model (list));
  GtkWidget *search = world_find_widget (side, GTK_TYPE_SEARCH_ENTRY);
  g_assert_true (gtk_widget_get_visible (search));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (rows)), ==, 22);
  gtk_editable_set_text (GTK_EDITABLE (search), "light");
  WAIT (g_list_model_get_n_items (G_LIST_MODEL (rows)) == 1);
  gtk_single_selection_set_selected (rows, 0);
  g_assert_cmpstr (few_class_get_name (few_view_get_focus (w->view)), ==, "light");
  world_act (w, "select-class", "i", 0);
  g_assert_cmpstr (few_class_get_name (few_view_get_focus (w->view)), ==, "dark");
  world_free (w);
}

static void
assert_row_says (GtkSingleSelection *rows, guint row, const char *name)
{
  g_autoptr (FewClass) klass = g_list_model_get_item (G_LIST_MODEL (rows), row);
  g_assert_cmpstr (few_class_get_name (klass), ==, name);
}

/* The class in view stays when the others move, and keys count the classes as they were made. */
static void
test_order_of_classes (void)
{
  World *w = world_new ();
  world_import (w);
  few_examples_add_class (w->examples, "a few");
  few_examples_add_class (w->examples, "zebra");
  GtkWidget *side = world_find_widget (GTK_WIDGET (w->window), FEW_TYPE_CLASS_LIST);
  GtkListView *list = GTK_LIST_VIEW (world_find_widget (side, GTK_TYPE_LIST_VIEW));
  GtkSingleSelection *rows = GTK_SINGLE_SELECTION (gtk_list_view_get_model (list));
  GtkWidget *orders = world_find_widget (side, GTK_TYPE_MENU_BUTTON);
  g_assert_true (gtk_widget_get_visible (orders) && gtk_widget_get_has_tooltip (orders));
  gtk_menu_button_popup (GTK_MENU_BUTTON (orders));
  g_assert_false (gtk_widget_get_has_tooltip (orders)); /* it would lie over the menu */
  gtk_menu_button_popdown (GTK_MENU_BUTTON (orders));
  assert_row_says (rows, 0, "dark");
  world_act (w, "select-class", "i", 2);
  g_assert_cmpstr (few_class_get_name (few_view_get_focus (w->view)), ==, "a few");
  gtk_widget_activate_action (side, "classes.class-order", "s", "name");
  assert_row_says (rows, 0, "a few");
  assert_row_says (rows, 3, "zebra");
  g_assert_cmpstr (few_class_get_name (few_view_get_focus (w->view)), ==, "a few");
  g_assert_cmpuint (gtk_single_selection_get_selected (rows), ==, 0);
  few_examples_rename_class (w->examples, few_view_get_focus (w->view), "not so few");
  assert_row_says (rows, 2, "not so few");
  g_assert_cmpuint (gtk_single_selection_get_selected (rows), ==, 2);
  world_act (w, "select-class", "i", 0);
  g_assert_cmpstr (few_class_get_name (few_view_get_focus (w->view)), ==, "dark");
  gtk_widget_activate_action (side, "classes.class-order", "s", "count");
  assert_row_says (rows, 2, "not so few");
  gtk_widget_activate_action (side, "classes.class-order", "s", "made");
  assert_row_says (rows, 3, "zebra");
  world_free (w);
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/classes/merge", test_merge);
  g_test_add_func ("/classes/names-in-menus", test_names_in_menus);
  g_test_add_func ("/classes/first-letters", test_first_letters);
  g_test_add_func ("/classes/rows-are-recycled", test_rows_are_recycled);
  g_test_add_func ("/classes/stranger", test_stranger);
  g_test_add_func ("/classes/headings", test_headings);
  g_test_add_func ("/classes/zoom", test_zoom);
  g_test_add_func ("/classes/search", test_search_classes);
  g_test_add_func ("/classes/order", test_order_of_classes);
  return g_test_run ();
}
