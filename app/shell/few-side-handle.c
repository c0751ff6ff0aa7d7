/* SPDX-License-Identifier: MIT */
/* A line, with some room beside it to take hold of. */
#include "shell/few-side-handle.h"
#include "base/few-settings.h"
#include <glib/gi18n.h>

enum { STEP = 20, WIDEST = 480 };

struct _FewSideHandle
{
  GtkWidget parent;
  GtkWidget *line;
  GtkWidget *side; /* weak */
  int start;       /* its width when the drag began */
};

G_DEFINE_FINAL_TYPE (FewSideHandle, few_side_handle, GTK_TYPE_WIDGET)

static void
set_width (FewSideHandle *self, int width)
{
  if (self->side)
    gtk_widget_set_size_request (self->side, CLAMP (width, 0, WIDEST), -1);
}

static void
keep_width (FewSideHandle *self)
{
  int width = -1;
  if (self->side)
    gtk_widget_get_size_request (self->side, &width, NULL);
  if (width >= 0)
    g_settings_set_int (few_settings (), "side-width", width);
}

/* Towards the pages, in pixels. */
static int
outwards (FewSideHandle *self, double dx)
{
  gboolean mirrored = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  return (int) (mirrored ? -dx : dx);
}

static void
drag_begin_cb (FewSideHandle *self)
{
  self->start = self->side ? gtk_widget_get_width (self->side) : 0;
}

/* The handle moves along: what has been dragged counts from where it is now. */
static void
drag_update_cb (FewSideHandle *self, double dx)
{
  int now = self->side ? gtk_widget_get_width (self->side) : 0;
  set_width (self, now + outwards (self, dx));
}

static void
drag_end_cb (FewSideHandle *self)
{
  if (self->side && gtk_widget_get_width (self->side) != self->start)
    keep_width (self);
}

static gboolean
key_cb (FewSideHandle *self, guint key)
{
  int dx = (key == GDK_KEY_Right) - (key == GDK_KEY_Left);
  if (dx == 0 || !self->side)
    return GDK_EVENT_PROPAGATE;
  set_width (self, gtk_widget_get_width (self->side) + outwards (self, dx * STEP));
  keep_width (self);
  return GDK_EVENT_STOP;
}

static void
few_side_handle_dispose (GObject *object)
{
  FewSideHandle *self = FEW_SIDE_HANDLE (object);
  g_clear_pointer (&self->line, gtk_widget_unparent);
  g_clear_weak_pointer (&self->side);
  G_OBJECT_CLASS (few_side_handle_parent_class)->dispose (object);
}

static void
few_side_handle_class_init (FewSideHandleClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = few_side_handle_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_SEPARATOR);
  gtk_widget_class_set_css_name (widget_class, "sidehandle");
}

static void
few_side_handle_init (FewSideHandle *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  self->line = gtk_separator_new (GTK_ORIENTATION_VERTICAL);
  gtk_widget_set_halign (self->line, GTK_ALIGN_START);
  gtk_widget_set_parent (self->line, widget);
  gtk_widget_set_size_request (widget, FEW_SIDE_HANDLE_ROOM, -1);
  gtk_widget_set_focusable (widget, TRUE);
  gtk_widget_set_cursor_from_name (widget, "col-resize");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Width of the list of classes"), -1);
  GtkGesture *drag = gtk_gesture_drag_new ();
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect_swapped (drag, "drag-end", G_CALLBACK (drag_end_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));
  GtkEventController *keys = gtk_event_controller_key_new ();
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (widget, keys);
}

void
few_side_handle_set_side (FewSideHandle *self, GtkWidget *side)
{
  g_return_if_fail (FEW_IS_SIDE_HANDLE (self));
  g_return_if_fail (GTK_IS_WIDGET (side));
  g_set_weak_pointer (&self->side, side);
  set_width (self, g_settings_get_int (few_settings (), "side-width"));
}
