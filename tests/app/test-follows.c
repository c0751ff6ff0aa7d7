/* SPDX-License-Identifier: MIT */
/* What is seen follows what was done: in a window that grows, of a picture that was removed, of a
 * class that was renamed; what changes nothing is no step. */
#include "pages/examples/few-examples-page.h"
#include "widgets/few-in-sight.h"
#include "widgets/few-show-file.h"
#include "widgets/few-tile.h"
#include "widgets/few-toasts.h"
#include "world.h"
#include <string.h>

#define ROW                                                                                        \
  "<interface><template class='GtkListItem'><property name='child'><object class='GtkLabel'>"      \
  "<property name='label'>row</property></object></property></template></interface>"

static GtkWidget *
find_grid (World *w)
{
  world_act (w, "page", "s", "inspect");
  GtkWidget *page = GTK_WIDGET (few_window_find_page (w->window, "inspect"));
  return world_find_widget (page, GTK_TYPE_GRID_VIEW);
}

static void
count_cb (gpointer n)
{
  ++*(guint *) n;
}

/* Rows that were out of sight are in it after a scroll, in a window that became higher, and where
 * rows became lower. */
static void
test_window_grows (void)
{
  enum { LOW = 200, HIGH = 600, ROWS = 100 };
  guint n = 0;
  GtkStringList *words = gtk_string_list_new (NULL);
  for (guint i = 0; i < ROWS; i++)
    gtk_string_list_append (words, "row");
  GtkWidget *window = gtk_window_new ();
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *list =
      gtk_list_view_new (GTK_SELECTION_MODEL (gtk_no_selection_new (G_LIST_MODEL (words))),
                         gtk_builder_list_item_factory_new_from_bytes (
                             NULL, g_bytes_new_static (ROW, sizeof ROW - 1)));
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), list);
  gtk_window_set_child (GTK_WINDOW (window), scroller);
  gtk_window_set_default_size (GTK_WINDOW (window), 300, LOW);
  few_in_sight_watch (GTK_SCROLLABLE (list), count_cb, &n);
  gtk_window_present (GTK_WINDOW (window));
  WAIT (gtk_widget_get_height (list) > 0);
  world_wait_for_frames (list, 10);
  GtkAdjustment *at = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (list));
  guint before = n;
  gtk_adjustment_set_value (at, 50);
  WAIT (n > before);
  world_wait_for_frames (list, 10);
  before = n;
  gtk_window_set_default_size (GTK_WINDOW (window), 300, HIGH);
  WAIT (gtk_adjustment_get_page_size (at) > LOW && n > before);
  world_wait_for_frames (list, 10);
  before = n;
  g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", 48 * 1024, NULL);
  WAIT (n > before);
  g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", 96 * 1024, NULL);
  gtk_window_destroy (GTK_WINDOW (window));
}

/* What was learned of it is still in view, until something is learned again. */
static void
test_removed (void)
{
  World *w = world_new ();
  world_import (w);
  GtkWidget *grid = find_grid (w);
  GtkWidget *tile = NULL;
  WAIT ((tile = world_find_widget (grid, FEW_TYPE_TILE)) && few_tile_get_picture (FEW_TILE (tile)));
  g_autoptr (GPtrArray) one = g_ptr_array_new ();
  g_ptr_array_add (one, few_tile_get_picture (FEW_TILE (tile)));
  GtkWidget *badge = world_find_styled (tile, GTK_TYPE_IMAGE, "badge");
  g_assert_true (!badge || !gtk_widget_get_visible (badge));
  few_examples_remove_pictures (w->examples, one);
  badge = world_find_styled (tile, GTK_TYPE_IMAGE, "badge");
  g_assert_true (badge && gtk_widget_get_visible (badge));
  world_act (w, "undo", NULL);
  g_assert_false (gtk_widget_get_visible (badge));
  world_free (w);
}

static gboolean
file_says (const char *path, const char *words, char **data)
{
  g_clear_pointer (data, g_free);
  return g_file_get_contents (path, data, NULL, NULL) && strstr (*data, words);
}

