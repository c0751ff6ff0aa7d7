/* SPDX-License-Identifier: MIT */
/* Folder names are bytes; class names are text, and two folders never share one by accident. */
#include "task/name-list.h"

struct FewNameList
{
  GHashTable *of_folder; /* folder's bytes → name, both owned */
  GHashTable *taken;     /* the names, borrowed */
};

FewNameList *
few_name_list_new (void)
{
  FewNameList *names = g_new (FewNameList, 1);
  names->of_folder = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  names->taken = g_hash_table_new (g_str_hash, g_str_equal);
  return names;
}

void
few_name_list_free (FewNameList *names)
{
  g_hash_table_unref (names->taken);
  g_hash_table_unref (names->of_folder);
  g_free (names);
}

static char *
as_text (const char *folder)
{
  if (g_utf8_validate (folder, -1, NULL))
    return g_strdup (folder);
  char *text = g_convert (folder, -1, "UTF-8", "WINDOWS-1252", NULL, NULL, NULL);
  return text ? text : g_convert (folder, -1, "UTF-8", "ISO-8859-1", NULL, NULL, NULL);
}

const char *
few_name_list_get (FewNameList *names, const char *folder)
{
  const char *known = g_hash_table_lookup (names->of_folder, folder);
  if (known)
    return known;
  g_autofree char *text = as_text (folder);
  char *name = text ? g_strdup (text) : g_filename_display_name (folder);
  for (guint i = 2; g_hash_table_contains (names->taken, name); i++)
    {
      g_free (name);
      name = g_strdup_printf ("%s (%u)", text ? text : "?", i);
    }
  g_hash_table_insert (names->of_folder, g_strdup (folder), name);
  g_hash_table_add (names->taken, name);
  return name;
}
