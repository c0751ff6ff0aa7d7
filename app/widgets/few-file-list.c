/* SPDX-License-Identifier: MIT */
/* Paths of dropped and pasted files. */
#include "widgets/few-file-list.h"

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
