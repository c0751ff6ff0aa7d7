/* SPDX-License-Identifier: MIT */
/* A popover menu over a widget that has no place for one of its own. */
#include "widgets/few-popup.h"
#include "widgets/few-tooltips.h"

/* The transition to another page of a menu takes less. */
static const gint64 TRANSITION = G_USEC_PER_SEC / 2;

static void
closed_cb (GtkWidget *popover)
{
  GtkRoot *window = gtk_widget_get_root (popover);
  if (window)
    few_tooltips_return (GTK_WINDOW (window));
}

/* A widget with a layout manager would do so; lists and grids have none. */
static gboolean
present_cb (GtkWidget *popover, GdkFrameClock *clock, gpointer until)
{
  gtk_widget_queue_resize (popover);
  gtk_popover_present (GTK_POPOVER (popover));
  return gdk_frame_clock_get_frame_time (clock) < *(gint64 *) until;
}

/* Another page of the menu has another size. */
static void
page_shown_cb (GtkWidget *popover)
{
  gint64 until = g_get_monotonic_time () + TRANSITION;
  gtk_widget_add_tick_callback (popover, present_cb, g_memdup2 (&until, sizeof until), g_free);
}

/* NULL: it has none yet. */
static GtkWidget *
find_popover (GtkWidget *widget)
{
  GtkWidget *child = gtk_widget_get_first_child (widget);
  while (child && !GTK_IS_POPOVER_MENU (child))
    child = gtk_widget_get_next_sibling (child);
  return child;
}

/* One a widget, which stays while the widget does. Who takes one away that has just closed, while
 * the pointer is where it was, takes the surface away that the window asks for the pointer's motion
 * at its next layout, and GTK 4.8 breaks down. */
static GtkPopover *
ensure_popover (GtkWidget *widget)
{
  GtkWidget *popover = find_popover (widget);
  if (popover)
    return GTK_POPOVER (popover);
  popover = gtk_popover_menu_new_from_model (NULL);
  gtk_widget_set_parent (popover, widget);
  gtk_popover_set_has_arrow (GTK_POPOVER (popover), FALSE);
  g_signal_connect (popover, "closed", G_CALLBACK (closed_cb), NULL);
  g_signal_connect (popover, "notify::visible-submenu", G_CALLBACK (page_shown_cb), NULL);
  g_signal_connect_object (widget, "destroy", G_CALLBACK (gtk_widget_unparent), popover,
                           G_CONNECT_SWAPPED);
  return GTK_POPOVER (popover);
}

void
few_popup (GtkWidget *widget, GMenuModel *menu, double x, double y)
{
  g_return_if_fail (GTK_IS_WIDGET (widget) && G_IS_MENU_MODEL (menu));
  GtkPopover *popover = ensure_popover (widget);
  gtk_popover_menu_set_menu_model (GTK_POPOVER_MENU (popover), menu);
  gtk_popover_set_pointing_to (popover, &(GdkRectangle) { (int) x, (int) y, 1, 1 });
  if (!gtk_widget_get_visible (GTK_WIDGET (popover))) /* "closed" comes once for each time */
    few_tooltips_rest (GTK_WINDOW (gtk_widget_get_root (widget)));
  gtk_popover_popup (popover);
}

/* ---- how it is asked for */

typedef struct
{
  FewPopupFunc popup;
  gpointer user;
  double x, y; /* where the button was pressed */
} Asked;

static void
asked_free_cb (gpointer asked, GClosure *closure G_GNUC_UNUSED)
{
  g_free (asked);
}

static void
popup_at (GtkGesture *gesture, double x, double y, const Asked *asked)
{
  GtkWidget *widget = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (gesture));
  if (asked->popup (widget, x, y, asked->user))
    gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
}

static void
right_pressed_cb (GtkGesture *gesture G_GNUC_UNUSED, int n G_GNUC_UNUSED, double x, double y,
                  gpointer user)
{
  Asked *asked = user;
  asked->x = x;
  asked->y = y;
}

/* Not before: the menu would take the release, and what lies below would stay pressed for ever. */
static void
right_released_cb (GtkGesture *gesture, int n G_GNUC_UNUSED, double x, double y, gpointer user)
{
  const Asked *asked = user;
  GtkWidget *widget = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (gesture));
  gboolean dragged =
      gtk_drag_check_threshold (widget, (int) asked->x, (int) asked->y, (int) x, (int) y);
  if (gtk_widget_contains (widget, x, y) && !dragged)
    popup_at (gesture, x, y, asked);
}

static void
long_pressed_cb (GtkGesture *gesture, double x, double y, gpointer user)
{
  popup_at (gesture, x, y, user);
}

static gboolean
menu_key_cb (GtkWidget *widget, GVariant *arguments G_GNUC_UNUSED, gpointer user)
{
  const Asked *asked = user;
  return asked->popup (widget, -1, -1, asked->user);
}

static Asked *
asked_new (FewPopupFunc popup, gpointer user)
{
  Asked *asked = g_new (Asked, 1);
  *asked = (Asked) { .popup = popup, .user = user };
  return asked;
}

void
few_popup_install (GtkWidget *widget, FewPopupFunc popup, gpointer user)
{
  g_return_if_fail (GTK_IS_WIDGET (widget));
  g_return_if_fail (popup);
  GtkGesture *click = gtk_gesture_click_new ();
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), GDK_BUTTON_SECONDARY);
  Asked *asked = asked_new (popup, user);
  g_signal_connect (click, "pressed", G_CALLBACK (right_pressed_cb), asked);
  g_signal_connect_data (click, "released", G_CALLBACK (right_released_cb), asked, asked_free_cb,
                         0);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
  GtkGesture *press = gtk_gesture_long_press_new ();
  gtk_gesture_single_set_touch_only (GTK_GESTURE_SINGLE (press), TRUE);
  g_signal_connect_data (press, "pressed", G_CALLBACK (long_pressed_cb), asked_new (popup, user),
                         asked_free_cb, 0);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (press));
  GtkEventController *keys = gtk_shortcut_controller_new ();
  gtk_shortcut_controller_add_shortcut (
      GTK_SHORTCUT_CONTROLLER (keys),
      gtk_shortcut_new (gtk_shortcut_trigger_parse_string ("Menu|<Shift>F10"),
                        gtk_callback_action_new (menu_key_cb, asked_new (popup, user), g_free)));
  gtk_widget_add_controller (widget, keys);
}
