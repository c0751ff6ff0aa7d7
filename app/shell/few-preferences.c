/* SPDX-License-Identifier: MIT */
/* Settings as rows; devices and the size of the cache are found by threads. */
#include "shell/few-preferences.h"
#include "base/few-settings.h"
#include "shell/few-watch-page.h"
#include "widgets/few-dialog.h"
#include "widgets/few-drop-down.h"
#include <glib/gi18n.h>
#include <glib/gstdio.h>

struct _FewPreferences
{
  AdwPreferencesWindow parent_instance;
  FewSession *session;
  AdwActionRow *model, *cache;
  AdwComboRow *device, *style, *precision;
  GtkStringList *devices;
  GPtrArray *device_ids; /* of the list's entries */
  GtkWidget *use_current, *use_pocket;
  GtkSwitch *notify;
  FewWatchPage *folders;
};
G_DEFINE_FINAL_TYPE (FewPreferences, few_preferences, ADW_TYPE_PREFERENCES_WINDOW)

/* ---- the model of new projects */

static void
model_changed_cb (FewPreferences *self)
{
  g_autofree char *model = g_settings_get_string (few_settings (), "model");
  g_autofree char *escaped = g_markup_escape_text (model, -1);
  const FewModelInfo *open =
      self->session ? few_desk_get_model (few_session_get_desk (self->session)) : NULL;
  adw_action_row_set_subtitle (self->model, *model ? escaped : _ ("The built-in pocket model"));
  gtk_widget_set_sensitive (self->use_current, open && g_strcmp0 (open->folder, model) != 0);
  gtk_widget_set_visible (self->use_pocket, *model != 0);
}

static void
use_current_cb (FewPreferences *self)
{
  g_settings_set_string (few_settings (), "model",
                         few_desk_get_model (few_session_get_desk (self->session))->folder);
}

static void
use_pocket_cb (FewPreferences *self)
{
  g_settings_reset (few_settings (), "model");
}

/* ---- devices: looked for by a thread, as drivers take their time */

static void
select_device (FewPreferences *self)
{
  g_autofree char *wanted = g_settings_get_string (few_settings (), "device");
  for (guint i = 0; i < self->device_ids->len; i++)
    if (g_str_equal (self->device_ids->pdata[i], wanted))
      adw_combo_row_set_selected (self->device, i);
}

static void
device_selected_cb (FewPreferences *self)
{
  guint selected = adw_combo_row_get_selected (self->device);
  if (selected < self->device_ids->len)
    g_settings_set_string (few_settings (), "device", self->device_ids->pdata[selected]);
}

typedef struct
{
  FewDevice **devices;
  char *problem;
} Probe;

static void
probe_free (gpointer data)
{
  Probe *probe = data;
  few_devices_free (probe->devices);
  g_free (probe->problem);
  g_free (probe);
}

static void
probe_devices (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Probe *found = g_new0 (Probe, 1);
  found->devices = few_devices (&found->problem);
  g_task_return_pointer (task, found, probe_free);
}

static void
devices_probed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  FewPreferences *self = FEW_PREFERENCES (source);
  Probe *found = g_task_propagate_pointer (G_TASK (result), NULL);
  if (!self->device) /* the window was closed meanwhile */
    {
      probe_free (found);
      return;
    }
  for (guint i = 1; found->devices[i]; i++) /* the first is the processor */
    {
      gtk_string_list_append (self->devices, found->devices[i]->name);
      g_ptr_array_add (self->device_ids, g_strdup (found->devices[i]->id));
    }
  g_autofree char *escaped = found->problem ? g_markup_escape_text (found->problem, -1) : NULL;
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->device),
                               escaped ? escaped
                                       : _ ("Automatic takes the GPU if it passes its check"));
  select_device (self);
  g_signal_connect_swapped (self->device, "notify::selected", G_CALLBACK (device_selected_cb),
                            self);
  probe_free (found);
}

static void
find_devices (FewPreferences *self)
{
  static const char *const always[] = { "auto", "cpu" };
  self->device_ids = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < G_N_ELEMENTS (always); i++)
    g_ptr_array_add (self->device_ids, g_strdup (always[i]));
  select_device (self);
  g_autoptr (GTask) task = g_task_new (self, NULL, devices_probed_cb, NULL);
  g_task_run_in_thread (task, probe_devices);
}

/* ---- the feature cache: counted and cleared by threads */

static void
walk_cache (GTask *task, gpointer source, gpointer remove, GCancellable *cancellable)
{
  g_autofree char *folder = few_default_cache_folder ();
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  gssize bytes = 0;
  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      GStatBuf status;
      if (g_stat (path, &status) != 0 || !S_ISREG (status.st_mode))
        continue;
      if (remove)
        g_unlink (path);
      else
        bytes += status.st_size;
    }
  g_task_return_int (task, bytes);
}

