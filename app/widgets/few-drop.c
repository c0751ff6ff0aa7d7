/* SPDX-License-Identifier: MIT */
/* A drop target for files that says what it cannot take. */
#include "widgets/few-drop.h"
#include "widgets/few-file-list.h"
#include <glib/gi18n.h>

/* Who takes what is dropped. */
typedef struct
{
  FewDroppedFunc dropped;
  gpointer user;
  GDestroyNotify free_user;
} Taker;

static void
taker_free_cb (gpointer data, GClosure *closure G_GNUC_UNUSED)
{
  Taker *taker = data;
  if (taker->free_user)
    taker->free_user (taker->user);
  g_free (taker);
}

static GtkWidget *
get_widget (GtkDropTarget *target)
{
  return gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (target));
}

static void
leave_cb (GtkDropTarget *target)
{
  gtk_widget_remove_css_class (get_widget (target), "drop-target");
}

/* The targets around the one that takes a drop were entered, too, and are not told that it is
 * over. */
static void
end_drop (GtkWidget *widget)
{
  for (; widget; widget = gtk_widget_get_parent (widget))
    gtk_widget_remove_css_class (widget, "drop-target");
}

/* A drag of this program's own pictures is not one of new files. */
static gboolean
accept_cb (GtkDropTarget *target, GdkDrop *drop, gpointer user G_GNUC_UNUSED)
{
  return !gdk_drop_get_drag (drop)
         && gdk_content_formats_contain_gtype (gdk_drop_get_formats (drop), GDK_TYPE_FILE_LIST);
}

static GdkDragAction
enter_cb (GtkDropTarget *target, double x G_GNUC_UNUSED, double y G_GNUC_UNUSED)
{
  gtk_widget_add_css_class (get_widget (target), "drop-target");
  return GDK_ACTION_COPY;
}

static gboolean
drop_cb (GtkDropTarget *target, const GValue *value, double x G_GNUC_UNUSED, double y G_GNUC_UNUSED,
         gpointer user)
{
  const Taker *taker = user;
  GtkWidget *widget = get_widget (target);
  g_auto (GStrv) paths = few_file_list_get_paths (value);
  end_drop (widget);
  if (!paths[0])
    {
      gtk_widget_activate_action (
          widget, "win.say", "(ss)",
          _ ("Only files and folders on this computer can be dropped here."), "");
      return FALSE;
    }
  if (!paths[1] && g_str_has_suffix (paths[0], ".fewshot"))
    return gtk_widget_activate_action (widget, "win.open-path", "s", paths[0]);
  taker->dropped (widget, (const char *const *) paths, taker->user);
  return TRUE;
}

void
few_drop_add (GtkWidget *widget, FewDroppedFunc dropped, gpointer user, GDestroyNotify free_user)
{
  g_return_if_fail (GTK_IS_WIDGET (widget));
  g_return_if_fail (dropped);
  GtkDropTarget *target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);
  Taker *taker = g_new (Taker, 1);
  *taker = (Taker) { dropped, user, free_user };
  g_signal_connect_data (target, "drop", G_CALLBACK (drop_cb), taker, taker_free_cb, 0);
  g_signal_connect (target, "accept", G_CALLBACK (accept_cb), NULL);
  g_signal_connect (target, "enter", G_CALLBACK (enter_cb), NULL);
  g_signal_connect (target, "leave", G_CALLBACK (leave_cb), NULL);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (target));
}
