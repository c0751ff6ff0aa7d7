/* SPDX-License-Identifier: MIT */
/* The portal's dialog where there is one, GTK's otherwise: GtkFileChooserNative decides. */
#include "widgets/few-chooser.h"
#include "widgets/few-videos.h"
#include <glib/gi18n.h>

/* Who wants to know the answer. */
typedef struct
{
  FewChosenFunc chosen;
  GObject *object;
} Asker;

static Asker *
asker_new (FewChosenFunc chosen, gpointer object)
{
  Asker *asker = g_new (Asker, 1);
  *asker = (Asker) { chosen, g_object_ref (object) };
  return asker;
}

static void
asker_free (gpointer data)
{
  Asker *asker = data;
  g_object_unref (asker->object);
  g_free (asker);
}

static void
asker_free_cb (gpointer data, GClosure *closure G_GNUC_UNUSED)
{
  asker_free (data);
}

static void
resolved_cb (gpointer user, const char *const *paths)
{
  const Asker *asker = user;
  asker->chosen (asker->object, paths);
}

static char **
get_paths (GtkFileChooser *dialog)
{
  g_autoptr (GListModel) files = gtk_file_chooser_get_files (dialog);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  for (guint i = 0; i < g_list_model_get_n_items (files); i++)
    {
      g_autoptr (GFile) file = g_list_model_get_item (files, i);
      g_autofree char *path = g_file_get_path (file);
      if (path)
        g_strv_builder_add (builder, path);
    }
  return g_strv_builder_end (builder);
}

static void
response_cb (GtkNativeDialog *dialog, int response, gpointer user)
{
  const Asker *asker = user;
  GtkWindow *parent = gtk_native_dialog_get_transient_for (dialog);
  if (response == GTK_RESPONSE_ACCEPT && parent)
    {
      g_auto (GStrv) paths = get_paths (GTK_FILE_CHOOSER (dialog));
      GtkFileChooserAction action = gtk_file_chooser_get_action (GTK_FILE_CHOOSER (dialog));
      if (paths[0] && action != GTK_FILE_CHOOSER_ACTION_OPEN) /* a folder, or what is not there */
        asker->chosen (asker->object, (const char *const *) paths);
      else if (paths[0])
        few_videos_resolve (GTK_WIDGET (parent), (const char *const *) paths, resolved_cb,
                            asker_new (asker->chosen, asker->object), asker_free);
    }
  g_object_unref (dialog);
}

static void
add_filter (GtkFileChooser *dialog, FewChooserFilter which)
{
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();
  if (which == FEW_CHOOSE_PICTURES)
    {
      gtk_file_filter_add_pixbuf_formats (filter);
      gtk_file_filter_add_mime_type (filter, "video/*");
      gtk_file_filter_set_name (filter, _ ("Pictures and videos"));
    }
  else if (which == FEW_CHOOSE_PROJECTS)
    {
      gtk_file_filter_add_pattern (filter, "*.fewshot");
      gtk_file_filter_set_name (filter, _ ("Fewshot projects"));
    }
  else if (which == FEW_CHOOSE_TO_OPEN)
    {
      gtk_file_filter_add_pattern (filter, "*.fewshot");
      gtk_file_filter_add_suffix (filter, "safetensors");
      gtk_file_filter_set_name (filter, _ ("Fewshot projects and classifiers"));
    }
  else if (which == FEW_CHOOSE_LABELS)
    {
      static const char *const endings[] = { "csv", "tsv", "json", "jsonl", "ndjson" };
      for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
        gtk_file_filter_add_suffix (filter, endings[i]);
      gtk_file_filter_set_name (filter, _ ("Labels (CSV, TSV, JSON)"));
    }
  else if (which == FEW_CHOOSE_ARCHIVES)
    {
      static const char *const endings[] = { "zip", "tar", "gz",   "tgz", "xz",
                                             "txz", "bz2", "tbz2", "zst" };
      for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
        gtk_file_filter_add_suffix (filter, endings[i]);
      gtk_file_filter_set_name (filter, _ ("Archives (zip, tar)"));
    }
  if (which != FEW_CHOOSE_ANY)
    gtk_file_chooser_add_filter (dialog, filter);
}

void
few_choose (GtkWindow *parent, const FewChooser *chooser, FewChosenFunc chosen, gpointer object)
{
  g_return_if_fail (GTK_IS_WINDOW (parent));
  g_return_if_fail (chooser && chosen);
  g_return_if_fail (G_IS_OBJECT (object));
  GtkFileChooserNative *dialog =
      gtk_file_chooser_native_new (chooser->title, parent, chooser->action, NULL, NULL);
  Asker *asker = asker_new (chosen, object);
  add_filter (GTK_FILE_CHOOSER (dialog), chooser->filter);
  if (chooser->name)
    gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), chooser->name);
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (dialog), chooser->several);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_data (dialog, "response", G_CALLBACK (response_cb), asker, asker_free_cb, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}
