/* SPDX-License-Identifier: MIT */
/* What leaves the program: adapters, report, table, ONNX, a folder. */
#include "world.h"
#include <adwaita.h>
#include <fewshot/portable.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- a file manager that says what it was asked to show */

static const char interface[] =
    "<node><interface name='org.freedesktop.FileManager1'><method name='ShowItems'>"
    "<arg type='as' direction='in'/><arg type='s' direction='in'/>"
    "</method></interface></node>";

static void
show_items_cb (GDBusConnection *bus, const char *sender, const char *object, const char *name,
               const char *method, GVariant *parameters, GDBusMethodInvocation *call,
               gpointer shown)
{
  g_autofree const char **uris = NULL;
  g_variant_get (parameters, "(^a&s&s)", &uris, NULL);
  g_free (*(char **) shown);
  *(char **) shown = g_filename_from_uri (uris[0], NULL, NULL);
  g_dbus_method_invocation_return_value (call, NULL);
}

/* On the bus of the test. */
static void
start_file_manager (char **shown)
{
  static const GDBusInterfaceVTable table = { show_items_cb, NULL, NULL, { NULL } };
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (interface, NULL);
  g_assert_cmpuint (g_dbus_connection_register_object (bus, "/org/freedesktop/FileManager1",
                                                       node->interfaces[0], &table, shown, NULL,
                                                       NULL),
                    >, 0);
  g_bus_own_name_on_connection (bus, "org.freedesktop.FileManager1", 0, NULL, NULL, NULL, NULL);
}

static GtkWidget *
find_dialog (void)
{
  GListModel *windows = gtk_window_get_toplevels ();
  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);
      if (ADW_IS_MESSAGE_DIALOG (window) && gtk_widget_get_visible (window))
        return window;
    }
  return NULL;
}

/* While a toast is on its way in, clicks on it are nobody's. */
static gboolean
takes_clicks (GtkWidget *toast)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (toast);
  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);
      if (GTK_IS_GESTURE_CLICK (controller)
          && gtk_event_controller_get_propagation_phase (controller) == GTK_PHASE_CAPTURE)
        return FALSE;
    }
  return TRUE;
}

/* A toast's, once it is about a file. */
static GtkWidget *
find_toast_button (World *w)
{
  GtkWidget *toast = world_find_toast (w);
  if (!toast || !takes_clicks (toast))
    return NULL;
  GtkWidget *button = world_find_styled (toast, GTK_TYPE_BUTTON, "text-button");
  return button && g_strcmp0 (gtk_button_get_label (GTK_BUTTON (button)), "_Show in Files") == 0
             ? button
             : NULL;
}

static void
press_show (World *w)
{
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (find_dialog ());
  if (!dialog)
    {
      g_signal_emit_by_name (find_toast_button (w), "clicked");
      return;
    }
  g_assert_cmpstr (adw_message_dialog_get_response_label (dialog, "show"), ==, "_Show in Files");
  adw_message_dialog_response (dialog, "show");
  gtk_window_close (GTK_WINDOW (dialog));
}

/* Whatever leaves the program can be shown where it lies. */
static void
test_show_in_files (void)
{
  static const char *const names[] = { "r.html", "r.csv", "보내기.safetensors", "r.onnx" };
  g_autofree char *shown = NULL;
  World *w = world_new ();
  world_import (w);
  world_train (w, 20);
  start_file_manager (&shown);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (w->folder, names[i], NULL);
      world_act (w, "export-to", "s", path);
      WAIT (i < 2 ? find_toast_button (w) != NULL : find_dialog () != NULL);
      press_show (w);
      WAIT (g_strcmp0 (shown, path) == 0);
      WAIT (!find_toast_button (w) && !find_dialog ());
    }
  g_autofree char *folder = g_build_filename (w->folder, "whole", NULL);
  world_act (w, "export-folder-to", "(sb)", folder, FALSE);
  WAIT (world_enabled (w, "export-folder") && find_dialog ());
  press_show (w);
  WAIT (g_strcmp0 (shown, folder) == 0);
  world_free (w);
}

