/* SPDX-License-Identifier: MIT */
/* The interface's methods: what they name is looked at, then opened as a file manager would. */
#include "shell/few-interface.h"

enum { MOST_PATHS = 100000 };

static gboolean
check_path (const char *path, GError **error)
{
  if (!g_path_is_absolute (path))
    g_set_error (error, G_DBUS_ERROR, G_DBUS_ERROR_INVALID_ARGS, "“%s” is not an absolute path.",
                 path);
  else if (!g_file_test (path, G_FILE_TEST_EXISTS))
    g_set_error (error, G_DBUS_ERROR, G_DBUS_ERROR_FILE_NOT_FOUND, "“%s” is not there.", path);
  else
    return TRUE;
  return FALSE;
}

static gboolean
check_project (const char *path, GError **error)
{
  if (check_path (path, error) && g_str_has_suffix (path, ".fewshot"))
    return TRUE;
  if (!*error)
    g_set_error (error, G_DBUS_ERROR, G_DBUS_ERROR_INVALID_ARGS,
                 "“%s” is no project: its name does not end in .fewshot.", path);
  return FALSE;
}

/* A project among pictures would be opened and not tried. */
static gboolean
check_pictures (const char *const *paths, GError **error)
{
  guint n = g_strv_length ((GStrv) paths);
  if (n == 0 || n > MOST_PATHS)
    {
      g_set_error (error, G_DBUS_ERROR, G_DBUS_ERROR_INVALID_ARGS,
                   n == 0 ? "There is no picture to classify."
                          : "These are too many paths: name their folder.");
      return FALSE;
    }
  for (; *paths; paths++)
    {
      if (!check_path (*paths, error))
        return FALSE;
      if (!g_str_has_suffix (*paths, ".fewshot"))
        continue;
      g_set_error (error, G_DBUS_ERROR, G_DBUS_ERROR_INVALID_ARGS,
                   "“%s” is a project, not a picture.", *paths);
      return FALSE;
    }
  return TRUE;
}

static void
open_paths (GApplication *application, const char *const *paths)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_object_unref);
  for (; *paths; paths++)
    g_ptr_array_add (files, g_file_new_for_path (*paths));
  g_application_open (application, (GFile **) files->pdata, (int) files->len, "");
}

static void
called_cb (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
           const char *method, GVariant *parameters, GDBusMethodInvocation *invocation,
           gpointer application)
{
  g_autofree const char **paths = NULL;
  GError *error = NULL;
  if (g_str_equal (method, "OpenProject"))
    {
      paths = g_new0 (const char *, 2);
      g_variant_get (parameters, "(&s)", &paths[0]);
      check_project (paths[0], &error);
    }
  else
    {
      g_variant_get (parameters, "(^a&s)", &paths);
      check_pictures (paths, &error);
    }
  if (error)
    {
      g_dbus_method_invocation_take_error (invocation, error);
      return;
    }
  open_paths (application, paths);
  g_dbus_method_invocation_return_value (invocation, NULL);
}

guint
few_interface_export (GApplication *application, GDBusConnection *connection, const char *path,
                      GError **error)
{
  static const GDBusInterfaceVTable table = { called_cb, NULL, NULL, { NULL } };
  g_return_val_if_fail (G_IS_APPLICATION (application), 0);
  g_return_val_if_fail (G_IS_DBUS_CONNECTION (connection), 0);
  g_autoptr (GBytes) xml = g_resources_lookup_data (
      "/io/github/fewshot/Fewshot/io.github.fewshot.Fewshot1.xml", 0, error);
  g_autoptr (GDBusNodeInfo) node =
      xml ? g_dbus_node_info_new_for_xml (g_bytes_get_data (xml, NULL), error) : NULL;
  return node ? g_dbus_connection_register_object (connection, path, node->interfaces[0], &table,
                                                   application, NULL, error)
              : 0;
}
