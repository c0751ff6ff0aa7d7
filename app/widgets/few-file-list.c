/* SPDX-License-Identifier: MIT */
/* Paths of dropped and pasted files, and pictures as files to be taken elsewhere. */
#include "widgets/few-file-list.h"
#include "session/few-picture.h"

char **
few_file_list_get_paths (const GValue *files)
{
  g_return_val_if_fail (G_VALUE_HOLDS (files, GDK_TYPE_FILE_LIST), NULL);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  for (GSList *l = g_value_get_boxed (files); l; l = l->next)
    {
      g_autofree char *path = g_file_get_path (l->data);
      if (path)
        g_strv_builder_add (builder, path);
    }
  return g_strv_builder_end (builder);
}

GdkContentProvider *
few_file_list_create_content (GPtrArray *pictures)
{
  g_return_val_if_fail (pictures, NULL);
  g_autoslist (GFile) files = NULL;
  for (guint i = pictures->len; i-- > 0;)
    files =
        g_slist_prepend (files, g_file_new_for_path (few_picture_get_path (pictures->pdata[i])));
  g_auto (GValue) value = G_VALUE_INIT;
  g_value_init (&value, GDK_TYPE_FILE_LIST);
  g_value_take_boxed (&value, gdk_file_list_new_from_list (files));
  return gdk_content_provider_new_for_value (&value);
}
