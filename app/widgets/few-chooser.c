/* SPDX-License-Identifier: MIT */
#include "widgets/few-chooser.h"
#include <glib/gi18n.h>

static void
responded (GtkNativeDialog *dialog, int response, GtkWindow *parent)
{
  FewChosenFunc chosen = g_object_get_data (G_OBJECT (dialog), "chosen");
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GListModel) files = gtk_file_chooser_get_files (GTK_FILE_CHOOSER (dialog));
      g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
      for (guint i = 0; i < g_list_model_get_n_items (files); i++)
        {
          g_autoptr (GFile) file = g_list_model_get_item (files, i);
          g_autofree char *path = g_file_get_path (file);
          if (path)
            g_strv_builder_add (builder, path);
        }
      g_auto (GStrv) paths = g_strv_builder_end (builder);
      if (paths[0])
        chosen (parent, (const char *const *) paths);
    }
  g_object_unref (dialog);
}

void
few_choose (GtkWindow *parent, const FewChooser *chooser, FewChosenFunc chosen)
{
  GtkFileChooserNative *dialog =
      gtk_file_chooser_native_new (chooser->title, parent, chooser->action, NULL, NULL);
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();
  if (chooser->filter == FEW_CHOOSE_PICTURES)
    {
      gtk_file_filter_add_pixbuf_formats (filter);
      gtk_file_filter_set_name (filter, _ ("Pictures"));
    }
  else if (chooser->filter == FEW_CHOOSE_PROJECTS)
    {
      gtk_file_filter_add_pattern (filter, "*.fewshot");
      gtk_file_filter_set_name (filter, _ ("Fewshot projects"));
    }
  if (chooser->filter != FEW_CHOOSE_ANY)
    gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
  if (chooser->name)
    gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), chooser->name);
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (dialog), chooser->several);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_object_set_data (G_OBJECT (dialog), "chosen", chosen);
  g_signal_connect_object (dialog, "response", G_CALLBACK (responded), parent, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}
