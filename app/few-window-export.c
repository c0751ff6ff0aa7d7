/* Export: where to, what came of it, and the lines of Python that read it. */
#include "few-window.h"
#include "snippet.h"
#include <glib/gi18n.h>

static void
chosen (GtkNativeDialog *dialog, int response, FewWindow *self)
{
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
      g_autofree char *path = g_file_get_path (file);
      if (path)
        few_session_export (few_window_get_session (self), path);
    }
  g_object_unref (dialog);
}

void
few_window_export (FewWindow *self)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (_("Export Adapter"), GTK_WINDOW (self), GTK_FILE_CHOOSER_ACTION_SAVE, _("_Export"), NULL);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), "adapter.safetensors");
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect (dialog, "response", G_CALLBACK (chosen), self);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
response (AdwMessageDialog *dialog, const char *id, FewWindow *self)
{
  const char *snippet = g_object_get_data (G_OBJECT (dialog), "snippet");
  if (g_str_equal (id, "copy"))
    {
      gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), snippet);
      few_window_say (self, _("Python code copied"), FALSE);
    }
}

void
few_window_exported (FewWindow *self, const char *path, guint agree, guint total)
{
  g_autofree char *shown = g_filename_display_name (path);
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), agree == total ? _("Adapter Exported") : _("Exported, but Not the Same"), NULL);
  adw_message_dialog_format_body (ADW_MESSAGE_DIALOG (dialog),
                                  /* Translators: path of the file; then how many predictions the file gives like the window */
                                  _("%s\n\nRead back and checked: %u/%u predictions match."), shown, agree, total);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "copy", _("_Copy Python Code"), "close", _("_Close"), NULL);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "close");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "close");
  g_object_set_data_full (G_OBJECT (dialog), "snippet", few_python_snippet (path), g_free);
  g_signal_connect_object (dialog, "response", G_CALLBACK (response), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}