static void
test_export (void)
{
  World *w = world_new ();
  world_import (w);
  world_train (w, 20);
  g_autofree char *path = g_build_filename (w->folder, "어댑터.safetensors", NULL);
  world_act (w, "export-to", "s", path);
  WAIT (w->exported == 1);
  g_assert_cmpuint (w->total, ==, 30);
  g_assert_cmpuint (w->agree, ==, 30);
  g_autoptr (GError) error = NULL;
  g_autoptr (FewClassifier) classifier = few_classifier_load (path, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat_with_epsilon (few_classifier_info (classifier)->alpha,
                                  few_view_get_alpha (w->view), 1e-6);
  guint said = w->messages->len;
  world_act (w, "export-to", "s", "/nonexistent/folder/a.safetensors");
  WAIT (w->messages->len > said);
  g_assert_nonnull (
      strstr (w->messages->pdata[w->messages->len - 1], "/nonexistent/folder/a.safetensors"));
  world_free (w);
}

/* Of every kind: the file answers as the window does, picture by picture. */
static void
test_kinds (void)
{
  static const struct
  {
    const char *method;
    FewClassifierKind kind;
  } kinds[] = {
    { "automatic", FEW_CLASSIFIER_LINEAR },
    { "linear-probe:c=1", FEW_CLASSIFIER_LINEAR },
    { "proker", FEW_CLASSIFIER_CACHE },
    { "tip-adapter", FEW_CLASSIFIER_CACHE },
    { "clip-adapter-both:epochs=5,alpha=0.6,beta=0.3", FEW_CLASSIFIER_SUM },
    { "clip-adapter:after=1,epochs=3,alpha=0.5", FEW_CLASSIFIER_TOWER },
  };
  World *w = world_new ();
  world_import (w);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *name = g_strdup_printf ("%u.safetensors", i);
      g_autofree char *path = g_build_filename (w->folder, name, NULL);
      world_learn (w, kinds[i].method);
      world_act (w, "export-to", "s", path);
      WAIT (w->exported == i + 1);
      g_assert_cmpuint (w->total, ==, 30);
      g_assert_cmpuint (w->agree, ==, 30);
      g_autoptr (FewClassifier) classifier = few_classifier_load (path, &error);
      g_assert_no_error (error);
      g_assert_cmpint (few_classifier_info (classifier)->kind, ==, kinds[i].kind);
    }
  world_free (w);
}

static gboolean
is_written (const char *path, char **text)
{
  g_clear_pointer (text, g_free);
  return g_file_get_contents (path, text, NULL, NULL) && **text;
}

/* The report says what the lens says; the table has a line for every picture; a class called
 * “<b>” stays text. */
static void
test_report (void)
{
  World *w = world_new ();
  world_import (w);
  g_autoptr (FewClass) light = g_list_model_get_item (few_examples_get_classes (w->examples), 1);
  g_assert_true (few_examples_rename_class (w->examples, light, "<b>"));
  g_assert_false (world_enabled (w, "export-report"));
  world_train (w, 20);
  few_view_set_alpha (w->view, .25);
  g_autofree char *page_path = g_build_filename (w->folder, "r.html", NULL);
  g_autofree char *table_path = g_build_filename (w->folder, "r.csv", NULL);
  g_autofree char *onnx_path = g_build_filename (w->folder, "r.onnx", NULL);
  g_autofree char *page = NULL;
  g_autofree char *table = NULL;
  g_autofree char *onnx = NULL;
  world_act (w, "export-to", "s", page_path);
  world_act (w, "export-to", "s", table_path);
  world_act (w, "export-to", "s", onnx_path);
  WAIT (is_written (page_path, &page) && is_written (table_path, &table)
        && is_written (onnx_path, &onnx) && w->exported == 1);
  FewSnapshot *snapshot = few_view_get_snapshot (w->view);
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  g_autofree char *after = g_strdup_printf ("<td>%.1f\u00a0%% (95 %% interval",
                                            100 * few_lens_accuracy (snapshot, FEW_ROLE_TEST, .25));
  g_autofree char *before = g_strdup_printf ("<th>CLIP alone</th><td>%.1f\u00a0%%</td>",
                                             100 * few_lens_accuracy (snapshot, FEW_ROLE_TEST, 0));
  g_assert_nonnull (strstr (page, after));
  g_assert_nonnull (strstr (page, before));
  g_assert_nonnull (strstr (page, "<th>&lt;b&gt;</th>"));
  g_assert_null (strstr (page, "<b>"));
  g_auto (GStrv) lines = g_strsplit (table, "\r\n", -1);
  /* the header, and what follows the last end of line */
  g_assert_cmpuint (g_strv_length (lines), ==, info->n + 2);
  for (guint i = 0; i < info->n; i++)
    {
      g_auto (GStrv) fields = g_strsplit (lines[i + 1], ",", -1);
      g_assert_cmpuint (g_strv_length (fields), ==, 8);
      g_assert_cmpstr (
          fields[4], ==,
          few_class_get_name (few_view_get_class (w->view, few_view_get_predicted (w->view)[i])));
      g_assert_cmpfloat_with_epsilon (g_ascii_strtod (fields[7], NULL),
                                      few_view_get_margins (w->view)[i], 1e-5);
    }
  world_free (w);
}

