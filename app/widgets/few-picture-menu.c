/* SPDX-License-Identifier: MIT */
/* What can be done with the pictures that are chosen, where they are. */
#include "widgets/few-picture-menu.h"
#include "widgets/few-tile.h"
#include <glib/gi18n.h>

/* More classes than these are chosen by typing. */
enum { MOST_LISTED = 24 };

static GMenuModel *
create_classes (FewExamples *examples)
{
  GMenu *menu = g_menu_new ();
  GListModel *classes = few_examples_get_classes (examples);
  for (guint i = 0; i < g_list_model_get_n_items (classes); i++)
    {
      g_autoptr (FewClass) klass = g_list_model_get_item (classes, i);
      g_autoptr (GMenuItem) item = g_menu_item_new (NULL, NULL);
      g_menu_item_set_label (item, few_class_get_name (klass));
      g_menu_item_set_action_and_target (item, "win.reassign", "i", (int) i + 1);
      g_menu_append_item (menu, item);
    }
  return G_MENU_MODEL (menu);
}

static void
append_section (GMenu *menu, GMenu *section)
{
  g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
  g_object_unref (section);
}

static GMenuModel *
create_menu (FewExamples *examples)
{
  GMenu *menu = g_menu_new ();
  GMenu *class = g_menu_new ();
  GMenu *file = g_menu_new ();
  if (g_list_model_get_n_items (few_examples_get_classes (examples)) <= MOST_LISTED)
    {
      g_autoptr (GMenuModel) classes = create_classes (examples);
      g_menu_append_submenu (class, _ ("_Move To"), classes);
    }
  g_menu_append (class, _ ("Move to _Class…"), "win.move-to");
  g_menu_append (class, _ ("_Exclude or Include"), "win.exclude");
  g_menu_append (class, _ ("_Remove from Project"), "win.remove");
  g_menu_append (file, _ ("_View"), "win.view-picture");
  g_menu_append (file, _ ("_Open With Its Program"), "win.open-pictures");
  g_menu_append (file, _ ("_Show in Files"), "win.show-in-files");
  g_menu_append (file, _ ("_Copy"), "win.copy-pictures");
  append_section (menu, class);
  append_section (menu, file);
  return G_MENU_MODEL (menu);
}

static gboolean
unparent_cb (gpointer popover)
{
  gtk_widget_unparent (popover);
  return G_SOURCE_REMOVE;
}

/* Its action is still to be done when it closes. */
static void
closed_cb (GtkWidget *popover)
{
  g_idle_add (unparent_cb, popover);
}

static void
popup (GtkWidget *grid, FewTile *tile, FewExamples *examples)
{
  g_autoptr (GMenuModel) menu = create_menu (examples);
  graphene_rect_t bounds;
  graphene_point_t center;
  few_tile_choose (tile);
  if (!gtk_widget_compute_bounds (GTK_WIDGET (tile), grid, &bounds))
    return;
  graphene_rect_get_center (&bounds, &center);
  GtkWidget *popover = gtk_popover_menu_new_from_model (menu);
  gtk_widget_set_parent (popover, grid);
  gtk_popover_set_has_arrow (GTK_POPOVER (popover), FALSE);
  gtk_popover_set_pointing_to (GTK_POPOVER (popover),
                               &(GdkRectangle) { (int) center.x, (int) center.y, 1, 1 });
  g_signal_connect (popover, "closed", G_CALLBACK (closed_cb), NULL);
  gtk_popover_popup (GTK_POPOVER (popover));
}

static void
popup_at (GtkEventController *gesture, double x, double y, FewExamples *examples)
{
  GtkWidget *grid = gtk_event_controller_get_widget (gesture);
  GtkWidget *picked = gtk_widget_pick (grid, x, y, GTK_PICK_DEFAULT);
  GtkWidget *tile = picked ? gtk_widget_get_ancestor (picked, FEW_TYPE_TILE) : NULL;
  if (!tile)
    return;
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  popup (grid, FEW_TILE (tile), examples);
}

static void
right_pressed_cb (GtkGesture *gesture, int n, double x, double y, gpointer examples)
{
  popup_at (GTK_EVENT_CONTROLLER (gesture), x, y, examples);
}

static void
long_pressed_cb (GtkGesture *gesture, double x, double y, gpointer examples)
{
  popup_at (GTK_EVENT_CONTROLLER (gesture), x, y, examples);
}

static gboolean
menu_key_cb (GtkWidget *grid, GVariant *arguments, gpointer examples)
{
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (grid));
  GtkWidget *tile = focus ? gtk_widget_get_first_child (focus) : NULL;
  if (!FEW_IS_TILE (tile))
    return FALSE;
  popup (grid, FEW_TILE (tile), examples);
  return TRUE;
}

void
few_picture_menu_install (GtkGridView *grid, FewExamples *examples)
{
  g_return_if_fail (GTK_IS_GRID_VIEW (grid));
  g_return_if_fail (FEW_IS_EXAMPLES (examples));
  GtkGesture *click = gtk_gesture_click_new ();
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), GDK_BUTTON_SECONDARY);
  g_signal_connect_object (click, "pressed", G_CALLBACK (right_pressed_cb), examples, 0);
  gtk_widget_add_controller (GTK_WIDGET (grid), GTK_EVENT_CONTROLLER (click));
  GtkGesture *press = gtk_gesture_long_press_new ();
  gtk_gesture_single_set_touch_only (GTK_GESTURE_SINGLE (press), TRUE);
  g_signal_connect_object (press, "pressed", G_CALLBACK (long_pressed_cb), examples, 0);
  gtk_widget_add_controller (GTK_WIDGET (grid), GTK_EVENT_CONTROLLER (press));
  GtkEventController *keys = gtk_shortcut_controller_new ();
  gtk_shortcut_controller_add_shortcut (
      GTK_SHORTCUT_CONTROLLER (keys),
      gtk_shortcut_new (
          gtk_shortcut_trigger_parse_string ("Menu|<Shift>F10"),
          gtk_callback_action_new (menu_key_cb, g_object_ref (examples), g_object_unref)));
  gtk_widget_add_controller (GTK_WIDGET (grid), keys);
}
