/* SPDX-License-Identifier: MIT */
/* org.freedesktop.portal.Camera: AccessCamera answers by a signal of a request, whose path is known
 * before it is made, so that the answer is not missed. */
#include "camera/few-camera-portal.h"
#include <gio/gunixfdlist.h>
#include <glib/gi18n.h>

#define DESKTOP "org.freedesktop.portal.Desktop"
#define OBJECT "/org/freedesktop/portal/desktop"
#define CAMERA "org.freedesktop.portal.Camera"

typedef struct
{
  GDBusConnection *bus;
  guint answer; /* the signal's subscription; 0: none */
} Asking;

/* The subscription keeps the task. */
static void
stop_listening (Asking *asking)
{
  guint answer = asking->answer;
  asking->answer = 0;
  if (answer)
    g_dbus_connection_signal_unsubscribe (asking->bus, answer);
}

static void
asking_free (gpointer data)
{
  Asking *asking = data;
  g_clear_object (&asking->bus);
  g_free (asking);
}

static void
call (GTask *task, const char *interface, const char *method, GVariant *arguments,
      const char *answer, GAsyncReadyCallback done)
{
  const Asking *asking = g_task_get_task_data (task);
  g_dbus_connection_call_with_unix_fd_list (
      asking->bus, DESKTOP, OBJECT, interface, method, arguments, G_VARIANT_TYPE (answer),
      G_DBUS_CALL_FLAGS_NONE, -1, NULL, g_task_get_cancellable (task), done, task);
}

static GVariant *
finish_call (GTask *task, GAsyncResult *result, GUnixFDList **fds)
{
  const Asking *asking = g_task_get_task_data (task);
  GError *error = NULL;
  GVariant *answer =
      g_dbus_connection_call_with_unix_fd_list_finish (asking->bus, fds, result, &error);
  if (error)
    g_task_return_error (task, error);
  return answer;
}

static void
opened_cb (GObject *bus G_GNUC_UNUSED, GAsyncResult *result, gpointer user)
{
  g_autoptr (GTask) task = user;
  g_autoptr (GUnixFDList) fds = NULL;
  GError *error = NULL;
  g_autoptr (GVariant) answer = finish_call (task, result, &fds);
  gint32 index = 0;
  if (!answer)
    return;
  g_variant_get (answer, "(h)", &index);
  int fd = fds ? g_unix_fd_list_get (fds, index, &error) : -1;
  if (fd >= 0)
    g_task_return_int (task, fd);
  else
    g_task_return_error (task, error ? error
                                     : g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED,
                                                            "The portal handed nothing over."));
}

/* 0: yes. */
static void
answered_cb (GDBusConnection *bus G_GNUC_UNUSED, const char *sender G_GNUC_UNUSED,
             const char *path G_GNUC_UNUSED, const char *interface G_GNUC_UNUSED,
             const char *signal G_GNUC_UNUSED, GVariant *parameters, gpointer user)
{
  g_autoptr (GTask) task = g_object_ref (user);
  guint32 response = 1;
  if (g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(ua{sv})")))
    g_variant_get (parameters, "(ua{sv})", &response, NULL);
  stop_listening (g_task_get_task_data (task));
  if (response == 0)
    {
      GVariant *options = g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0);
      call (g_steal_pointer (&task), CAMERA, "OpenPipeWireRemote",
            g_variant_new ("(@a{sv})", options), "(h)", opened_cb);
      return;
    }
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "%s",
                           _ ("The camera may not be used: the answer to the desktop’s question "
                              "was no. The desktop’s privacy settings change that."));
}

static void
asked_cb (GObject *bus G_GNUC_UNUSED, GAsyncResult *result, gpointer user)
{
  g_autoptr (GTask) task = user;
  g_autoptr (GVariant) answer = finish_call (task, result, NULL);
  if (!answer)
    stop_listening (g_task_get_task_data (task));
}

static char *
name_request (GDBusConnection *bus, const char *token)
{
  g_autofree char *name = g_strdup (g_dbus_connection_get_unique_name (bus) + 1);
  return g_strdup_printf ("%s/request/%s/%s", OBJECT, g_strdelimit (name, ".", '_'), token);
}

static void
ask_for_access (GTask *task)
{
  Asking *asking = g_task_get_task_data (task);
  g_autofree char *token = g_strdup_printf ("fewshot%u", g_random_int ());
  g_autofree char *request = name_request (asking->bus, token);
  GVariantBuilder options;
  g_variant_builder_init (&options, G_VARIANT_TYPE ("a{sv}"));
  g_variant_builder_add (&options, "{sv}", "handle_token", g_variant_new_string (token));
  asking->answer = g_dbus_connection_signal_subscribe (
      asking->bus, DESKTOP, "org.freedesktop.portal.Request", "Response", request, NULL,
      G_DBUS_SIGNAL_FLAGS_NONE, answered_cb, g_object_ref (task), g_object_unref);
  call (task, CAMERA, "AccessCamera", g_variant_new ("(a{sv})", &options), "(o)", asked_cb);
}

static void
present_cb (GObject *bus G_GNUC_UNUSED, GAsyncResult *result, gpointer user)
{
  g_autoptr (GTask) task = user;
  g_autoptr (GVariant) answer = finish_call (task, result, NULL);
  g_autoptr (GVariant) value = NULL;
  if (!answer)
    return;
  g_variant_get (answer, "(v)", &value);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN) && g_variant_get_boolean (value))
    ask_for_access (g_steal_pointer (&task));
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                             "The portal knows of no camera.");
}

static void
bus_cb (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer user)
{
  g_autoptr (GTask) task = user;
  Asking *asking = g_task_get_task_data (task);
  GError *error = NULL;
  asking->bus = g_bus_get_finish (result, &error);
  if (!asking->bus)
    {
      g_task_return_error (task, error);
      return;
    }
  call (g_steal_pointer (&task), "org.freedesktop.DBus.Properties", "Get",
        g_variant_new ("(ss)", CAMERA, "IsCameraPresent"), "(v)", present_cb);
}

void
few_camera_portal_ask (GCancellable *cancellable, GAsyncReadyCallback done, gpointer user)
{
  GTask *task = g_task_new (NULL, cancellable, done, user);
  g_task_set_task_data (task, g_new0 (Asking, 1), asking_free);
  g_task_set_check_cancellable (task, FALSE); /* a descriptor that has come is handed over */
  g_bus_get (G_BUS_TYPE_SESSION, cancellable, bus_cb, task);
}

int
few_camera_portal_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (G_IS_TASK (result), -1);
  gssize fd = g_task_propagate_int (G_TASK (result), error);
  return (int) fd;
}
