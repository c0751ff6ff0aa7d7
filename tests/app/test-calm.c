/* SPDX-License-Identifier: MIT */
/* What is said lies on nothing, and nothing moves where nothing is to move, in process. */
#include "base/few-settings.h"
#include "pages/examples/few-class-list.h"
#include "shell/few-side-handle.h"
#include "widgets/few-dialog.h"
#include "widgets/few-popup.h"
#include "widgets/few-tile.h"
#include "widgets/few-toasts.h"
#include "world.h"

static float
get_edge (World *w, GtkWidget *widget, gboolean lower)
{
  graphene_rect_t bounds;
  g_assert_true (gtk_widget_compute_bounds (widget, GTK_WIDGET (w->window), &bounds));
  return bounds.origin.y + (lower ? bounds.size.height : 0);
}

/* A page ends above the toast, whatever the size of the letters, and goes back to where it was. */
static void
test_toast_covers_nothing (void)
{
  World *w = world_new ();
  gtk_window_set_default_size (GTK_WINDOW (w->window), 360, 700);
  world_import (w);
  GtkWidget *page = GTK_WIDGET (few_window_find_page (w->window, "train"));
  world_act (w, "page", "s", "train");
  g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", 2 * 96 * 1024, NULL);
  WAIT (!world_find_toast (w));
  world_wait_for_frames (GTK_WIDGET (w->window), 3);
  float before = get_edge (w, page, TRUE);
  few_toasts_say (GTK_WINDOW (w->window), "A sentence that takes several lines in large letters");
  WAIT (world_find_toast (w) != NULL);
  world_wait_for_frames (GTK_WIDGET (w->window), 60); /* the way in */
  g_assert_cmpfloat (get_edge (w, page, TRUE), <=, get_edge (w, world_find_toast (w), FALSE) + 1);
  WAIT (!world_find_toast (w));
  world_wait_for_frames (GTK_WIDGET (w->window), 3);
  g_assert_cmpfloat (get_edge (w, page, TRUE), ==, before);
  g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", 96 * 1024, NULL);
  world_free (w);
}

static guint moving;

static void
look_for_movement (GtkWidget *widget)
{
  if (GTK_IS_STACK (widget))
    moving += gtk_stack_get_transition_running (GTK_STACK (widget));
  if (GTK_IS_REVEALER (widget))
    moving += gtk_revealer_get_reveal_child (GTK_REVEALER (widget))
              != gtk_revealer_get_child_revealed (GTK_REVEALER (widget));
  if (ADW_IS_FLAP (widget))
    moving += adw_flap_get_reveal_progress (ADW_FLAP (widget)) > 0
              && adw_flap_get_reveal_progress (ADW_FLAP (widget)) < 1;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    look_for_movement (child);
}

static void
look_at_frame_cb (World *w)
{
  look_for_movement (GTK_WIDGET (w->window));
}

/* Who wants nothing to move sees nothing move: from the welcome to the pages, from page to page,
 * bars that come and go. */
static void
test_reduced_motion (void)
{
  static const char *const pages[] = { "train", "inspect", "try", "compare", "examples" };
  World *w = world_new ();
  GtkSettings *settings = gtk_settings_get_default ();
  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (w->window));
  g_object_set (settings, "gtk-enable-animations", FALSE, NULL);
  world_wait_for_frames (GTK_WIDGET (w->window), 3);
  g_signal_connect_swapped (clock, "after-paint", G_CALLBACK (look_at_frame_cb), w);
  world_import (w);
  world_train (w, 5);
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      world_act (w, "page", "s", pages[i]);
      world_wait_for_frames (GTK_WIDGET (w->window), 5);
    }
  g_assert_cmpuint (moving, ==, 0);
  g_signal_handlers_disconnect_by_data (clock, w);
  g_object_set (settings, "gtk-enable-animations", TRUE, NULL);
  world_free (w);
}

/* A window over the window: no tooltip of what is below lies over it. */
static void
test_tooltips (void)
{
  World *w = world_new ();
  world_import (w);
  GtkWidget *tile = world_find_widget (GTK_WIDGET (w->window), FEW_TYPE_TILE);
  GtkWindow *dialog = few_dialog_new (GTK_WINDOW (w->window), "over it", gtk_label_new ("here"));
  GtkWidget *second = gtk_window_new ();
  g_assert_true (gtk_widget_get_has_tooltip (tile));
  gtk_window_present (dialog);
  gtk_window_set_transient_for (GTK_WINDOW (second), GTK_WINDOW (w->window));
  gtk_window_present (GTK_WINDOW (second));
  g_assert_false (gtk_widget_get_has_tooltip (tile));
  gtk_window_destroy (GTK_WINDOW (second));
  g_assert_false (gtk_widget_get_has_tooltip (tile));
  gtk_window_destroy (dialog);
  g_assert_true (gtk_widget_get_has_tooltip (tile));
  world_free (w);
}

/* Nor over a menu that was asked for there. */
static void
test_tooltips_of_menu (void)
{
  World *w = world_new ();
  g_autoptr (GMenu) menu = g_menu_new ();
  g_menu_append (menu, "Remove", "win.remove");
  world_import (w);
  GtkWidget *tile = world_find_widget (GTK_WIDGET (w->window), FEW_TYPE_TILE);
  few_popup (tile, G_MENU_MODEL (menu), 5, 5);
  g_assert_false (gtk_widget_get_has_tooltip (tile));
  gtk_popover_popdown (GTK_POPOVER (world_find_widget (tile, GTK_TYPE_POPOVER_MENU)));
  WAIT (gtk_widget_get_has_tooltip (tile));
  world_free (w);
}

/* What stands at the side is made wider by its handle, and stays so in the next window. */
static void
test_side (void)
{
  World *w = world_new ();
  world_import (w);
  GtkWidget *handle = world_find_widget (GTK_WIDGET (w->window), FEW_TYPE_SIDE_HANDLE);
  GtkWidget *side = world_find_widget (GTK_WIDGET (w->window), FEW_TYPE_CLASS_LIST);
  world_wait_for_frames (side, 3);
  int before = gtk_widget_get_width (side);
  g_assert_cmpint (before, >=, 200);
  g_assert_true (world_press (handle, GDK_KEY_Right, 0));
  WAIT (gtk_widget_get_width (side) == before + 20);
  g_assert_cmpint (g_settings_get_int (few_settings (), "side-width"), ==, before + 20);
  FewWindow *other = few_application_new_window (
      FEW_APPLICATION (gtk_window_get_application (GTK_WINDOW (w->window))));
  int width;
  gtk_widget_get_size_request (world_find_widget (GTK_WIDGET (other), FEW_TYPE_CLASS_LIST), &width,
                               NULL);
  g_assert_cmpint (width, ==, before + 20);
  g_settings_reset (few_settings (), "side-width");
  gtk_window_destroy (GTK_WINDOW (other));
  world_free (w);
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/calm/toast-covers-nothing", test_toast_covers_nothing);
  g_test_add_func ("/calm/reduced-motion", test_reduced_motion);
  g_test_add_func ("/calm/tooltips", test_tooltips);
  g_test_add_func ("/calm/tooltips-of-menu", test_tooltips_of_menu);
  g_test_add_func ("/calm/side", test_side);
  return g_test_run ();
}
