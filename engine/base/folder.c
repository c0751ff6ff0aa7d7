/* SPDX-License-Identifier: MIT */
/* Folders of pictures: what lies in them, and which names are of pictures. */
#include "base/folder.h"
#include <fewshot/picture.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

static int
by_name (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

gboolean
few_folder_list (const char *folder, GPtrArray **files, GPtrArray **folders, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, error);
  if (!dir)
    return FALSE;
  *files = g_ptr_array_new_with_free_func (g_free);
  *folders = g_ptr_array_new_with_free_func (g_free);
  const char *name;
  while ((name = g_dir_read_name (dir)))
    {
      if (name[0] == '.' || g_str_equal (name, "Thumbs.db") || g_str_equal (name, "desktop.ini"))
        continue;
      g_autofree char *path = g_build_filename (folder, name, NULL);
      struct stat info;
      gboolean link = g_lstat (path, &info) == 0 && S_ISLNK (info.st_mode);
      if (link && (g_stat (path, &info) != 0 || S_ISDIR (info.st_mode)))
        continue; /* a link to a folder could lead in a circle */
      g_ptr_array_add (S_ISDIR (info.st_mode) ? *folders : *files, g_strdup (name));
    }
  g_ptr_array_sort (*files, by_name);
  g_ptr_array_sort (*folders, by_name);
  return TRUE;
}

gboolean
few_is_picture_name (const char *name)
{
  static const char *const endings[] = { ".jpg",  ".jpeg", ".png", ".gif",
                                         ".webp", ".bmp",  ".tif", ".tiff" };
  const char *dot = strrchr (name, '.');
  for (guint i = 0; dot && i < G_N_ELEMENTS (endings); i++)
    if (g_ascii_strcasecmp (dot, endings[i]) == 0)
      return TRUE;
  return FALSE;
}
