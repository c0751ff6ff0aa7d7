/* SPDX-License-Identifier: MIT */
#include <config.h>
#include "shell/few-application.h"
#include "base/few-heap.h"
#include "shell/few-preferences.h"
#include "base/few-settings.h"
#include "shell/few-window.h"
#include <glib/gi18n.h>

struct _FewApplication
{
  AdwApplication parent;
  FewModels *models;
  gboolean recovered;
};

G_DEFINE_FINAL_TYPE (FewApplication, few_application, ADW_TYPE_APPLICATION)

FewModels *
few_application_get_models (FewApplication *self)
{
  if (!self->models)
    self->models = few_models_new ();
  return self->models;
}

static void
new_window (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  gtk_window_present (GTK_WINDOW (few_window_new (user)));
}

/* What somebody who is asked for help wants to know. English, whatever the language: it goes
 * into reports. */
static char *
troubleshooting (FewSession *session)
{
  const FewModelInfo *model = session ? few_session_get_model (session) : NULL;
  g_autofree char *cache = few_default_cache_folder ();
  g_autofree char *models = few_models_folder ();
  GString *text = g_string_new (NULL);
  g_string_append_printf (text, "Fewshot %s%s\n", FEW_VERSION,
                          g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS) ? " (Flatpak)" : "");
  g_string_append_printf (text, "GLib %u.%u.%u, GTK %u.%u.%u, libadwaita %u.%u.%u\n",
                          glib_major_version, glib_minor_version, glib_micro_version,
                          gtk_get_major_version (), gtk_get_minor_version (),
                          gtk_get_micro_version (), adw_get_major_version (),
                          adw_get_minor_version (), adw_get_micro_version ());
  g_string_append_printf (text, "Display: %s\n", G_OBJECT_TYPE_NAME (gdk_display_get_default ()));
  g_string_append_printf (text, "Processors: %u\n", g_get_num_processors ());
  if (model)
    g_string_append_printf (text, "Model: %s (%s), %s\nWeights: %s\nFingerprint: %s\nDevice: %s\n",
                            model->name, model->architecture, model->precision, model->sha256,
                            model->fingerprint, model->device);
  else
    g_string_append (text, "Model: none\n");
  if (session)
    g_string_append_printf (text, "Project: %u classes, %u pictures, %u missing, %u runs\n",
                            g_list_model_get_n_items (few_session_get_classes (session)),
                            g_list_model_get_n_items (few_session_get_pictures (session)),
                            few_session_count_missing (session),
                            few_session_get_runs (session)->len);
  g_string_append_printf (text, "Features: %s\nModels: %s\n", cache, models);
  return g_string_free (text, FALSE);
}

/* Devices come later: drivers take their time. */
static void
probe_devices (GTask *task, gpointer window, gpointer facts, GCancellable *cancellable)
{
  g_autofree char *problem = NULL;
  FewDevice **devices = few_devices (&problem);
  GString *text = g_string_new (facts);
  for (guint i = 0; devices[i]; i++)
    {
      const FewDevice *d = devices[i];
      g_string_append_printf (text, "%s: %s", d->id, d->name);
      if (d->uuid)
        g_string_append_printf (
            text, ", compute capability %s, %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " MB free",
            d->compute, d->memory_free >> 20, d->memory >> 20);
      g_string_append_c (text, '\n');
    }
  if (problem)
    g_string_append_printf (text, "No GPU: %s\n", problem);
  few_devices_free (devices);
  g_task_return_pointer (task, g_string_free (text, FALSE), g_free);
}

static void
devices_probed (GObject *window, GAsyncResult *result, gpointer user)
{
  g_autofree char *facts = g_task_propagate_pointer (G_TASK (result), NULL);
  g_object_set (window, "debug-info", facts, NULL);
}

static FewSession *
active_session (FewApplication *self)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));
  return FEW_IS_WINDOW (window) ? few_window_get_session (FEW_WINDOW (window)) : NULL;
}

