/* SPDX-License-Identifier: MIT */
/* Drops. The handler only passes paths on; folders are read on the worker. */
#include "shell/few-window.h"
#include <glib/gi18n.h>

char **
few_window_paths_of (const GValue *value)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  for (GSList *l = g_value_get_boxed (value); l; l = l->next)
    {
      g_autofree char *path = g_file_get_path (l->data);
      if (path)
        g_strv_builder_add (builder, path);
    }
  return g_strv_builder_end (builder);
}

static gboolean
take (FewWindow *self, const GValue *value, FewClass *into)
{
  g_auto (GStrv) paths = few_window_paths_of (value);
  if (!paths[0])
    {
      few_window_say (self, _ ("Only files and folders on this computer can be dropped here."),
                      FALSE);
      return FALSE;
    }
  if (!paths[1] && g_str_has_suffix (paths[0], ".fewshot"))
    return gtk_widget_activate_action (GTK_WIDGET (self), "win.open-path", "s", paths[0]);
  if (!into && g_str_equal (few_window_get_page (self), "try"))
    few_session_try (few_window_get_session (self), (const char *const *) paths);
  else
    few_session_import (few_window_get_session (self), (const char *const *) paths, into);
  return TRUE;
}

static gboolean
drop_on_window (GtkDropTarget *target, const GValue *value, double x, double y, FewWindow *self)
{
  gtk_widget_remove_css_class (GTK_WIDGET (self), "drop-target");
  return take (self, value, NULL);
}

static GdkDragAction
enter (GtkDropTarget *target, double x, double y, FewWindow *self)
{
  gtk_widget_add_css_class (GTK_WIDGET (self), "drop-target");
  return GDK_ACTION_COPY;
}

static void
leave (GtkDropTarget *target, FewWindow *self)
{
  gtk_widget_remove_css_class (GTK_WIDGET (self), "drop-target");
}

static gboolean
drop_on_row (GtkDropTarget *target, const GValue *value, double x, double y, FewWindow *self)
{
  return take (self, value, g_object_get_data (G_OBJECT (target), "class"));
}

void
few_window_dnd_init (FewWindow *self)
{
  GtkDropTarget *target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);
  g_signal_connect (target, "drop", G_CALLBACK (drop_on_window), self);
  g_signal_connect (target, "enter", G_CALLBACK (enter), self);
  g_signal_connect (target, "leave", G_CALLBACK (leave), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
}

void
few_window_dnd_row (GtkWidget *row, FewWindow *self, FewClass *klass)
{
  GtkDropTarget *target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);
  g_object_set_data_full (G_OBJECT (target), "class", g_object_ref (klass), g_object_unref);
  g_signal_connect (target, "drop", G_CALLBACK (drop_on_row), self);
  gtk_widget_add_controller (row, GTK_EVENT_CONTROLLER (target));
}