static void
cache_counted_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  FewPreferences *self = FEW_PREFERENCES (source);
  g_autofree char *size = g_format_size ((guint64) g_task_propagate_int (G_TASK (result), NULL));
  if (!self->cache) /* the window was closed meanwhile */
    return;
  /* Translators: a size, as "12 MB" */
  g_autofree char *text = g_strdup_printf (
      _ ("%s. What is cleared is read from the pictures again when it is needed."), size);
  adw_action_row_set_subtitle (self->cache, text);
}

static void
count_cache (FewPreferences *self)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, cache_counted_cb, NULL);
  g_task_run_in_thread (task, walk_cache);
}

static void
cache_cleared_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_task_propagate_int (G_TASK (result), NULL);
  count_cache (FEW_PREFERENCES (source));
}

static void
clear_cache_cb (FewPreferences *self)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, cache_cleared_cb, NULL);
  g_task_set_task_data (task, GINT_TO_POINTER (1), NULL);
  g_task_run_in_thread (task, walk_cache);
}

/* ---- the window */

/* A list whose order is that of the setting's enumeration. */
static void
enum_selected_cb (AdwComboRow *row, GParamSpec *pspec, gpointer key)
{
  g_settings_set_enum (few_settings (), key, (int) adw_combo_row_get_selected (row));
}

static void
bind_enum (AdwComboRow *row, const char *key)
{
  adw_combo_row_set_selected (row, (guint) g_settings_get_enum (few_settings (), key));
  g_signal_connect (row, "notify::selected", G_CALLBACK (enum_selected_cb), (gpointer) key);
}

static void
few_preferences_finalize (GObject *object)
{
  FewPreferences *self = FEW_PREFERENCES (object);
  g_clear_object (&self->session);
  g_ptr_array_unref (self->device_ids);
  G_OBJECT_CLASS (few_preferences_parent_class)->finalize (object);
}

static void
few_preferences_class_init (FewPreferencesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  g_type_ensure (FEW_TYPE_WATCH_PAGE);
  G_OBJECT_CLASS (klass)->finalize = few_preferences_finalize;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/fewshot/Fewshot/shell/few-preferences.ui");
  gtk_widget_class_bind_template_child (widget_class, FewPreferences, model);
  gtk_widget_class_bind_template_child (widget_class, FewPreferences, cache);
  gtk_widget_class_bind_template_child (widget_class, FewPreferences, device);
  gtk_widget_class_bind_template_child (widget_class, FewPreferences, devices);
  gtk_widget_class_bind_template_child (widget_class, FewPreferences, style);
  gtk_widget_class_bind_template_child (widget_class, FewPreferences, precision);
  gtk_widget_class_bind_template_child (widget_class, FewPreferences, notify);
  gtk_widget_class_bind_template_child (widget_class, FewPreferences, folders);
  gtk_widget_class_bind_template_child (widget_class, FewPreferences, use_current);
  gtk_widget_class_bind_template_child (widget_class, FewPreferences, use_pocket);
  gtk_widget_class_bind_template_callback (widget_class, use_current_cb);
  gtk_widget_class_bind_template_callback (widget_class, use_pocket_cb);
  gtk_widget_class_bind_template_callback (widget_class, clear_cache_cb);
}

static void
few_preferences_init (FewPreferences *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  few_drop_down_keep_row (self->device);
  few_drop_down_keep_row (self->style);
  bind_enum (self->style, "style");
  bind_enum (self->precision, "precision");
  g_settings_bind (few_settings (), "notify", self->notify, "active", G_SETTINGS_BIND_DEFAULT);
  g_signal_connect_object (few_settings (), "changed::model", G_CALLBACK (model_changed_cb), self,
                           G_CONNECT_SWAPPED);
  find_devices (self);
  count_cache (self);
}

GtkWindow *
few_preferences_new (GtkWindow *parent, FewSession *session, FewWatcher *watcher)
{
  g_return_val_if_fail (!parent || GTK_IS_WINDOW (parent), NULL);
  g_return_val_if_fail (!session || FEW_IS_SESSION (session), NULL);
  FewPreferences *self = g_object_new (FEW_TYPE_PREFERENCES, "transient-for", parent, NULL);
  self->session = session ? g_object_ref (session) : NULL;
  few_dialog_keep_narrow (GTK_WINDOW (self));
  few_dialog_let_go (GTK_WINDOW (self));
  gtk_widget_set_visible (GTK_WIDGET (self->folders), watcher != NULL);
  if (watcher)
    few_watch_page_set_watcher (self->folders, watcher);
  model_changed_cb (self);
  return GTK_WINDOW (self);
}

void
few_preferences_show_folders (GtkWindow *preferences)
{
  g_return_if_fail (FEW_IS_PREFERENCES (preferences));
  adw_preferences_window_set_visible_page_name (ADW_PREFERENCES_WINDOW (preferences), "folders");
}