static guint
count_of (const char *text, const char *what)
{
  guint n = 0;
  for (const char *at = strstr (text, what); at; at = strstr (at + 1, what))
    n++;
  return n;
}

/* Two runs in columns: each with its own accuracy, and how many both have right. */
static void
test_two_runs (void)
{
  World *w = world_new ();
  world_import (w);
  world_train (w, 3);
  g_assert_false (world_enabled (w, "export-two"));
  world_learn (w, "automatic");
  g_assert_true (world_enabled (w, "export-two"));
  g_autofree char *path = g_build_filename (w->folder, "two.html", NULL);
  g_autofree char *page = NULL;
  world_act (w, "export-two-to", "(us)", 0, path);
  WAIT (is_written (path, &page));
  g_assert_cmpuint (count_of (page, "<section>"), ==, 2);
  const FewRun *runs[2];
  guint right[2] = { 0, 0 };
  for (guint i = 0; i < 2; i++)
    {
      runs[i] = few_runs_get_list (w->runs)->pdata[i];
      const FewSnapshotInfo *info = few_snapshot_info (runs[i]->snapshot);
      double alpha = i ? few_view_get_alpha (w->view) : info->trained_alpha;
      g_autofree char *title = g_strdup_printf ("<h2>%s</h2>", runs[i]->record->title);
      g_autofree char *accuracy =
          g_strdup_printf ("<td>%.1f\u00a0%% (95 %% interval",
                           100 * few_lens_accuracy (runs[i]->snapshot, FEW_ROLE_TEST, alpha));
      g_assert_nonnull (strstr (page, title));
      g_assert_nonnull (strstr (page, accuracy));
      right[i] = (guint) lrint (few_lens_accuracy (runs[i]->snapshot, FEW_ROLE_TEST, alpha)
                                * few_view_count_measured (w->view));
    }
  const char *told = strstr (page, "Both runs measure ");
  guint n, both, first, second, neither;
  g_assert_nonnull (told);
  g_assert_cmpint (sscanf (told,
                           "Both runs measure %u pictures: both have %u right, only the first %u, "
                           "only the second %u, neither %u.",
                           &n, &both, &first, &second, &neither),
                   ==, 5);
  g_assert_cmpuint (n, ==, both + first + second + neither);
  g_assert_cmpuint (n, ==, few_view_count_measured (w->view));
  g_assert_cmpuint (both + first, ==, right[1]); /* the one in view stands first */
  g_assert_cmpuint (both + second, ==, right[0]);
  world_free (w);
}

/* Mistakes are in the report with their pictures, which are part of the page; pairs are counted as
 * the lens says; a file that is gone is told by its name. */
