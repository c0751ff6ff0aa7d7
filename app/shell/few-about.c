/* SPDX-License-Identifier: MIT */
/* What is known of the program, the project and the machine. */
#include <config.h>
#include "shell/few-about.h"
#include <adwaita.h>
#include <glib/gi18n.h>

/* What somebody who is asked for help wants to know. English, whatever the language: it goes
 * into reports. */
static char *
describe_facts (FewSession *session)
{
  const FewModelInfo *model = session ? few_desk_get_model (few_session_get_desk (session)) : NULL;
  g_autofree char *cache = few_default_cache_folder ();
  g_autofree char *models = few_default_models_folder ();
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
    g_string_append_printf (text, "Model: %s (%s), %s\nWeights: %s\nDevice: %s\n", model->name,
                            model->architecture, model->precision, model->sha256, model->device);
  else
    g_string_append (text, "Model: none\n");
  if (session)
    g_string_append_printf (
        text, "Project: %u classes, %u pictures, %u missing, %u runs\n",
        g_list_model_get_n_items (few_examples_get_classes (few_session_get_examples (session))),
        g_list_model_get_n_items (few_examples_get_pictures (few_session_get_examples (session))),
        few_missing_count (few_session_get_missing (session)),
        few_runs_get_list (few_session_get_runs (session))->len);
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
devices_probed_cb (GObject *window, GAsyncResult *result, gpointer user)
{
  g_autofree char *facts = g_task_propagate_pointer (G_TASK (result), NULL);
  g_object_set (window, "debug-info", facts, NULL);
}

void
few_about_show (GtkWindow *parent, FewSession *session)
{
  g_return_if_fail (!parent || GTK_IS_WINDOW (parent));
  g_return_if_fail (!session || FEW_IS_SESSION (session));
  g_autofree char *facts = describe_facts (session);
  GtkWidget *window = adw_about_window_new ();
  g_object_set (window, "application-name", "Fewshot", "application-icon", FEW_APP_ID, "version",
                FEW_VERSION, "developer-name", _ ("The Fewshot developers"), "license-type",
                GTK_LICENSE_MIT_X11, "comments",
                _ ("Teaches CLIP new classes from a handful of pictures (CLIP-Adapter)."),
                "debug-info", facts, "debug-info-filename", "fewshot.txt", "website",
                "https://github.com/fewshot/fewshot", "issue-url",
                "https://github.com/fewshot/fewshot/issues", "transient-for", parent, "modal", TRUE,
                /* Translators: your name, for the About window */
                "translator-credits", _ ("translator-credits"), NULL);
  g_autoptr (GTask) task = g_task_new (window, NULL, devices_probed_cb, NULL);
  g_task_set_task_data (task, g_steal_pointer (&facts), g_free);
  g_task_run_in_thread (task, probe_devices);
  gtk_window_present (GTK_WINDOW (window));
}
