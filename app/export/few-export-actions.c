/* SPDX-License-Identifier: MIT */
/* Export: where to, what came of it, and the lines of Python that read it. */
#include "widgets/few-chooser.h"
#include "export/few-report.h"
#include "shell/few-window.h"
#include "common/snippet.h"
#include <glib/gi18n.h>

/* ---- the report, written by a thread */

typedef struct
{
  FewReport *report;
  char *path;
} Writing;

static void
writing_free (gpointer data)
{
  Writing *writing = data;
  few_report_free (writing->report);
  g_free (writing->path);
  g_free (writing);
}

static void
write_report (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Writing *writing = data;
  GError *error = NULL;
  if (few_report_save (writing->report, writing->path, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
report_written (GObject *source, GAsyncResult *result, gpointer user)
{
  const Writing *writing = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autofree char *shown = g_filename_display_name (writing->path);
  gboolean ok = g_task_propagate_boolean (G_TASK (result), &error);
  /* Translators: a file */
  g_autofree char *text =
      ok ? g_strdup_printf (_ ("Report saved as %s"), shown) : g_strdup (error->message);
  few_window_say (FEW_WINDOW (source), text, FALSE);
}

static void
save_report (FewWindow *self, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *title = few_document_get_title (few_window_get_document (self));
  FewReport *report = few_report_new (few_window_get_session (self), title, &error);
  if (!report)
    {
      few_window_say (self, error->message, FALSE);
      return;
    }
  Writing *writing = g_new (Writing, 1);
  *writing = (Writing) { report, g_strdup (path) };
  g_autoptr (GTask) task = g_task_new (self, NULL, report_written, NULL);
  g_task_set_task_data (task, writing, writing_free);
  g_task_run_in_thread (task, write_report);
}

/* ---- where to; the name's end says what */

void
few_window_export_to (FewWindow *self, const char *path)
{
  if (g_str_has_suffix (path, ".html") || g_str_has_suffix (path, ".csv"))
    save_report (self, path);
  else
    few_session_export (few_window_get_session (self), path);
}

static void
chosen (GtkWindow *window, const char *const *paths)
{
  few_window_export_to (FEW_WINDOW (window), paths[0]);
}

void
few_window_export (FewWindow *self, const char *name)
{
  few_choose (GTK_WINDOW (self),
              &(FewChooser) { _ ("Export"), GTK_FILE_CHOOSER_ACTION_SAVE, .name = name }, chosen);
}

static void
response (AdwMessageDialog *dialog, const char *id, FewWindow *self)
{
  const char *snippet = g_object_get_data (G_OBJECT (dialog), "snippet");
  if (g_str_equal (id, "copy"))
    {
      gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), snippet);
      few_window_say (self, _ ("Python code copied"), FALSE);
    }
}

void
few_window_exported (FewWindow *self, const char *path, guint agree, guint total)
{
  g_autofree char *shown = g_filename_display_name (path);
  GtkWidget *dialog = adw_message_dialog_new (
      GTK_WINDOW (self), agree == total ? _ ("Adapter Exported") : _ ("Exported, but Not the Same"),
      NULL);
  if (total == 0) /* ONNX: nothing here runs it */
    /* Translators: path of the file */
    adw_message_dialog_format_body (
        ADW_MESSAGE_DIALOG (dialog),
        _ ("%s\n\nTakes CLIP’s image features, gives a logit for each class."), shown);
  else
    adw_message_dialog_format_body (ADW_MESSAGE_DIALOG (dialog),
                                    /* Translators: path of the file; then how many predictions
                                     * the file gives like the window */
                                    _ ("%s\n\nRead back and checked: %u/%u predictions match."),
                                    shown, agree, total);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "copy", _ ("_Copy Python Code"),
                                    "close", _ ("_Close"), NULL);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "close");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "close");
  g_object_set_data_full (G_OBJECT (dialog), "snippet", few_python_snippet (path), g_free);
  g_signal_connect_object (dialog, "response", G_CALLBACK (response), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}