static void
test_report_mistakes (void)
{
  World *w = world_new ();
  world_import (w);
  GListModel *classes = few_examples_get_classes (w->examples);
  g_autoptr (FewClass) light = g_list_model_get_item (classes, 1);
  g_autoptr (GPtrArray) moved = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < 6; i++) /* of the dark ones */
    g_ptr_array_add (moved, g_list_model_get_item (few_examples_get_pictures (w->examples), i));
  world_train (w, 30);
  few_examples_move (w->examples, moved, light);
  few_examples_set_use (w->examples, moved, FEW_USE_TEST);
  world_train (w, 30);
  g_autofree char *path = g_build_filename (w->folder, "m.html", NULL);
  g_autofree char *page = NULL;
  const FewSnapshotInfo *info = few_snapshot_info (few_view_get_snapshot (w->view));
  int role = few_view_get_measured_role (w->view);
  guint wrong = 0;
  for (guint i = 0; i < info->n; i++)
    wrong += (role < 0 || info->roles[i] == role)
             && few_view_get_predicted (w->view)[i] != info->labels[i];
  g_assert_cmpuint (wrong, >, 1);
  FewPicture *gone = moved->pdata[0];
  g_remove (few_picture_get_path (gone));
  world_act (w, "export-to", "s", path);
  WAIT (is_written (path, &page));
  g_assert_nonnull (strstr (page, "@media print"));
  g_assert_nonnull (strstr (page, "<h2>Most confused</h2>"));
  g_assert_cmpuint (count_of (page, "<figure>"), ==, MIN (wrong, 12));
  guint row = (guint) few_view_get_row (w->view, gone);
  guint unread = few_view_get_predicted (w->view)[row] != info->labels[row];
  guint heats = count_of (page, "alt=\"Where It Looks\"");
  g_assert_true (heats > 0 && heats <= 4);
  g_assert_cmpuint (count_of (page, "src=\"data:image/jpeg;base64,"), ==,
                    MIN (wrong, 12) - unread + heats);
  g_assert_nonnull (strstr (page, "light, taken for dark ("));
  world_free (w);
}

/* A folder that is whole once it has its name, and what is there is left alone. */
static void
test_folder (void)
{
  World *w = world_new ();
  world_import (w);
  g_assert_false (world_enabled (w, "export-folder"));
  world_train (w, 20);
  g_autofree char *folder = g_build_filename (w->folder, "taken", NULL);
  g_autofree char *readme = g_build_filename (folder, "README.md", NULL);
  g_autofree char *onnx = g_build_filename (folder, "model.onnx", NULL);
  g_autofree char *text = NULL;
  world_act (w, "export-folder-to", "(sb)", folder, FALSE);
  g_assert_false (world_enabled (w, "export-folder"));
  WAIT (world_enabled (w, "export-folder"));
  g_assert_true (is_written (readme, &text));
  g_assert_nonnull (strstr (text, "Right answers: "));
  g_assert_true (g_file_test (onnx, G_FILE_TEST_IS_REGULAR));
  guint said = w->messages->len;
  world_act (w, "export-folder-to", "(sb)", folder, FALSE);
  WAIT (w->messages->len > said);
  g_assert_nonnull (strstr (w->messages->pdata[w->messages->len - 1], "nothing is overwritten"));
  world_free (w);
}

/* Over the window: of a type, and of a heading unless NULL. */
static GtkWidget *
find_over (World *w, GType type, const char *heading)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();
  for (GList *l = windows; l; l = l->next)
    if (G_TYPE_CHECK_INSTANCE_TYPE (l->data, type)
        && gtk_window_get_transient_for (l->data) == GTK_WINDOW (w->window)
        && (!heading || g_str_equal (adw_message_dialog_get_heading (l->data), heading)))
      return l->data;
  return NULL;
}

static AdwMessageDialog *
wait_for (World *w, const char *heading)
{
  WAIT (find_over (w, ADW_TYPE_MESSAGE_DIALOG, heading));
  return ADW_MESSAGE_DIALOG (find_over (w, ADW_TYPE_MESSAGE_DIALOG, heading));
}

static void
answer (AdwMessageDialog *dialog, const char *id)
{
  adw_message_dialog_response (dialog, id);
  gtk_window_destroy (GTK_WINDOW (dialog));
}

/* The dialog goes to a folder of its own first, some time after it is there. */
static void
choose (GtkFileChooser *chooser, GFile *folder, const char *name)
{
  gint64 since = g_get_monotonic_time ();
  gtk_file_chooser_set_current_name (chooser, name);
  while (g_get_monotonic_time () < since + G_USEC_PER_SEC)
    {
      g_autoptr (GFile) there = gtk_file_chooser_get_current_folder (chooser);
      if (!there || !g_file_equal (there, folder))
        {
          since = g_get_monotonic_time ();
          gtk_file_chooser_set_current_folder (chooser, folder, NULL);
        }
      for (guint i = 0; i < 50; i++)
        g_main_context_iteration (NULL, FALSE);
      g_usleep (10000);
    }
  gtk_dialog_response (GTK_DIALOG (chooser), GTK_RESPONSE_ACCEPT);
}

