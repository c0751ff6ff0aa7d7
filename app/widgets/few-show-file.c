/* SPDX-License-Identifier: MIT */
/* The desktop's own way: a file manager's D-Bus interface, or the default program of a kind. */
#include "widgets/few-show-file.h"
#include "widgets/few-toasts.h"

static void
launched_cb (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer user)
{
  g_autoptr (GtkWindow) window = user;
  g_autoptr (GError) error = NULL;
  if (!g_app_info_launch_default_for_uri_finish (result, &error))
    few_toasts_say (window, error->message);
}

static void
launch (GtkWindow *window, GFile *file)
{
  g_autofree char *uri = g_file_get_uri (file);
  g_autoptr (GdkAppLaunchContext) context =
      gdk_display_get_app_launch_context (gtk_widget_get_display (GTK_WIDGET (window)));
  g_app_info_launch_default_for_uri_async (uri, G_APP_LAUNCH_CONTEXT (context), NULL, launched_cb,
                                           g_object_ref (window));
}

void
few_show_file_open (GtkWindow *window, const char *path)
{
  g_return_if_fail (GTK_IS_WINDOW (window));
  g_return_if_fail (path);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  launch (window, file);
}

/* Who asked, and for what. */
typedef struct
{
  GtkWindow *window;
  GFile *file;
} Asked;

static void
shown_cb (GObject *bus, GAsyncResult *result, gpointer user)
{
  Asked *asked = user;
  g_autoptr (GVariant) answer =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, NULL);
  g_autoptr (GFile) folder = g_file_get_parent (asked->file);
  if (!answer && folder)
    launch (asked->window, folder);
  g_object_unref (asked->window);
  g_object_unref (asked->file);
  g_free (asked);
}

void
few_show_file_in_folder (GtkWindow *window, const char *path)
{
  g_return_if_fail (GTK_IS_WINDOW (window));
  g_return_if_fail (path);
  GApplication *application = g_application_get_default ();
  GDBusConnection *bus = application ? g_application_get_dbus_connection (application) : NULL;
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autofree char *uri = g_file_get_uri (file);
  const char *const uris[] = { uri, NULL };
  if (!bus)
    {
      g_autoptr (GFile) folder = g_file_get_parent (file);
      launch (window, folder ? folder : file);
      return;
    }
  Asked *asked = g_new (Asked, 1);
  *asked = (Asked) { g_object_ref (window), g_object_ref (file) };
  g_dbus_connection_call (bus, "org.freedesktop.FileManager1", "/org/freedesktop/FileManager1",
                          "org.freedesktop.FileManager1", "ShowItems",
                          g_variant_new ("(^ass)", uris, ""), NULL, G_DBUS_CALL_FLAGS_NONE, -1,
                          NULL, shown_cb, asked);
}
