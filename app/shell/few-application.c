/* SPDX-License-Identifier: MIT */
/* Start, windows, projects that come from outside or that a crash left. */
#include <config.h>
#include "shell/few-application.h"
#include "base/few-heap.h"
#include "base/few-settings.h"
#include "document/few-loading.h"
#include "document/few-recent.h"
#include "shell/few-about.h"
#include "shell/few-help.h"
#include "shell/few-interface.h"
#include "shell/few-preferences.h"
#include "shell/few-shortcuts.h"
#include "shell/few-visitors.h"
#include "shell/few-watch-actions.h"
#include "widgets/few-toasts.h"
#include "widgets/few-tooltips.h"
#include "widgets/few-wrap.h"
#include "widgets/few-menu-tooltip.h"
#include <glib/gi18n.h>

struct _FewApplication
{
  AdwApplication parent;
  FewModels *models;
  FewWatcher *watcher;
  gboolean recovered;
  gboolean windowless; /* started to watch folders alone */
  guint interface; /* on the bus; 0: not there */
};

G_DEFINE_FINAL_TYPE (FewApplication, few_application, ADW_TYPE_APPLICATION)

FewWindow *
few_application_new_window (FewApplication *self)
{
  g_return_val_if_fail (FEW_IS_APPLICATION (self), NULL);
  if (!self->models)
    self->models = few_models_new ();
  FewWindow *window = few_window_new (ADW_APPLICATION (self), self->models);
  few_menu_tooltip_hush (GTK_WIDGET (window));
  few_shortcuts_install (G_ACTION_MAP (window));
  return window;
}

/* ---- projects */

static FewWindow *
find_window (FewApplication *self, const char *path)
{
  for (GList *l = gtk_application_get_windows (GTK_APPLICATION (self)); l; l = l->next)
    if (FEW_IS_WINDOW (l->data) && few_document_is_at (few_window_get_document (l->data), path))
      return l->data;
  return NULL;
}

/* In its window if there is one, be it by another name, in `window` (may be NULL) if that is fresh.
 */
static void
open_project (FewApplication *self, FewWindow *window, const char *path)
{
  FewWindow *own = find_window (self, path);
  if (own)
    {
      gtk_window_present (GTK_WINDOW (own));
      return;
    }
  if (!window || !few_document_is_fresh (few_window_get_document (window)))
    window = few_application_new_window (self);
  few_document_open (few_window_get_document (window), path);
  gtk_window_present (GTK_WINDOW (window));
}

/* Where pictures from outside are tried: the project in view, or else the one that was open last. A
 * window without any asks for classes itself. */
static FewWindow *
find_place_to_try (FewApplication *self)
{
  GtkWindow *active = gtk_application_get_active_window (GTK_APPLICATION (self));
  FewWindow *window = FEW_IS_WINDOW (active) ? FEW_WINDOW (active) : NULL;
  g_autofree char *newest = few_recent_find_newest ();
  gboolean fresh = !window || few_document_is_fresh (few_window_get_document (window));
  if (fresh && newest)
    open_project (self, window, newest);
  else if (!window)
    window = few_application_new_window (self);
  return fresh && newest ? find_window (self, newest) : window;
}

static void
try_pictures (FewApplication *self, const char *const *paths)
{
  FewWindow *window = find_place_to_try (self);
  if (!window)
    return;
  gtk_window_present (GTK_WINDOW (window));
  few_visitors_try (window, paths);
}

/* What a crash left comes back by itself, at the first start. */
static void
recover_drafts (FewApplication *self)
{
  if (self->recovered)
    return;
  self->recovered = TRUE;
  g_auto (GStrv) drafts = few_drafts_abandoned ();
  for (guint i = 0; drafts[i]; i++)
    {
      FewWindow *window = few_application_new_window (self);
      few_document_recover (few_window_get_document (window), drafts[i]);
      gtk_window_present (GTK_WINDOW (window));
    }
}

/* ---- actions */

