/* SPDX-License-Identifier: MIT */
/* Lists what lies below folders, each picture with the class that its folder names. */
#include "worker/scan.h"
#include "base/folder.h"
#include <fewshot/worker.h>

static void
free_found (gpointer data)
{
  FewFound *found = data;
  g_free (found->path);
  g_free (found->class_name);
  g_free (found);
}

GPtrArray *
few_found_list_new (void)
{
  return g_ptr_array_new_with_free_func (free_found);
}

void
few_found_list_add (GPtrArray *found, const char *path, const char *class_name)
{
  FewFound *entry = g_new (FewFound, 1);
  *entry = (FewFound) { g_strdup (path), g_strdup (class_name) };
  g_ptr_array_add (found, entry);
}

static void
scan_folder (GPtrArray *found, const char *folder, const char *class_name, guint depth,
             GCancellable *cancellable)
{
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (GPtrArray) folders = NULL;
  g_autofree char *base = g_path_get_basename (folder);
  g_autofree char *shown = g_filename_display_name (base);
  const char *name = class_name ? class_name : shown;
  if (g_cancellable_is_cancelled (cancellable) || depth > FEW_MAX_FOLDER_DEPTH)
    return;
  if (!few_folder_list (folder, &files, &folders, NULL))
    {
      few_found_list_add (found, folder, name); /* refused later, with the reason */
      return;
    }
  for (guint i = 0; i < files->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, files->pdata[i], NULL);
      few_found_list_add (found, path, name);
    }
  for (guint i = 0; i < folders->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, folders->pdata[i], NULL);
      scan_folder (found, path, class_name, depth + 1, cancellable);
    }
}

GPtrArray *
few_scan (const char *const *paths, const char *class_name, GCancellable *cancellable)
{
  GPtrArray *found = few_found_list_new ();
  for (; *paths; paths++)
    {
      if (g_file_test (*paths, G_FILE_TEST_IS_DIR))
        {
          scan_folder (found, *paths, class_name, 0, cancellable);
          continue;
        }
      g_autofree char *folder = g_path_get_dirname (*paths);
      g_autofree char *base = g_path_get_basename (folder);
      g_autofree char *shown = g_filename_display_name (base);
      few_found_list_add (found, *paths, class_name ? class_name : shown);
    }
  return found;
}
