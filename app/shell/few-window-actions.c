/* SPDX-License-Identifier: MIT */
/* Every user operation as an action: buttons, menus, keys, tests and D-Bus all come through
 * here. */
#include "widgets/few-chooser.h"
#include "shell/few-window.h"
#include "common/samples.h"
#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <math.h>

/* ---- examples */

static void
import_chosen (GtkWindow *window, const char *const *paths)
{
  few_session_import (few_window_get_session (FEW_WINDOW (window)), paths, NULL);
}

/* Pictures join the class in view; a folder names its own. */
static void
pictures_chosen (GtkWindow *window, const char *const *paths)
{
  FewWindow *self = FEW_WINDOW (window);
  few_session_import (few_window_get_session (self), paths,
                      few_examples_page_get_class (few_window_get_examples (self)));
}

static void
model_chosen (GtkWindow *window, const char *const *paths)
{
  few_session_open_model (few_window_get_session (FEW_WINDOW (window)), paths[0]);
}

static void
add_folder (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  few_choose (widget,
              &(FewChooser) { _ ("Add Folders of Pictures"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER,
                              .several = TRUE },
              import_chosen);
}

static void
add_pictures (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  few_choose (
      widget,
      &(FewChooser) { _ ("Add Pictures"), GTK_FILE_CHOOSER_ACTION_OPEN, FEW_CHOOSE_PICTURES, TRUE },
      pictures_chosen);
}

static void
open_model (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  few_choose (widget,
              &(FewChooser) { _ ("Open the Folder of a CLIP Model"),
                              GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER },
              model_chosen);
}

static void
open_model_file (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  few_choose (
      widget,
      &(FewChooser) { _ ("Open the Weights of a CLIP Model"), GTK_FILE_CHOOSER_ACTION_OPEN },
      model_chosen);
}

static void
open_model_at (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  few_session_open_model (few_window_get_session (FEW_WINDOW (widget)),
                          g_variant_get_string (parameter, NULL));
}

static void
add_path (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  const char *paths[] = { g_variant_get_string (parameter, NULL), NULL };
  few_session_import (few_window_get_session (FEW_WINDOW (widget)), paths, NULL);
}

static void
write_samples (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  if (few_samples_write (data, 24, 11, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
samples_written (GObject *source, GAsyncResult *result, gpointer data)
{
  FewWindow *self = FEW_WINDOW (source);
  g_autoptr (GError) error = NULL;
  const char *paths[] = { g_task_get_task_data (G_TASK (result)), NULL };
  if (g_task_propagate_boolean (G_TASK (result), &error))
    few_session_import (few_window_get_session (self), paths, NULL);
  else
    few_window_say (self, error->message, FALSE);
}

static void
samples (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  g_autoptr (GTask) task = g_task_new (widget, NULL, samples_written, NULL);
  g_task_set_task_data (task, g_build_filename (g_get_user_data_dir (), "fewshot", "samples", NULL),
                        g_free);
  g_task_run_in_thread (task, write_samples);
}

static void
add_class (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  FewWindow *self = FEW_WINDOW (widget);
  FewSession *session = few_window_get_session (self);
  GListModel *classes = few_session_get_classes (session);
  guint before = g_list_model_get_n_items (classes);
  for (guint i = before + 1; g_list_model_get_n_items (classes) == before; i++)
    {
      g_autofree char *free_name = g_strdup_printf (_ ("class %u"), i);
      few_session_add_class (session, free_name);
    }
}

/* On the Try page it is tried, elsewhere it is an example. */
static void
take_pasted (FewWindow *self, const char *const *paths)
{
  if (g_str_equal (few_window_get_page (self), "try"))
    few_session_try (few_window_get_session (self), paths);
  else
    few_session_import (few_window_get_session (self), paths,
                        few_examples_page_get_class (few_window_get_examples (self)));
}

static void
texture_pasted (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (FewWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkTexture) texture =
      gdk_clipboard_read_texture_finish (GDK_CLIPBOARD (source), result, &error);
  if (!texture)
    {
      few_window_say (self, _ ("There is no picture in the clipboard."), FALSE);
      return;
    }
  g_autofree char *folder = g_build_filename (g_get_user_data_dir (), "fewshot", "pasted", NULL);
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *stamp = g_date_time_format (now, "%Y%m%d-%H%M%S-%f.png");
  g_autofree char *path = g_build_filename (folder, stamp, NULL);
  if (g_mkdir_with_parents (folder, 0755) != 0 || !gdk_texture_save_to_png (texture, path))
    {
      g_autofree char *text =
          g_strdup_printf (_ ("%s could not be written: %s."), path, g_strerror (errno));
      few_window_say (self, text, FALSE);
      return;
    }
  const char *paths[] = { path, NULL };
  take_pasted (self, paths);
}

static void
files_pasted (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (FewWindow) self = data;
  const GValue *value = gdk_clipboard_read_value_finish (GDK_CLIPBOARD (source), result, NULL);
  g_auto (GStrv) paths = value ? few_window_paths_of (value) : NULL;
  if (paths && paths[0])
    take_pasted (self, (const char *const *) paths);
}

static void
paste (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  GdkClipboard *clipboard = gtk_widget_get_clipboard (widget);
  if (gdk_content_formats_contain_gtype (gdk_clipboard_get_formats (clipboard), GDK_TYPE_FILE_LIST))
    gdk_clipboard_read_value_async (clipboard, GDK_TYPE_FILE_LIST, G_PRIORITY_DEFAULT, NULL,
                                    files_pasted, g_object_ref (widget));
  else
    gdk_clipboard_read_texture_async (clipboard, NULL, texture_pasted, g_object_ref (widget));
}

static void
remove_selected (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  FewWindow *self = FEW_WINDOW (widget);
  g_autoptr (GPtrArray) pictures = few_examples_page_get_selected (few_window_get_examples (self));
  if (!pictures->len)
    return;
  g_autofree char *text = g_strdup_printf (
      ngettext ("%u picture removed", "%u pictures removed", pictures->len), pictures->len);
  few_session_remove_pictures (few_window_get_session (self), pictures);
  few_window_say (self, text, TRUE);
}

static void
remove_class (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  FewWindow *self = FEW_WINDOW (widget);
  FewClass *klass = few_examples_page_get_class (few_window_get_examples (self));
  if (!klass)
    return;
  /* Translators: %s is the name of a class */
  g_autofree char *text = g_strdup_printf (_ ("“%s” removed"), few_class_get_name (klass));
  few_session_remove_class (few_window_get_session (self), klass);
  few_window_say (self, text, TRUE);
}

static void
rename_class (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  few_examples_page_edit_name (few_window_get_examples (FEW_WINDOW (widget)));
}

static void
select_class (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  few_window_select_class (FEW_WINDOW (widget), g_variant_get_int32 (parameter));
}

static void
show_run (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  few_session_show_run (few_window_get_session (FEW_WINDOW (widget)),
                        (guint) g_variant_get_int32 (parameter) - 1);
}

static void
delete_run (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  few_session_delete_run (few_window_get_session (FEW_WINDOW (widget)),
                          (guint) g_variant_get_int32 (parameter) - 1);
  few_window_say (FEW_WINDOW (widget), _ ("Run deleted"), TRUE);
}

/* Excludes what is chosen, or includes it when all of it is excluded. */
static void
exclude (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  FewWindow *self = FEW_WINDOW (widget);
  g_autoptr (GPtrArray) pictures = few_examples_page_get_selected (few_window_get_examples (self));
  gboolean all = TRUE;
  for (guint i = 0; i < pictures->len; i++)
    all = all && few_picture_is_excluded (pictures->pdata[i]);
  if (!pictures->len)
    return;
  few_session_set_excluded (few_window_get_session (self), pictures, !all);
  g_autofree char *text = g_strdup_printf (
      all ? ngettext ("%u picture takes part again", "%u pictures take part again", pictures->len)
          : ngettext ("%u picture excluded", "%u pictures excluded", pictures->len),
      pictures->len);
  few_window_say (self, text, TRUE);
}

/* 1–9: the pictures chosen join that class */
static void
reassign (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  FewWindow *self = FEW_WINDOW (widget);
  FewSession *session = few_window_get_session (self);
  g_autoptr (FewClass) klass = g_list_model_get_item (few_session_get_classes (session),
                                                      (guint) g_variant_get_int32 (parameter) - 1);
  g_autoptr (GPtrArray) pictures = few_examples_page_get_selected (few_window_get_examples (self));
  if (!klass || !pictures->len)
    return;
  few_session_move (session, pictures, klass);
  g_autofree char *text = g_strdup_printf (
      ngettext ("%u picture moved to “%s”", "%u pictures moved to “%s”", pictures->len),
      pictures->len, few_class_get_name (klass));
  few_window_say (self, text, TRUE);
}

static void
cancel_import (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  few_session_cancel_import (few_window_get_session (FEW_WINDOW (widget)));
}

static void
dismiss_refused (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  few_session_clear_refused (few_window_get_session (FEW_WINDOW (widget)));
}

static void
show_refused (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  GPtrArray *refused = few_session_get_refused (few_window_get_session (FEW_WINDOW (widget)));
  GtkWidget *window = adw_window_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  g_autoptr (GtkStringList) sentences = gtk_string_list_new (NULL);
  for (guint i = 0; i < refused->len; i++)
    gtk_string_list_append (sentences, refused->pdata[i]);
  GtkListItemFactory *factory = gtk_builder_list_item_factory_new_from_resource (
      NULL, "/io/github/fewshot/Fewshot/pages/examples/few-refused-row.ui");
  GtkWidget *list = gtk_list_view_new (
      GTK_SELECTION_MODEL (gtk_no_selection_new (G_LIST_MODEL (g_object_ref (sentences)))),
      factory);
  gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Files left out"), -1);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), list);
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_box_append (GTK_BOX (box), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (box), scroller);
  adw_window_set_content (ADW_WINDOW (window), box);
  gtk_window_set_title (GTK_WINDOW (window), _ ("Files Left Out"));
  gtk_window_set_default_size (GTK_WINDOW (window), 560, 400);
  gtk_window_set_transient_for (GTK_WINDOW (window), GTK_WINDOW (widget));
  gtk_window_set_modal (GTK_WINDOW (window), TRUE);
  gtk_window_present (GTK_WINDOW (window));
}

/* ---- training, α, export, pages */

static void
train (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  few_window_show_page (FEW_WINDOW (widget), "train");
  few_session_train (few_window_get_session (FEW_WINDOW (widget)));
}

static void
pause_training (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  FewSession *session = few_window_get_session (FEW_WINDOW (widget));
  few_session_set_paused (session, few_session_get_training (session) == FEW_TRAINING_RUNNING);
}

static void
stop (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  few_session_stop (few_window_get_session (FEW_WINDOW (widget)));
}

static void
set_alpha (GSimpleAction *action, GVariant *value, gpointer user)
{
  FewSession *session = few_window_get_session (user);
  few_session_set_alpha (session, g_variant_get_double (value));
  g_simple_action_set_state (action, g_variant_new_double (few_session_get_alpha (session)));
}

static void
alpha_by (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  FewSession *session = few_window_get_session (FEW_WINDOW (widget));
  few_session_set_alpha (session,
                         few_session_get_alpha (session) + g_variant_get_double (parameter));
}

static void
alpha_best (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  FewSession *session = few_window_get_session (FEW_WINDOW (widget));
  FewSnapshot *snapshot = few_session_get_snapshot (session);
  FewAlphaChoice choice;
  if (!snapshot || !few_snapshot_info (snapshot)->trained)
    return;
  few_lens_choose_alpha (snapshot, &choice);
  few_session_set_alpha (session, choice.best);
  if (!choice.enough)
    few_window_say (
        FEW_WINDOW (widget),
        _ ("Not enough validation pictures to choose α; this is the one it was trained with."),
        FALSE);
}

static void
alpha_trained (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  FewSession *session = few_window_get_session (FEW_WINDOW (widget));
  FewSnapshot *snapshot = few_session_get_snapshot (session);
  if (snapshot && few_snapshot_info (snapshot)->trained)
    few_session_set_alpha (session, few_snapshot_info (snapshot)->trained_alpha);
}

static void export (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  few_window_export (FEW_WINDOW (widget), "adapter.safetensors");
}

static void
export_onnx (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  few_window_export (FEW_WINDOW (widget), "adapter.onnx");
}

static void
export_report (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  few_window_export (FEW_WINDOW (widget), "report.html");
}

static void
export_table (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  few_window_export (FEW_WINDOW (widget), "predictions.csv");
}

static void
export_to (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  few_window_export_to (FEW_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

static void
page (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  few_window_show_page (FEW_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

static void
compare (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  few_window_show_page (FEW_WINDOW (widget), "compare");
  few_session_compare (few_window_get_session (FEW_WINDOW (widget)));
}

static void
stop_comparing (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  few_session_stop_comparing (few_window_get_session (FEW_WINDOW (widget)));
}

static void
add_method (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  g_autoptr (GError) error = NULL;
  if (!few_comparison_add_method (
          few_session_get_comparison (few_window_get_session (FEW_WINDOW (widget))),
          g_variant_get_string (parameter, NULL), &error))
    few_window_say (FEW_WINDOW (widget), error->message, FALSE);
}

static void
filter (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  few_inspect_page_set_filter (few_window_get_inspect (FEW_WINDOW (widget)),
                               (guint) g_variant_get_int32 (parameter));
}

static void
view (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  few_inspect_page_set_view (few_window_get_inspect (FEW_WINDOW (widget)),
                             (guint) g_variant_get_int32 (parameter));
}

/* Z held down shows what CLIP alone would say. */
static gboolean
key_pressed (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state,
             FewWindow *self)
{
  FewSession *session = few_window_get_session (self);
  if ((key != GDK_KEY_z && key != GDK_KEY_Z)
      || state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK))
    return GDK_EVENT_PROPAGATE;
  if (!g_object_get_data (G_OBJECT (controller), "held"))
    {
      g_object_set_data (G_OBJECT (controller), "held", GINT_TO_POINTER (1));
      few_session_peek_alpha (session, 0);
    }
  return GDK_EVENT_STOP;
}

static void
key_released (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state,
              FewWindow *self)
{
  if (!g_object_get_data (G_OBJECT (controller), "held") || (key != GDK_KEY_z && key != GDK_KEY_Z))
    return;
  few_session_peek_alpha (few_window_get_session (self), NAN);
  g_object_set_data (G_OBJECT (controller), "held", NULL);
}

/* ---- the table */

static const GActionEntry actions[] = {
  { "add-folder", add_folder },
  { "add-pictures", add_pictures },
  { "add-path", add_path, "s" },
  { "open-model", open_model },
  { "open-model-file", open_model_file },
  { "open-model-at", open_model_at, "s" },
  { "samples", samples },
  { "add-class", add_class },
  { "paste", paste },
  { "remove", remove_selected },
  { "remove-class", remove_class },
  { "rename-class", rename_class },
  { "select-class", select_class, "i" },
  { "show-run", show_run, "i" },
  { "exclude", exclude },
  { "delete-run", delete_run, "i" },
  { "reassign", reassign, "i" },
  { "cancel-import", cancel_import },
  { "show-refused", show_refused },
  { "dismiss-refused", dismiss_refused },
  { "train", train },
  { "pause", pause_training },
  { "stop", stop },
  { "alpha", NULL, NULL, "0.6", set_alpha },
  { "alpha-by", alpha_by, "d" },
  { "alpha-best", alpha_best },
  { "alpha-trained", alpha_trained },
  { "export", export },
  { "export-to", export_to, "s" },
  { "export-onnx", export_onnx },
  { "export-report", export_report },
  { "export-table", export_table },
  { "compare", compare },
  { "stop-comparing", stop_comparing },
  { "add-method", add_method, "s" },
  { "page", page, "s" },
  { "filter", filter, "i" },
  { "view", view, "i" },
};

void
few_window_install_bindings (GtkWidgetClass *klass)
{
  /* Bare keys belong to the window's bubble phase: an entry that has the focus takes its letters
   * first. */
  gtk_widget_class_add_binding_action (klass, GDK_KEY_b, 0, "win.alpha-best", NULL);
  gtk_widget_class_add_binding_action (klass, GDK_KEY_t, 0, "win.alpha-trained", NULL);
  gtk_widget_class_add_binding_action (klass, GDK_KEY_bracketleft, 0, "win.alpha-by", "d", -0.01);
  gtk_widget_class_add_binding_action (klass, GDK_KEY_bracketright, 0, "win.alpha-by", "d", 0.01);
  gtk_widget_class_add_binding_action (klass, GDK_KEY_Delete, 0, "win.remove", NULL);
  gtk_widget_class_add_binding_action (klass, GDK_KEY_x, 0, "win.exclude", NULL);
  for (int i = 1; i <= 9; i++)
    gtk_widget_class_add_binding_action (klass, (guint) (GDK_KEY_0 + i), 0, "win.reassign", "i", i);
}

void
few_window_actions_init (FewWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  GtkEventController *keys = gtk_event_controller_key_new ();
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_pressed), self);
  g_signal_connect (keys, "key-released", G_CALLBACK (key_released), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
}

static void
enable (FewWindow *self, const char *name, gboolean enabled)
{
  g_simple_action_set_enabled (
      G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self), name)), enabled);
}

void
few_window_update_actions (FewWindow *self)
{
  FewSession *session = few_window_get_session (self);
  FewTrainingState state = few_session_get_training (session);
  guint n_classes = g_list_model_get_n_items (few_session_get_classes (session));
  enable (self, "train",
          state == FEW_TRAINING_IDLE && n_classes >= 2 && few_session_get_model (session));
  enable (self, "pause", state != FEW_TRAINING_IDLE);
  enable (self, "stop", state != FEW_TRAINING_IDLE);
  gboolean comparing = few_comparison_is_running (few_session_get_comparison (session));
  enable (self, "compare", !comparing && n_classes >= 2 && few_session_get_model (session));
  enable (self, "stop-comparing", comparing);
  static const char *const exports[] = { "export", "export-to", "export-onnx", "export-report",
                                         "export-table" };
  for (guint i = 0; i < G_N_ELEMENTS (exports); i++)
    enable (self, exports[i], few_session_can_export (session));
  FewSnapshot *snapshot = few_session_get_snapshot (session);
  gboolean trained = snapshot && few_snapshot_info (snapshot)->trained;
  enable (self, "training-table", trained);
  enable (self, "alpha-table", trained);
  enable (self, "undo", few_session_get_undo (session) != NULL);
  enable (self, "redo", few_session_get_redo (session) != NULL);
  enable (self, "rename-class",
          few_examples_page_get_class (few_window_get_examples (self)) != NULL);
  enable (self, "remove-class",
          few_examples_page_get_class (few_window_get_examples (self)) != NULL);
}