static void
about (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  g_autofree char *facts = troubleshooting (active_session (user));
  GtkWidget *window = adw_about_window_new ();
  g_object_set (window, "application-name", "Fewshot", "application-icon", FEW_APP_ID, "version",
                FEW_VERSION, "developer-name", _ ("The Fewshot developers"), "license-type",
                GTK_LICENSE_MIT_X11, "comments",
                _ ("Teaches CLIP new classes from a handful of pictures (CLIP-Adapter)."),
                "debug-info", facts, "debug-info-filename", "fewshot.txt", "website",
                "https://github.com/fewshot/fewshot", "issue-url",
                "https://github.com/fewshot/fewshot/issues", "transient-for",
                gtk_application_get_active_window (user), "modal", TRUE,
                /* Translators: your name, for the About window */
                "translator-credits", _ ("translator-credits"), NULL);
  g_autoptr (GTask) task = g_task_new (window, NULL, devices_probed, NULL);
  g_task_set_task_data (task, g_steal_pointer (&facts), g_free);
  g_task_run_in_thread (task, probe_devices);
  gtk_window_present (GTK_WINDOW (window));
}

static void
preferences (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  gtk_window_present (
      few_preferences_new (gtk_application_get_active_window (user), active_session (user)));
}

static void
help_shown (GObject *window, GAsyncResult *result, gpointer user)
{
  if (!gtk_show_uri_full_finish (GTK_WINDOW (window), result, NULL) && FEW_IS_WINDOW (window))
    few_window_say (FEW_WINDOW (window),
                    _ ("There is no help viewer. Install Yelp to read the help."), FALSE);
}

static void
help (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  GtkWindow *window = gtk_application_get_active_window (user);
  if (window)
    gtk_show_uri_full (window, "help:fewshot", GDK_CURRENT_TIME, NULL, help_shown, NULL);
}

/* Each window writes what it has first. */
static void
quit (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  g_autoptr (GList) windows = g_list_copy (gtk_application_get_windows (user));
  for (GList *l = windows; l; l = l->next)
    gtk_window_close (l->data);
}

/* ---- projects */

void
few_application_open (FewApplication *self, FewWindow *window, const char *path)
{
  for (GList *l = gtk_application_get_windows (GTK_APPLICATION (self)); l; l = l->next)
    if (FEW_IS_WINDOW (l->data)
        && g_strcmp0 (few_document_get_path (few_window_get_document (l->data)), path) == 0)
      {
        gtk_window_present (l->data);
        return;
      }
  if (!window || !few_document_is_fresh (few_window_get_document (window)))
    window = few_window_new (ADW_APPLICATION (self));
  few_window_open (window, path);
  gtk_window_present (GTK_WINDOW (window));
}

/* What a crash left comes back by itself. */
static void
recover (FewApplication *self)
{
  g_auto (GStrv) drafts = few_drafts_abandoned ();
  for (guint i = 0; drafts[i]; i++)
    {
      FewWindow *window = few_window_new (ADW_APPLICATION (self));
      few_window_open (window, drafts[i]);
      few_window_say (window,
                      _ ("This project was brought back: Fewshot had not been closed properly."),
                      FALSE);
      gtk_window_present (GTK_WINDOW (window));
    }
}

static void
few_application_activate (GApplication *application)
{
  FewApplication *self = FEW_APPLICATION (application);
  if (!self->recovered)
    recover (self);
  self->recovered = TRUE;
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (application));
  gtk_window_present (window ? window
                             : GTK_WINDOW (few_window_new (ADW_APPLICATION (application))));
}

static void
few_application_opened (GApplication *application, GFile **files, int n, const char *hint)
{
  for (int i = 0; i < n; i++)
    {
      g_autofree char *path = g_file_get_path (files[i]);
      if (path)
        few_application_open (FEW_APPLICATION (application), NULL, path);
    }
}

