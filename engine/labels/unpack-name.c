/* SPDX-License-Identifier: MIT */
/* Names of archives, and of what is in them. */
#include "labels/unpack-name.h"
#include <fewshot/archive.h>
#include <string.h>

static const char *const endings[] = { ".zip", ".tar",     ".tar.gz", ".tgz",    ".tar.xz",
                                       ".txz", ".tar.bz2", ".tbz2",   ".tar.zst" };

/* Where the ending begins; NULL: it is no archive's. */
static const char *
find_ending (const char *path)
{
  gsize length = strlen (path);
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      gsize n = strlen (endings[i]);
      if (length > n && g_ascii_strcasecmp (path + length - n, endings[i]) == 0
          && path[length - n - 1] != '/')
        return path + length - n;
    }
  return NULL;
}

gboolean
few_archive_is_name (const char *path)
{
  g_return_val_if_fail (path != NULL, FALSE);
  return find_ending (path) != NULL;
}

char *
few_archive_folder (const char *path)
{
  g_return_val_if_fail (path != NULL, NULL);
  const char *ending = find_ending (path);
  return ending ? g_strndup (path, (gsize) (ending - path))
                : g_strconcat (path, " (unpacked)", NULL);
}

static gboolean
is_fit (const char *part)
{
  enum { LONGEST = 255 };
  static const char *const others[] = { "__MACOSX", "Thumbs.db", "desktop.ini", NULL };
  return part[0] != '.' && strlen (part) <= LONGEST && !strchr (part, '\\')
         && !g_strv_contains (others, part);
}

char *
few_unpack_name (const char *path)
{
  enum { DEEPEST = 32, LONGEST = 3000 };
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  g_autoptr (GPtrArray) kept = g_ptr_array_new ();
  if (*path == '/' || *path == 0 || strlen (path) > LONGEST)
    return NULL;
  for (char **part = parts; *part; part++)
    if (**part && !g_str_equal (*part, "."))
      {
        if (!is_fit (*part))
          return NULL;
        g_ptr_array_add (kept, *part);
      }
  if (kept->len == 0 || kept->len > DEEPEST)
    return NULL;
  g_ptr_array_add (kept, NULL);
  return g_strjoinv ("/", (char **) kept->pdata);
}
