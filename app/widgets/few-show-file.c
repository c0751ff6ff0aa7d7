/* SPDX-License-Identifier: MIT */
/* The desktop's own way: a file manager's D-Bus interface, or the default program of a kind. */
#include "widgets/few-show-file.h"
#include "widgets/few-toasts.h"
#include <glib/gi18n.h>

/* Who asked, and for what. */
typedef struct
{
  GtkWindow *window;
  GFile *file;
} Asked;

static Asked *
asked_new (GtkWindow *window, GFile *file)
{
  Asked *asked = g_new (Asked, 1);
  *asked = (Asked) { g_object_ref (window), g_object_ref (file) };
  return asked;
}

static void
asked_free (Asked *asked)
{
  g_object_unref (asked->window);
  g_object_unref (asked->file);
  g_free (asked);
}

/* GIO's own words for that name a content type. */
static void
launched_cb (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer user)
{
  Asked *asked = user;
  g_autoptr (GError) error = NULL;
  if (!g_app_info_launch_default_for_uri_finish (result, &error))
    {
      gboolean none = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
      g_autofree char *shown = g_file_get_parse_name (asked->file);
      g_autofree char *text =
          /* Translators: a file or a folder */
          none ? g_strdup_printf (_ ("This computer has no program that shows %s."), shown) : NULL;
      few_toasts_say (asked->window, none ? text : error->message);
    }
  asked_free (asked);
}

static void
launch (GtkWindow *window, GFile *file)
{
  g_autofree char *uri = g_file_get_uri (file);
  g_autoptr (GdkAppLaunchContext) context =
      gdk_display_get_app_launch_context (gtk_widget_get_display (GTK_WIDGET (window)));
  g_app_info_launch_default_for_uri_async (uri, G_APP_LAUNCH_CONTEXT (context), NULL, launched_cb,
                                           asked_new (window, file));
}

void
few_show_file_open (GtkWindow *window, const char *path)
{
  g_return_if_fail (GTK_IS_WINDOW (window));
  g_return_if_fail (path);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  launch (window, file);
}

static void
shown_cb (GObject *bus, GAsyncResult *result, gpointer user)
{
  Asked *asked = user;
  g_autoptr (GVariant) answer =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, NULL);
  g_autoptr (GFile) folder = g_file_get_parent (asked->file);
  if (!answer && folder)
    launch (asked->window, folder);
  asked_free (asked);
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
  g_dbus_connection_call (bus, "org.freedesktop.FileManager1", "/org/freedesktop/FileManager1",
                          "org.freedesktop.FileManager1", "ShowItems",
                          g_variant_new ("(^ass)", uris, ""), NULL, G_DBUS_CALL_FLAGS_NONE, -1,
                          NULL, shown_cb, asked_new (window, file));
}