static void
few_application_startup (GApplication *application)
{
  static const GActionEntry actions[] = { { "new-window", new_window },
                                          { "about", about },
                                          { "preferences", preferences },
                                          { "help", help },
                                          { "quit", quit } };
  static const struct
  {
    const char *action, *keys[3];
  } keys[] = {
    { "app.new-window", { "<Control>n" } },
    { "app.quit", { "<Control>q" } },
    { "app.preferences", { "<Control>comma" } },
    { "app.help", { "F1" } },
    { "window.close", { "<Control>w" } },
    { "win.add-folder", { "<Control>i" } },
    { "win.add-pictures", { "<Control><Shift>i" } },
    { "win.samples", { "<Control>d" } },
    { "win.open-model", { "<Control>m" } },
    { "win.models", { "<Control><Shift>m" } },
    { "win.add-class", { "<Control><Shift>n" } },
    { "win.paste", { "<Control>v" } },
    { "win.remove-class", { "<Control>Delete" } },
    { "win.rename-class", { "F2" } },
    { "win.select-class(-1)", { "<Alt>0" } },
    { "win.show-run(1)", { "<Control><Shift>1" } },
    { "win.show-run(2)", { "<Control><Shift>2" } },
    { "win.show-run(3)", { "<Control><Shift>3" } },
    { "win.open", { "<Control>o" } },
    { "win.save", { "<Control>s" } },
    { "win.save-as", { "<Control><Shift>s" } },
    { "win.undo", { "<Control>z" } },
    { "win.redo", { "<Control><Shift>z", "<Control>y" } },
    { "win.cancel-import", { "<Control><Shift>period" } },
    { "win.show-refused", { "<Control>r" } },
    { "win.dismiss-refused", { "<Control><Shift>r" } },
    { "win.train", { "<Control>t" } },
    { "win.pause", { "<Control>p" } },
    { "win.stop", { "<Control>period" } },
    { "win.export", { "<Control>e" } },
    { "win.page('examples')", { "<Alt>1" } },
    { "win.page('train')", { "<Alt>2" } },
    { "win.page('inspect')", { "<Alt>3" } },
    { "win.page('try')", { "<Alt>4" } },
    { "win.page('compare')", { "<Alt>5" } },
    { "win.training-table", { "<Control><Shift>l" } },
    { "win.alpha-table", { "<Control><Shift>a" } },
    { "win.try-pictures", { "<Control>l" } },
    { "win.compare", { "<Control>k" } },
    { "win.stop-comparing", { "<Control><Shift>k" } },
    { "win.filter(0)", { "<Control>1" } },
    { "win.filter(1)", { "<Control>2" } },
    { "win.filter(2)", { "<Control>3" } },
    { "win.filter(3)", { "<Control>4" } },
    { "win.filter(4)", { "<Control>5" } },
    { "win.view(0)", { "<Control><Shift>b" } },
    { "win.view(1)", { "<Control><Shift>c" } },
    { "win.view(2)", { "<Control><Shift>t" } },
    { "win.view(3)", { "<Control><Shift>p" } },
  };
  G_APPLICATION_CLASS (few_application_parent_class)->startup (application);
  few_settings_apply_style ();
  g_action_map_add_action_entries (G_ACTION_MAP (application), actions, G_N_ELEMENTS (actions),
                                   application);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (application), keys[i].action,
                                           keys[i].keys);
}

static void
few_application_finalize (GObject *object)
{
  g_clear_object (&FEW_APPLICATION (object)->models);
  G_OBJECT_CLASS (few_application_parent_class)->finalize (object);
}

static void
few_application_class_init (FewApplicationClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = few_application_finalize;
  G_APPLICATION_CLASS (klass)->activate = few_application_activate;
  G_APPLICATION_CLASS (klass)->open = few_application_opened;
  G_APPLICATION_CLASS (klass)->startup = few_application_startup;
}

static void
few_application_init (FewApplication *self)
{
}

FewApplication *
few_application_new (void)
{
  few_heap_begin ();
  return g_object_new (FEW_TYPE_APPLICATION, "application-id", FEW_APP_ID, "flags",
                       G_APPLICATION_HANDLES_OPEN, "resource-base-path",
                       "/io/github/fewshot/Fewshot", NULL);
}