/* NULL when it is another window than one of projects. */
static FewWindow *
get_active_window (FewApplication *self)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));
  return FEW_IS_WINDOW (window) ? FEW_WINDOW (window) : NULL;
}

static FewSession *
get_active_session (FewApplication *self)
{
  FewWindow *window = get_active_window (self);
  return window ? few_window_get_session (window) : NULL;
}

static void
new_window_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  gtk_window_present (GTK_WINDOW (few_application_new_window (user)));
}

static void
open_path_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  open_project (user, get_active_window (user), g_variant_get_string (parameter, NULL));
}

static void
show_about_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  few_about_show (gtk_application_get_active_window (user), get_active_session (user));
}

static GtkWindow *
create_preferences (FewApplication *self)
{
  return few_preferences_new (gtk_application_get_active_window (GTK_APPLICATION (self)),
                              get_active_session (self), self->watcher);
}

static void
show_preferences_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  gtk_window_present (create_preferences (user));
}

static void
show_folders_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  GtkWindow *preferences = create_preferences (user);
  gtk_window_set_application (preferences, user); /* there may be no other window */
  few_preferences_show_folders (preferences);
  gtk_window_present (preferences);
}

static void
help_shown_cb (GObject *window, GAsyncResult *result, gpointer user)
{
  if (!gtk_show_uri_full_finish (GTK_WINDOW (window), result, NULL) && FEW_IS_WINDOW (window))
    gtk_window_present (few_help_new (GTK_WINDOW (window))); /* there is no viewer */
}

static void
show_help_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  GtkWindow *window = gtk_application_get_active_window (user);
  if (window)
    gtk_show_uri_full (window, "help:fewshot", GDK_CURRENT_TIME, NULL, help_shown_cb, NULL);
}

/* Each window writes what it has first. */
static void
quit_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  few_watcher_leave (FEW_APPLICATION (user)->watcher);
  g_autoptr (GList) windows = g_list_copy (gtk_application_get_windows (user));
  for (GList *l = windows; l; l = l->next)
    gtk_window_close (l->data);
}

/* ---- life */

/* The preferences may be there alone. */
static gboolean
has_window (FewApplication *self)
{
  for (GList *l = gtk_application_get_windows (GTK_APPLICATION (self)); l; l = l->next)
    if (FEW_IS_WINDOW (l->data))
      return TRUE;
  return FALSE;
}

static void
few_application_activate (GApplication *application)
{
  FewApplication *self = FEW_APPLICATION (application);
  gboolean windowless = self->windowless;
  self->windowless = FALSE;
  if (windowless)
    return;
  recover_drafts (self);
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));
  if (!window || !has_window (self))
    window = GTK_WINDOW (few_application_new_window (self));
  gtk_window_present (window);
}

static void
few_application_open (GApplication *application, GFile **files, int n, const char *hint)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  FEW_APPLICATION (application)->windowless = FALSE;
  recover_drafts (FEW_APPLICATION (application));
  for (int i = 0; i < n; i++)
    {
      g_autofree char *path = g_file_get_path (files[i]);
      if (path && (g_str_has_suffix (path, ".fewshot") || few_loading_is_classifier (path)))
        open_project (FEW_APPLICATION (application), NULL, path);
      else if (path)
        g_strv_builder_add (builder, path);
    }
  g_auto (GStrv) pictures = g_strv_builder_end (builder);
  if (pictures[0])
    try_pictures (FEW_APPLICATION (application), (const char *const *) pictures);
}