/* A project that is opened finds its classes again under the names that they have now. */
static void
test_renamed (void)
{
  World *w = world_new ();
  world_import (w);
  world_train (w, 20);
  g_autofree char *path = g_build_filename (w->folder, "one.fewshot", NULL);
  g_autofree char *copy = g_build_filename (w->folder, "two.fewshot", NULL);
  g_autofree char *data = NULL;
  g_autoptr (FewClass) dark = g_list_model_get_item (few_examples_get_classes (w->examples), 0);
  g_assert_true (few_examples_rename_class (w->examples, dark, "night"));
  few_examples_add_class (w->examples, "dusk");
  world_act (w, "save-to", "s", path);
  WAIT (file_says (path, "night", &data) && strstr (data, "dusk"));
  g_assert_true (g_file_set_contents (copy, data, -1, NULL));
  World *v = world_new ();
  world_act (v, "open-path", "s", copy);
  WAIT (few_view_get_snapshot (v->view)
        && few_snapshot_info (few_view_get_snapshot (v->view))->trained);
  GListModel *classes = few_examples_get_classes (v->examples);
  for (guint k = 0; k < 2; k++)
    {
      g_autoptr (FewClass) klass = g_list_model_get_item (classes, k);
      g_assert_true (few_view_get_class (v->view, k) == klass);
    }
  world_free (v);
  world_free (w);
}

/* A digit, or a drag, that gives pictures the class that they have. */
static void
test_own_class (void)
{
  World *w = world_new ();
  world_import (w);
  g_autofree char *before = g_strdup (few_session_get_undo (w->session));
  guint64 step = few_session_get_step (w->session);
  gtk_selection_model_select_item (world_find_tiles (w), 0, TRUE);
  world_act (w, "reassign", "i", 1);
  g_assert_cmpuint (few_session_get_step (w->session), ==, step);
  g_assert_cmpstr (few_session_get_undo (w->session), ==, before);
  guint n = world_count_class (w, "light");
  guint all = n + world_count_class (w, "dark");
  WAIT (g_list_model_get_n_items (G_LIST_MODEL (world_find_tiles (w))) >= all); /* some a frame */
  gtk_selection_model_select_all (world_find_tiles (w)); /* of both classes */
  world_act (w, "reassign", "i", 1);
  g_autofree char *title = g_strdup_printf ("Move %u Pictures", n);
  g_assert_cmpstr (few_session_get_undo (w->session), ==, title);
  world_free (w);
}

/* What is dropped on the page of a class joins it. */
static void
test_empty_class (void)
{
  World *w = world_new ();
  GtkWidget *page = GTK_WIDGET (few_window_find_page (w->window, "examples"));
  GtkStack *stack =
      GTK_STACK (gtk_widget_get_template_child (page, FEW_TYPE_EXAMPLES_PAGE, "stack"));
  few_examples_add_class (w->examples, "leaf");
  g_assert_cmpstr (gtk_stack_get_visible_child_name (stack), ==, "empty");
  world_act (w, "select-class", "i", 0);
  g_assert_cmpstr (gtk_stack_get_visible_child_name (stack), ==, "empty-class");
  world_act (w, "select-class", "i", -1);
  g_assert_cmpstr (gtk_stack_get_visible_child_name (stack), ==, "empty");
  world_free (w);
}

/* Of files: which kind was written, and what to think of one that nothing shows. */
static void
test_words_of_files (void)
{
  World *w = world_new ();
  world_import (w);
  world_train (w, 20);
  g_autofree char *table = g_build_filename (w->folder, "said.csv", NULL);
  g_autofree char *strange = g_build_filename (w->folder, "x.few-strange", NULL);
  world_act (w, "export-to", "s", table);
  WAIT (world_says (world_find_toast (w), "Table saved as"));
  g_autoptr (GAppInfo) program =
      g_app_info_get_default_for_type ("application/octet-stream", FALSE);
  g_assert_true (g_file_set_contents (strange, "\0\1\2\3", 4, NULL));
  if (program)
    {
      g_test_skip ("a program shows files of any kind");
    }
  else
    {
      few_show_file_open (GTK_WINDOW (w->window), strange);
      WAIT (world_says (world_find_toast (w), "This computer has no program that shows"));
    }
  world_free (w);
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/follows/window-grows", test_window_grows);
  g_test_add_func ("/follows/removed", test_removed);
  g_test_add_func ("/follows/renamed", test_renamed);
  g_test_add_func ("/follows/own-class", test_own_class);
  g_test_add_func ("/follows/empty-class", test_empty_class);
  g_test_add_func ("/follows/words-of-files", test_words_of_files);
  return g_test_run ();
}
