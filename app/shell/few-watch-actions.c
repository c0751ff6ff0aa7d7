/* SPDX-License-Identifier: MIT */
/* What Preferences does to watched folders, for notifications and other programs. */
#include "shell/few-watch-actions.h"
#include "base/few-settings.h"
#include "watch/few-watch-log.h"

static FewWatcher *
get_watcher (gpointer application)
{
  return g_object_get_data (application, "few-watcher");
}

static void
add_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter, gpointer user)
{
  const char *folder, *classifier, *word, *target;
  FewWatched members = { .on = TRUE };
  g_variant_get (parameter, "(&s&s&s&s)", &folder, &classifier, &word, &target);
  if (!g_path_is_absolute (folder) || !few_watched_read_action (word, &members.action))
    return;
  members.folder = (char *) folder;
  members.classifier = (char *) classifier;
  members.target = (char *) target;
  g_autoptr (FewWatched) watched = few_watched_new (&members);
  few_watcher_put (get_watcher (user), watched);
}

static void
remove_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter, gpointer user)
{
  const char *folder = g_variant_get_string (parameter, NULL);
  if (!g_path_is_absolute (folder))
    return;
  g_autoptr (FewWatched) watched = few_watched_new (&(FewWatched) { .folder = (char *) folder });
  few_watcher_remove (get_watcher (user), watched->id);
}

/* No program shows it: then the page does. */
static void
launched_cb (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer user)
{
  g_autoptr (GApplication) application = user;
  if (!g_app_info_launch_default_for_uri_finish (result, NULL))
    g_action_group_activate_action (G_ACTION_GROUP (application), "watched-folders", NULL);
}

static void
show_log_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter, gpointer user)
{
  const char *id = g_variant_get_string (parameter, NULL);
  FewWatcher *watcher = get_watcher (user);
  const GPtrArray *folders = few_watcher_get_folders (watcher);
  FewWatched *watched =
      *id || folders->len != 1 ? few_watcher_find (watcher, id) : folders->pdata[0];
  if (!watched)
    return;
  g_autofree char *path = few_watch_log_path (watched->folder);
  g_autofree char *uri = g_filename_to_uri (path, NULL, NULL);
  few_watcher_see (watcher);
  if (uri)
    g_app_info_launch_default_for_uri_async (uri, NULL, NULL, launched_cb, g_object_ref (user));
}

void
few_watch_actions_install (GtkApplication *application, FewWatcher *watcher)
{
  static const GActionEntry entries[] = {
    { "watch-add", add_cb, "(ssss)" },
    { "watch-remove", remove_cb, "s" },
    { "watch-log", show_log_cb, "s" },
  };
  g_return_if_fail (GTK_IS_APPLICATION (application) && FEW_IS_WATCHER (watcher));
  g_object_set_data_full (G_OBJECT (application), "few-watcher", g_object_ref (watcher),
                          g_object_unref);
  g_action_map_add_action_entries (G_ACTION_MAP (application), entries, G_N_ELEMENTS (entries),
                                   application);
  g_autoptr (GAction) pause = g_settings_create_action (few_settings (), "watch-paused");
  g_action_map_add_action (G_ACTION_MAP (application), pause);
}

void
few_watch_actions_stay (GtkWindow *window)
{
  g_return_if_fail (GTK_IS_WINDOW (window));
  GtkApplication *application = gtk_window_get_application (window);
  FewWatcher *watcher = application ? get_watcher (application) : NULL;
  if (watcher)
    few_watcher_stay (watcher);
}
