/* SPDX-License-Identifier: MIT */
/* What undo brought back on Examples is chosen and in sight, and the keys go on from it. */
#include "base/few-settings.h"
#include "pages/examples/few-examples-page.h"
#include "widgets/few-chosen.h"
#include "widgets/few-tile.h"
#include "world.h"

/* What undo brings back, or puts where it was, is chosen; what it takes away leaves nothing. */
static void
test_undo_shows (void)
{
  World *w = world_new ();
  world_import (w);
  GtkSelectionModel *tiles = world_find_tiles (w);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (tiles));
  g_autoptr (FewPicture) third = g_list_model_get_item (G_LIST_MODEL (tiles), 2);
  gtk_selection_model_select_range (tiles, 2, 2, TRUE);
  world_act (w, "remove", NULL);
  g_assert_cmpuint (few_chosen_count (tiles), ==, 0);
  world_act (w, "undo", NULL);
  WAIT (few_chosen_count (tiles) == 2 && gtk_selection_model_is_selected (tiles, 2));
  world_act (w, "reassign", "i", 2);
  gtk_selection_model_select_item (tiles, n - 1, TRUE);
  world_act (w, "undo", NULL);
  WAIT (few_chosen_count (tiles) == 2 && gtk_selection_model_is_selected (tiles, 2));
  g_autoptr (FewPicture) chosen = g_list_model_get_item (G_LIST_MODEL (tiles), 2);
  g_assert_true (chosen == third);
  world_act (w, "exclude", NULL);
  gtk_selection_model_unselect_all (tiles);
  world_act (w, "undo", NULL);
  WAIT (few_chosen_count (tiles) == 2);
  world_act (w, "redo", NULL); /* is what it was asked for */
  gtk_selection_model_unselect_all (tiles);
  world_wait_for_frames (GTK_WIDGET (w->window), 20);
  g_assert_cmpuint (few_chosen_count (tiles), ==, 0);
  world_free (w);
}

/* Nothing is scrolled where some of what came back is in sight already. */
static void
test_undo_stays (void)
{
  World *w = world_new ();
  world_import (w);
  GtkWidget *page = GTK_WIDGET (few_window_find_page (w->window, "examples"));
  GtkWidget *view = world_find_widget (page, GTK_TYPE_GRID_VIEW);
  GtkSelectionModel *tiles = world_find_tiles (w);
  g_settings_set_int (few_settings (), "tile-side", 192);
  gtk_selection_model_select_all (tiles);
  world_act (w, "exclude", NULL);
  world_wait_for_frames (view, 10);
  GtkAdjustment *down = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (view));
  double end = gtk_adjustment_get_upper (down) - gtk_adjustment_get_page_size (down);
  g_assert_cmpfloat (end, >, 192); /* the first of them is out of sight */
  gtk_adjustment_set_value (down, end);
  gtk_selection_model_unselect_all (tiles);
  world_act (w, "undo", NULL);
  WAIT (few_chosen_count (tiles) > 1);
  g_assert_cmpfloat (gtk_adjustment_get_value (down), >,
                     192); /* pixels, as rows come to be known */
  g_settings_reset (few_settings (), "tile-side");
  world_free (w);
}

static gboolean
is_focused (GtkWidget *view, guint position)
{
  GtkWidget *item = gtk_widget_get_focus_child (view);
  g_autoptr (FewPicture) picture = g_list_model_get_item (
      G_LIST_MODEL (gtk_grid_view_get_model (GTK_GRID_VIEW (view))), position);
  return item && few_tile_get_picture (FEW_TILE (gtk_widget_get_first_child (item))) == picture;
}

/* Keys go on from what came back where they went to pictures, and nowhere else. */
static void
test_undo_focus (void)
{
  World *w = world_new ();
  world_import (w);
  GtkWidget *page = GTK_WIDGET (few_window_find_page (w->window, "examples"));
  GtkWidget *view = world_find_widget (page, GTK_TYPE_GRID_VIEW);
  GtkSelectionModel *tiles = world_find_tiles (w);
  WAIT (gtk_widget_get_first_child (view) != gtk_widget_get_last_child (view));
  gtk_widget_grab_focus (gtk_widget_get_next_sibling (gtk_widget_get_first_child (view)));
  gtk_selection_model_select_item (tiles, 1, TRUE);
  WAIT (is_focused (view, 1));
  world_act (w, "remove", NULL);
  world_wait_for_frames (view, 10);
  g_assert_true (is_focused (view, 1)); /* which was the third */
  world_act (w, "undo", NULL);
  WAIT (few_chosen_count (tiles) == 1);
  g_assert_true (is_focused (view, 1));
  world_act (w, "remove", NULL);
  FewClass *klass = few_picture_get_class (world_get_picture (w, 0));
  few_examples_page_set_class (FEW_EXAMPLES_PAGE (page), klass);
  few_examples_page_edit_name (FEW_EXAMPLES_PAGE (page));
  GtkWidget *entry = gtk_root_get_focus (GTK_ROOT (w->window));
  world_act (w, "undo", NULL);
  WAIT (few_chosen_count (tiles) == 1);
  g_assert_true (gtk_root_get_focus (GTK_ROOT (w->window)) == entry);
  world_free (w);
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/undo-shows/chosen", test_undo_shows);
  g_test_add_func ("/undo-shows/stays", test_undo_stays);
  g_test_add_func ("/undo-shows/focus", test_undo_focus);
  return g_test_run ();
}
