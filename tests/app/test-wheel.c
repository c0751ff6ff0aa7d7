/* SPDX-License-Identifier: MIT */
/* The wheel over what scrolls within a page that has to be scrolled itself, in process. */
#include "world.h"

/* What the wheel does, notch by notch, or a pad sideways, for those of the widget's controllers
 * that come before what is in it; whether one took it. */
static gboolean
move_wheel (GtkWidget *widget, double sideways, double notches)
{
  g_autoptr (GListModel) all = gtk_widget_observe_controllers (widget);
  gboolean taken = FALSE;
  for (guint i = 0; i < g_list_model_get_n_items (all) && !taken; i++)
    {
      g_autoptr (GtkEventController) one = g_list_model_get_item (all, i);
      if (GTK_IS_EVENT_CONTROLLER_SCROLL (one)
          && gtk_event_controller_get_propagation_phase (one) == GTK_PHASE_CAPTURE)
        g_signal_emit_by_name (one, "scroll", sideways, notches, &taken);
    }
  return taken;
}

/* In a window so low that the page has to be scrolled, the wheel over a list within it moves the
 * page first, as far as it goes, and the list from there on. */
static void
test_inspect (void)
{
  World *w = world_new ();
  world_import (w);
  world_act (w, "page", "s", "inspect");
  GtkWidget *page = GTK_WIDGET (few_window_find_page (w->window, "inspect"));
  GtkWidget *grid = world_find_widget (page, GTK_TYPE_GRID_VIEW);
  GtkWidget *inner = gtk_widget_get_ancestor (grid, GTK_TYPE_SCROLLED_WINDOW);
  GtkWidget *pictures = gtk_widget_get_parent (inner);
  GtkWidget *whole =
      gtk_widget_get_ancestor (gtk_widget_get_parent (inner), GTK_TYPE_SCROLLED_WINDOW);
  GtkAdjustment *down = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (whole));
  world_wait_for_frames (GTK_WIDGET (w->window), 3);
  g_assert_false (move_wheel (pictures, 0, 1)); /* all of the page is in view */
  g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", 2 * 96 * 1024, NULL);
  gtk_window_set_default_size (GTK_WINDOW (w->window), 360, 700);
  WAIT (gtk_adjustment_get_upper (down) > gtk_adjustment_get_page_size (down));
  double most = gtk_adjustment_get_upper (down) - gtk_adjustment_get_page_size (down);
  gtk_adjustment_set_value (down, 0);
  g_assert_false (move_wheel (pictures, 1, .5)); /* sideways is the list's */
  g_assert_true (move_wheel (pictures, 0, 1));
  g_assert_cmpfloat (gtk_adjustment_get_value (down), >, 0);
  for (guint i = 0; i < 100 && move_wheel (pictures, 0, 1); i++)
    continue;
  g_assert_cmpfloat_with_epsilon (gtk_adjustment_get_value (down), most, 1);
  g_assert_true (move_wheel (pictures, 0, -100));
  g_assert_cmpfloat (gtk_adjustment_get_value (down), ==, 0);
  g_assert_false (move_wheel (pictures, 0, -1));
  g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", 96 * 1024, NULL);
  world_free (w);
}

/* The table scrolls sideways; the wheel over it moves the page that it is most of. */
static void
test_compare (void)
{
  World *w = world_new ();
  world_import (w);
  world_act (w, "page", "s", "compare");
  GtkWidget *page = GTK_WIDGET (few_window_find_page (w->window, "compare"));
  GtkWidget *across =
      gtk_widget_get_ancestor (world_find_widget (page, GTK_TYPE_GRID), GTK_TYPE_SCROLLED_WINDOW);
  GtkWidget *whole =
      gtk_widget_get_ancestor (gtk_widget_get_parent (across), GTK_TYPE_SCROLLED_WINDOW);
  GtkAdjustment *down = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (whole));
  gtk_window_set_default_size (GTK_WINDOW (w->window), 1000, 500);
  WAIT (gtk_adjustment_get_page_size (down) > 0
        && gtk_adjustment_get_upper (down) > gtk_adjustment_get_page_size (down));
  g_assert_true (move_wheel (across, 0, 1));
  g_assert_cmpfloat (gtk_adjustment_get_value (down), >, 0);
  world_free (w);
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/wheel/inspect", test_inspect);
  g_test_add_func ("/wheel/compare", test_compare);
  return g_test_run ();
}