static void
few_application_startup (GApplication *application)
{
  static const GActionEntry entries[] = {
    { "new-window", new_window_cb },
    { "open-path", open_path_cb, "s" },
    { "about", show_about_cb },
    { "preferences", show_preferences_cb },
    { "help", show_help_cb },
    { "quit", quit_cb },
    { "watched-folders", show_folders_cb },
  };
  static const struct
  {
    const char *action, *keys[2];
  } accels[] = {
    { "app.new-window", { "<Control>n" } },      { "app.quit", { "<Control>q" } },
    { "app.preferences", { "<Control>comma" } }, { "app.help", { "F1" } },
    { "window.close", { "<Control>w" } },
  };
  G_APPLICATION_CLASS (few_application_parent_class)->startup (application);
  few_settings_apply_style ();
  few_tooltips_watch_windows ();
  few_wrap_begin ();
  /* what can be selected is not all selected because Tab came by */
  g_object_set (gtk_settings_get_default (), "gtk-label-select-on-focus", FALSE, NULL);
  g_action_map_add_action_entries (G_ACTION_MAP (application), entries, G_N_ELEMENTS (entries),
                                   application);
  for (guint i = 0; i < G_N_ELEMENTS (accels); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (application), accels[i].action,
                                           accels[i].keys);
  FEW_APPLICATION (application)->watcher = few_watcher_new (application);
  few_watch_actions_install (GTK_APPLICATION (application), FEW_APPLICATION (application)->watcher);
}

static void
few_application_shutdown (GApplication *application)
{
  few_watcher_stop (FEW_APPLICATION (application)->watcher);
  G_APPLICATION_CLASS (few_application_parent_class)->shutdown (application);
}

/* Of a program that runs already nothing is asked. */
static int
few_application_handle_local_options (GApplication *application, GVariantDict *options)
{
  if (!g_variant_dict_contains (options, "background"))
    return -1;
  g_autoptr (GError) error = NULL;
  if (!g_application_register (application, NULL, &error))
    {
      g_printerr ("fewshot: %s\n", error->message);
      return 1;
    }
  FEW_APPLICATION (application)->windowless = TRUE;
  return g_application_get_is_remote (application) ? 0 : -1;
}

static gboolean
few_application_dbus_register (GApplication *application, GDBusConnection *connection,
                               const char *path, GError **error)
{
  FewApplication *self = FEW_APPLICATION (application);
  if (!G_APPLICATION_CLASS (few_application_parent_class)
           ->dbus_register (application, connection, path, error))
    return FALSE;
  self->interface = few_interface_export (application, connection, path, error);
  return self->interface != 0;
}

static void
few_application_dbus_unregister (GApplication *application, GDBusConnection *connection,
                                 const char *path)
{
  FewApplication *self = FEW_APPLICATION (application);
  if (self->interface)
    g_dbus_connection_unregister_object (connection, self->interface);
  self->interface = 0;
  G_APPLICATION_CLASS (few_application_parent_class)
      ->dbus_unregister (application, connection, path);
}

static void
few_application_finalize (GObject *object)
{
  g_clear_object (&FEW_APPLICATION (object)->models);
  g_clear_object (&FEW_APPLICATION (object)->watcher);
  G_OBJECT_CLASS (few_application_parent_class)->finalize (object);
}

static void
few_application_class_init (FewApplicationClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = few_application_finalize;
  G_APPLICATION_CLASS (klass)->activate = few_application_activate;
  G_APPLICATION_CLASS (klass)->open = few_application_open;
  G_APPLICATION_CLASS (klass)->startup = few_application_startup;
  G_APPLICATION_CLASS (klass)->shutdown = few_application_shutdown;
  G_APPLICATION_CLASS (klass)->handle_local_options = few_application_handle_local_options;
  G_APPLICATION_CLASS (klass)->dbus_register = few_application_dbus_register;
  G_APPLICATION_CLASS (klass)->dbus_unregister = few_application_dbus_unregister;
}

static void
few_application_init (FewApplication *self)
{
  g_application_add_main_option (G_APPLICATION (self), "background", 0, 0, G_OPTION_ARG_NONE,
                                 _ ("Watch the folders of the preferences without a window"), NULL);
  g_application_set_option_context_parameter_string (G_APPLICATION (self), "[FILE…]");
}

FewApplication *
few_application_new (void)
{
  few_heap_begin ();
  return g_object_new (FEW_TYPE_APPLICATION, "application-id", FEW_APP_ID, "flags",
                       G_APPLICATION_HANDLES_OPEN, "resource-base-path",
                       "/io/github/fewshot/Fewshot", NULL);
}
