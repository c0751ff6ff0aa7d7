/* SPDX-License-Identifier: MIT */
/* Pasting: files by their paths, a picture by a file that a thread writes for it. */
#include "widgets/few-paste.h"
#include "widgets/few-actions.h"
#include "widgets/few-file-list.h"
#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>

static void
take_paths (FewActions *self, const char *const *paths)
{
  few_actions_activate (self, "take", g_variant_new ("(^asb)", paths, TRUE));
}

/* A file of its own, kept with the person's data: the project refers to it. */
static char *
create_path (const char *folder)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *stamp = g_date_time_format (now, "%Y%m%d-%H%M%S-%f.png");
  return g_build_filename (folder, stamp, NULL);
}

/* The path, or a sentence. */
static void
write_in_thread (GTask *task, gpointer source, gpointer texture, GCancellable *cancellable)
{
  g_autofree char *folder = g_build_filename (g_get_user_data_dir (), "fewshot", "pasted", NULL);
  g_autofree char *path = create_path (folder);
  if (g_mkdir_with_parents (folder, 0755) == 0 && gdk_texture_save_to_png (texture, path))
    g_task_return_pointer (task, g_steal_pointer (&path), g_free);
  else
    g_task_return_new_error (task, G_IO_ERROR, g_io_error_from_errno (errno),
                             _ ("%s could not be written: %s."), path, g_strerror (errno));
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  FewActions *self = FEW_ACTIONS (source);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_task_propagate_pointer (G_TASK (result), &error);
  if (path)
    take_paths (self, (const char *const[]) { path, NULL });
  else
    few_actions_say (self, error->message);
}

static void
texture_read_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  g_autoptr (FewActions) self = user;
  g_autoptr (GdkTexture) texture =
      gdk_clipboard_read_texture_finish (GDK_CLIPBOARD (source), result, NULL);
  if (!texture)
    {
      few_actions_say (self, _ ("There is no picture in the clipboard."));
      return;
    }
  g_autoptr (GTask) task = g_task_new (self, NULL, written_cb, NULL);
  g_task_set_task_data (task, g_steal_pointer (&texture), g_object_unref);
  g_task_run_in_thread (task, write_in_thread);
}

static void
files_read_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  g_autoptr (FewActions) self = user;
  const GValue *value = gdk_clipboard_read_value_finish (GDK_CLIPBOARD (source), result, NULL);
  g_auto (GStrv) paths = value ? few_file_list_get_paths (value) : NULL;
  if (paths && paths[0])
    take_paths (self, (const char *const *) paths);
}

static void
paste_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  GtkWidget *window = GTK_WIDGET (few_actions_get_window (user));
  GdkClipboard *clipboard = gtk_widget_get_clipboard (window);
  if (gdk_content_formats_contain_gtype (gdk_clipboard_get_formats (clipboard), GDK_TYPE_FILE_LIST))
    gdk_clipboard_read_value_async (clipboard, GDK_TYPE_FILE_LIST, G_PRIORITY_DEFAULT, NULL,
                                    files_read_cb, g_object_ref (user));
  else
    gdk_clipboard_read_texture_async (clipboard, NULL, texture_read_cb, g_object_ref (user));
}

void
few_paste_install (GActionMap *window)
{
  static const GActionEntry entries[] = { { "paste", paste_cb } };
  static const FewKeys accels[] = { { "win.paste", { "<Control>v" } } };
  FewActions *self = few_actions_new (FEW_TYPE_ACTIONS, window, NULL);
  few_actions_set_accels (accels, G_N_ELEMENTS (accels));
  few_actions_add (self, entries, G_N_ELEMENTS (entries));
}
