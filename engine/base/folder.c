/* SPDX-License-Identifier: MIT */
/* Folders of pictures as people have them: with links, with trash, with what Macs and network
 * storage leave in them. */
#include "base/folder.h"
#include "base/error.h"
#include <fewshot/file.h>
#include <fewshot/picture.h>
#include <errno.h>
#include <dirent.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

static int
by_name (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

gboolean
few_folder_is_passed_over (const char *name)
{
  static const char *const known[] = {
    "Thumbs.db",    "ehthumbs.db", "desktop.ini",
    "Icon\r",       "__MACOSX",    "@eaDir",
    "@tmp",         "@Recycle",    "@Recently-Snapshot",
    "#recycle",     "#snapshot",   "lost+found",
    "$RECYCLE.BIN", "RECYCLER",    "System Volume Information",
    "__pycache__",
  };
  if (name[0] == '.')
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_ascii_strcasecmp (name, known[i]) == 0)
      return TRUE;
  return FALSE;
}

const struct dirent *
few_folder_next (DIR *dir)
{
  errno = 0;
  return readdir (dir);
}

/* Most file systems say it without being asked once more. */
static gboolean
is_folder (int dir, const struct dirent *entry)
{
  struct stat info;
  if (entry->d_type != DT_UNKNOWN && entry->d_type != DT_LNK)
    return entry->d_type == DT_DIR;
  return fstatat (dir, entry->d_name, &info, 0) == 0 && S_ISDIR (info.st_mode);
}

gboolean
few_folder_list (const char *folder, GPtrArray **files, GPtrArray **folders, GError **error)
{
  DIR *dir = opendir (folder);
  if (!dir)
    {
      few_fail_errno (error, folder, FEW_FILE_LISTED, errno);
      return FALSE;
    }
  *files = g_ptr_array_new_with_free_func (g_free);
  *folders = g_ptr_array_new_with_free_func (g_free);
  const struct dirent *entry;
  while ((entry = few_folder_next (dir)))
    if (!few_folder_is_passed_over (entry->d_name)) /* a broken link says so when it is read */
      g_ptr_array_add (is_folder (dirfd (dir), entry) ? *folders : *files,
                       g_strdup (entry->d_name));
  int failed = errno;
  closedir (dir);
  if (failed)
    {
      g_clear_pointer (files, g_ptr_array_unref);
      g_clear_pointer (folders, g_ptr_array_unref);
      few_fail_errno (error, folder, FEW_FILE_LISTED, failed);
      return FALSE;
    }
  g_ptr_array_sort (*files, by_name);
  g_ptr_array_sort (*folders, by_name);
  return TRUE;
}

GHashTable *
few_folder_set_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

gboolean
few_folder_set_add (GHashTable *set, const char *folder)
{
  struct stat info;
  return g_stat (folder, &info) == 0
         && g_hash_table_add (set, g_strdup_printf ("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT,
                                                    (guint64) info.st_dev, (guint64) info.st_ino));
}

static gboolean
holds_pictures (const char *folder, GHashTable *seen, guint depth)
{
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (GPtrArray) folders = NULL;
  if (depth > FEW_MAX_FOLDER_DEPTH || !few_folder_set_add (seen, folder)
      || !few_folder_list (folder, &files, &folders, NULL))
    return FALSE;
  for (guint i = 0; i < files->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, files->pdata[i], NULL);
      if (few_is_picture_file (path))
        return TRUE;
    }
  for (guint i = 0; i < folders->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, folders->pdata[i], NULL);
      if (holds_pictures (path, seen, depth + 1))
        return TRUE;
    }
  return FALSE;
}

gboolean
few_folder_holds_pictures (const char *folder)
{
  g_autoptr (GHashTable) seen = few_folder_set_new ();
  return holds_pictures (folder, seen, 0);
}

/* ---- removing */

int
few_folder_empty (const char *folder)
{
  DIR *dir = opendir (folder);
  int failed = dir ? 0 : errno;
  const struct dirent *entry;
  while (dir && (entry = few_folder_next (dir)))
    {
      if (g_str_equal (entry->d_name, ".") || g_str_equal (entry->d_name, ".."))
        continue;
      g_autofree char *below = g_build_filename (folder, entry->d_name, NULL);
      int left = few_folder_remove (below);
      failed = failed ? failed : left;
    }
  if (dir)
    closedir (dir);
  return failed;
}

int
few_folder_remove (const char *path)
{
  g_return_val_if_fail (path != NULL, EINVAL);
  GStatBuf info;
  if (g_lstat (path, &info) != 0)
    return errno == ENOENT ? 0 : errno;
  if (!S_ISDIR (info.st_mode))
    return g_unlink (path) == 0 ? 0 : errno;
  int left = few_folder_empty (path);
  if (g_rmdir (path) == 0)
    return 0;
  return left ? left : errno;
}
