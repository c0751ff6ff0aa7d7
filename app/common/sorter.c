/* SPDX-License-Identifier: MIT */
/* Copies of pictures in folders named after their classes. */
#include "common/sorter.h"
#include <errno.h>
#include <fewshot.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>

enum { MOST_NAMESAKES = 10000 };

struct FewSorter
{
  char *folder;
  gboolean link;
  GHashTable *made; /* class folders that are there and swept */
};

FewSorter *
few_sorter_new (const char *folder)
{
  FewSorter *sorter = g_new0 (FewSorter, 1);
  sorter->folder = g_strdup (folder);
  sorter->made = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return sorter;
}

void
few_sorter_free (FewSorter *sorter)
{
  g_hash_table_unref (sorter->made);
  g_free (sorter->folder);
  g_free (sorter);
}

/* A slash cannot be in a folder's name; what looks like it can. A class whose name must be changed
 * further, or has such characters of its own, carries a mark of its real name: no two classes share
 * a folder, in this run or another. */
char *
few_folder_name (const char *class_name)
{
  enum { LONGEST = 160 };
  g_autoptr (GString) name = g_string_new (class_name);
  gboolean odd = strstr (class_name, "∕") || strstr (class_name, "⧵");
  g_string_replace (name, "/", "∕", 0);
  g_string_replace (name, "\\", "⧵", 0);
  g_autofree char *stripped = g_strstrip (g_strdup (name->str));
  if (!*stripped || stripped[0] == '.') /* no name at all, or hidden */
    {
      char *prefixed = g_strconcat ("_", stripped, NULL);
      g_free (stripped);
      stripped = prefixed;
    }
  if (!odd && g_str_equal (stripped, name->str) && strlen (stripped) <= LONGEST)
    return g_steal_pointer (&stripped);
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, class_name, -1);
  if (strlen (stripped) > LONGEST)
    *g_utf8_find_prev_char (stripped, stripped + LONGEST) = 0;
  return g_strdup_printf ("%s (%.8s)", stripped, sum);
}

/* "leaf.jpg", "leaf (2).jpg", "leaf (3).jpg" … */
static char *
number_name (const char *folder, const char *name, guint number)
{
  const char *dot = strrchr (name, '.');
  int stem = dot && dot != name ? (int) (dot - name) : (int) strlen (name);
  g_autofree char *numbered_name =
      number < 2 ? g_strdup (name)
                 : g_strdup_printf ("%.*s (%u)%s", stem, name, number, name + stem);
  return g_build_filename (folder, numbered_name, NULL);
}

gboolean
few_folder_prepare (const char *folder, GError **error)
{
  if (g_mkdir_with_parents (folder, 0755) != 0)
    {
      int failed = errno;
      g_autofree char *shown = g_filename_display_name (folder);
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (failed),
                   "%s could not be created: %s.", shown, g_strerror (failed));
      return FALSE;
    }
  few_atomic_file_sweep_folder (folder);
  return TRUE;
}

void
few_sorter_set_link (FewSorter *sorter, gboolean link)
{
  sorter->link = link;
}

FewSortOutcome
few_sorter_copy (FewSorter *sorter, const char *path, const char *class_name,
                 GCancellable *cancellable, GError **error)
{
  return few_sorter_copy_to (sorter, path, class_name, NULL, cancellable, error);
}

/* G_IO_ERROR_EXISTS where the name is taken, as few_file_copy. */
static gboolean
link_picture (const char *path, const char *target, GError **error)
{
  g_autofree char *whole = g_canonicalize_filename (path, NULL);
  g_autoptr (GFile) file = g_file_new_for_path (target);
  return g_file_make_symbolic_link (file, whole, NULL, error);
}

static char *
name_folder (const FewSorter *sorter, const char *class_name)
{
  g_autofree char *class_folder = few_folder_name (class_name);
  return g_build_filename (sorter->folder, class_folder, NULL);
}

char *
few_sorter_find (const FewSorter *sorter, const char *path, const char *class_name)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *folder = name_folder (sorter, class_name);
  for (guint number = 1; number <= MOST_NAMESAKES; number++)
    {
      g_autofree char *there = number_name (folder, name, number);
      struct stat info;
      if (g_lstat (there, &info) != 0)
        return NULL;
      if (few_file_is_same (path, there))
        return g_steal_pointer (&there);
    }
  return NULL;
}

FewSortOutcome
few_sorter_copy_to (FewSorter *sorter, const char *path, const char *class_name, char **made,
                    GCancellable *cancellable, GError **error)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *folder = name_folder (sorter, class_name);
  if (!g_hash_table_contains (sorter->made, folder))
    {
      if (!few_folder_prepare (folder, error))
        return FEW_SORT_FAILED;
      g_hash_table_add (sorter->made, g_strdup (folder));
    }
  for (guint number = 1; number <= MOST_NAMESAKES; number++)
    {
      g_autofree char *target = number_name (folder, name, number);
      g_autoptr (GError) local = NULL;
      struct stat info;
      if (g_lstat (target, &info) == 0)
        {
          if (!few_file_is_same (path, target))
            continue;
          if (made)
            *made = g_steal_pointer (&target);
          return FEW_SORT_THERE;
        }
      if (sorter->link ? link_picture (path, target, &local)
                       : few_file_copy (path, target, cancellable, &local))
        {
          if (made)
            *made = g_steal_pointer (&target);
          return FEW_SORT_COPIED;
        }
      if (!g_error_matches (local, G_IO_ERROR, G_IO_ERROR_EXISTS))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FEW_SORT_FAILED;
        }
      number--; /* somebody made it meanwhile: it may be the same picture */
    }
  g_autofree char *shown = g_filename_display_name (folder);
  g_set_error (error, FEW_ERROR, FEW_ERROR_LIMIT, _ ("%s holds %d other pictures of that name."),
               shown, MOST_NAMESAKES);
  return FEW_SORT_FAILED;
}
