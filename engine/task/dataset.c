/* SPDX-License-Identifier: MIT */
/* Data sets from folders of class folders. */
#include "base/error.h"
#include "task/dataset.h"
#include "base/folder.h"
#include <fewshot/dataset.h>
#include <string.h>

static void
picture_free (gpointer data)
{
  FewDataPicture *picture = data;
  g_free (picture->path);
  g_free (picture);
}

void
few_dataset_free (FewDataset *dataset)
{
  g_return_if_fail (dataset != NULL);
  g_ptr_array_unref (dataset->classes);
  g_ptr_array_unref (dataset->pictures);
  g_free (dataset);
}

FewDataset *
few_dataset_new (void)
{
  FewDataset *dataset = g_new0 (FewDataset, 1);
  dataset->classes = g_ptr_array_new_with_free_func (g_free);
  dataset->pictures = g_ptr_array_new_with_free_func (picture_free);
  return dataset;
}

void
few_dataset_add (FewDataset *dataset, char *path, guint label, FewRole role)
{
  FewDataPicture *picture = g_new (FewDataPicture, 1);
  *picture = (FewDataPicture) { path, label, role };
  g_ptr_array_add (dataset->pictures, picture);
}

static guint
label_of (FewDataset *dataset, const char *name)
{
  guint index;
  if (g_ptr_array_find_with_equal_func (dataset->classes, name, g_str_equal, &index))
    return index;
  g_ptr_array_add (dataset->classes, g_strdup (name));
  return dataset->classes->len - 1;
}

static gboolean
add_pictures (FewDataset *dataset, const char *folder, guint label, FewRole role, guint depth,
              GError **error)
{
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (GPtrArray) folders = NULL;
  if (!few_folder_list (folder, &files, &folders, error))
    return FALSE;
  for (guint i = 0; i < files->len; i++)
    few_dataset_add (dataset, g_build_filename (folder, files->pdata[i], NULL), label, role);
  for (guint i = 0; i < folders->len && depth < FEW_MAX_FOLDER_DEPTH; i++)
    {
      g_autofree char *path = g_build_filename (folder, folders->pdata[i], NULL);
      if (!add_pictures (dataset, path, label, role, depth + 1, error))
        return FALSE;
    }
  return TRUE;
}

/* Each sub-folder is a class. */
static gboolean
add_classes (FewDataset *dataset, const char *folder, FewRole role, GError **error)
{
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (GPtrArray) folders = NULL;
  if (!few_folder_list (folder, &files, &folders, error))
    return FALSE;
  for (guint i = 0; i < folders->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, folders->pdata[i], NULL);
      g_autofree char *name = g_filename_display_name (folders->pdata[i]);
      if (!add_pictures (dataset, path, label_of (dataset, name), role, 1, error))
        return FALSE;
    }
  return TRUE;
}

FewDataset *
few_dataset_scan (const char *folder, GError **error)
{
  g_return_val_if_fail (folder != NULL, NULL);
  g_autoptr (FewDataset) dataset = few_dataset_new ();
  g_autofree char *train = g_build_filename (folder, "train", NULL);
  g_autofree char *test = g_build_filename (folder, "test", NULL);
  g_autofree char *val = g_build_filename (folder, "val", NULL);
  gboolean has_train = g_file_test (train, G_FILE_TEST_IS_DIR);
  gboolean has_test = g_file_test (test, G_FILE_TEST_IS_DIR);
  gboolean has_val = g_file_test (val, G_FILE_TEST_IS_DIR);
  gboolean ok;
  dataset->has_roles = has_train && (has_test || has_val);
  if (dataset->has_roles)
    ok = add_classes (dataset, train, FEW_ROLE_TRAIN, error)
         && (!has_test || add_classes (dataset, test, FEW_ROLE_TEST, error))
         && (!has_val
             || add_classes (dataset, val, has_test ? FEW_ROLE_VALIDATION : FEW_ROLE_TEST, error));
  else
    ok = add_classes (dataset, folder, FEW_ROLE_TRAIN, error);
  if (!ok)
    return NULL;
  if (dataset->classes->len == 0 || dataset->pictures->len == 0)
    {
      few_fail (
          error, INPUT,
          "%s holds no class folders with pictures. Make one folder of pictures per class in it.",
          folder);
      return NULL;
    }
  return g_steal_pointer (&dataset);
}
