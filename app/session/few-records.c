/* SPDX-License-Identifier: MIT */
/* Two lists of objects become the records of a project. */
#include "session/few-records.h"
#include "session/few-picture.h"

GPtrArray *
few_records_of_classes (GListModel *classes)
{
  g_return_val_if_fail (G_IS_LIST_MODEL (classes), NULL);
  GPtrArray *records = few_project_classes_new ();
  for (guint k = 0; k < g_list_model_get_n_items (classes); k++)
    {
      g_autoptr (FewClass) klass = g_list_model_get_item (classes, k);
      few_project_add_class (records, few_class_get_id (klass), few_class_get_name (klass),
                             few_class_get_prompt (klass), few_class_get_unknown (klass));
    }
  return records;
}

GArray *
few_records_of_pictures (GListModel *classes, GListModel *pictures)
{
  g_return_val_if_fail (G_IS_LIST_MODEL (classes) && G_IS_LIST_MODEL (pictures), NULL);
  guint n = g_list_model_get_n_items (pictures);
  GArray *records = few_project_pictures_new (n);
  g_autoptr (GHashTable) labels = g_hash_table_new (NULL, NULL);
  for (guint k = 0; k < g_list_model_get_n_items (classes); k++)
    {
      g_autoptr (FewClass) klass = g_list_model_get_item (classes, k);
      g_hash_table_insert (labels, klass, GUINT_TO_POINTER (k));
    }
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (FewPicture) picture = g_list_model_get_item (pictures, i);
      const char *hash = few_picture_get_hash (picture);
      FewProjectPicture record = {
        .id = few_picture_get_id (picture),
        .label = GPOINTER_TO_UINT (g_hash_table_lookup (labels, few_picture_get_class (picture))),
        .path = g_ref_string_acquire (few_picture_get_path_string (picture)),
        .excluded = few_picture_is_excluded (picture),
        .confirmed = few_picture_is_confirmed (picture),
        .use = few_picture_get_use (picture),
        .unknown = g_strdup (few_picture_get_unknown (picture)),
      };
      g_strlcpy (record.sha256, hash ? hash : "", sizeof record.sha256);
      g_array_append_val (records, record);
    }
  return records;
}