/* As a person does: the menu's action, the row “Half the Size”, a folder's name. */
static void
export_half (World *w, const char *name)
{
  world_act (w, "export-folder", NULL);
  AdwMessageDialog *question = wait_for (w, "Folder with the Whole Model");
  GtkWidget *exact =
      world_find_widget (adw_message_dialog_get_extra_child (question), GTK_TYPE_CHECK_BUTTON);
  GtkWidget *row = gtk_widget_get_ancestor (exact, ADW_TYPE_ACTION_ROW);
  GtkWidget *half = world_find_widget (gtk_widget_get_next_sibling (row), GTK_TYPE_CHECK_BUTTON);
  g_assert_true (gtk_check_button_get_active (GTK_CHECK_BUTTON (exact)));
  gtk_check_button_set_active (GTK_CHECK_BUTTON (half), TRUE);
  g_assert_false (gtk_check_button_get_active (GTK_CHECK_BUTTON (exact)));
  answer (question, "choose");
  WAIT (find_over (w, GTK_TYPE_FILE_CHOOSER_DIALOG, NULL));
  GtkWidget *chooser = find_over (w, GTK_TYPE_FILE_CHOOSER_DIALOG, NULL);
  g_autoptr (GFile) folder = g_file_new_for_path (w->folder);
  choose (GTK_FILE_CHOOSER (chooser), folder, name);
}

static goffset
measure (World *w, const char *folder)
{
  g_autofree char *onnx = g_build_filename (w->folder, folder, "model.onnx", NULL);
  GStatBuf info;
  g_assert_cmpint (g_stat (onnx, &info), ==, 0);
  return info.st_size;
}

/* The choice of 16 bits: about half the size, and what was written is what was learned. */
static void
test_half (void)
{
  World *w = world_new ();
  world_import (w);
  world_train (w, 20);
  g_autofree char *exact = g_build_filename (w->folder, "exact", NULL);
  g_autofree char *onnx = g_build_filename (w->folder, "half", "model.onnx", NULL);
  g_autofree char *kept = g_build_filename (w->folder, "half", "classifier.safetensors", NULL);
  g_autofree char *picture = g_build_filename (w->folder, "light", "03.png", NULL);
  g_autoptr (GError) error = NULL;
  world_act (w, "export-folder-to", "(sb)", exact, FALSE);
  answer (wait_for (w, "Folder Exported"), "close");
  export_half (w, "half");
  AdwMessageDialog *done = wait_for (w, "Folder Exported");
  g_autofree char *body = g_strdup (adw_message_dialog_get_body (done));
  answer (done, "close");
  g_assert_cmpint (measure (w, "half"), <, measure (w, "exact") * 6 / 10);
  g_autoptr (FewModel) model = few_model_open (g_getenv ("FEWSHOT_POCKET"), NULL, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (FewClassifier) classifier = few_classifier_load (kept, &error);
  g_assert_no_error (error);
  FewVerification found = { 0 };
  const char *paths[] = { picture };
  few_portable_verify (model, classifier, onnx, paths, 1, &found, NULL, NULL, NULL, &error);
  if (g_error_matches (error, FEW_ERROR, FEW_ERROR_UNSUPPORTED))
    {
      g_assert_nonnull (strstr (body, "Not verified: "));
      g_test_skip (error->message);
    }
  else
    {
      g_assert_no_error (error);
      g_assert_true (found.half && found.alike == 1 && found.worst < found.bound);
      g_assert_nonnull (strstr (body, "30/30 predictions match."));
    }
  world_free (w);
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/export/export", test_export);
  g_test_add_func ("/export/kinds", test_kinds);
  g_test_add_func ("/export/report", test_report);
  g_test_add_func ("/export/two-runs", test_two_runs);
  g_test_add_func ("/export/report-mistakes", test_report_mistakes);
  g_test_add_func ("/export/folder", test_folder);
  g_test_add_func ("/export/half", test_half);
  g_test_add_func ("/export/show-in-files", test_show_in_files);
  return g_test_run ();
}
