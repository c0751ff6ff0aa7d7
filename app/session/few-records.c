/* SPDX-License-Identifier: MIT */
/* Two lists of objects become the records of a project. */
#include "session/few-records.h"

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

/* Where each may have any number of classes: one without is as good as any. */
static void
record_labels (FewProjectPicture *record, FewPicture *picture, GHashTable *numbers)
{
  guint n;
  g_autofree guint32 *labels = few_picture_number_classes (picture, numbers, &n);
  record->labels = few_project_labels_new (labels, n);
  record->use = few_picture_is_test (picture) ? FEW_USE_TEST : FEW_USE_LEARN;
}

void
few_records_set_hash (FewProjectPicture *record, FewPicture *picture)
{
  g_return_if_fail (record != NULL && FEW_IS_PICTURE (picture));
  const char *hash = few_picture_get_hash (picture);
  g_strlcpy (record->sha256, hash ? hash : "", sizeof record->sha256);
}

GHashTable *
few_records_number_classes (GListModel *classes)
{
  g_return_val_if_fail (G_IS_LIST_MODEL (classes), NULL);
  GHashTable *labels = g_hash_table_new (NULL, NULL);
  for (guint k = 0; k < g_list_model_get_n_items (classes); k++)
    {
      g_autoptr (FewClass) klass = g_list_model_get_item (classes, k);
      g_hash_table_insert (labels, klass, GUINT_TO_POINTER (k));
    }
  return labels;
}

void
few_records_add (GArray *records, GHashTable *numbers, const GPtrArray *pictures, guint first,
                 guint n, gboolean several)
{
  g_return_if_fail (records != NULL && numbers != NULL && pictures != NULL);
  g_return_if_fail (first <= pictures->len && n <= pictures->len - first);
  FewClass *last = NULL; /* those of one class lie together */
  guint label = 0;
  for (guint i = first; i < first + n; i++)
    {
      FewPicture *picture = pictures->pdata[i];
      FewClass *klass = few_picture_get_class (picture);
      if (klass != last)
        label = GPOINTER_TO_UINT (g_hash_table_lookup (numbers, klass));
      last = klass;
      FewProjectPicture record = {
        .id = few_picture_get_id (picture),
        .label = label,
        .path = g_ref_string_acquire (few_picture_get_path_string (picture)),
        .excluded = few_picture_is_excluded (picture),
        .confirmed = few_picture_is_confirmed (picture),
        .use = few_picture_get_use (picture),
        .crop = *few_picture_get_crop (picture),
        .unknown = g_strdup (few_picture_get_unknown (picture)),
      };
      if (several)
        record_labels (&record, picture, numbers);
      few_records_set_hash (&record, picture);
      g_array_append_val (records, record);
    }
}

void
few_records_add_pictures (GArray *records, GListModel *classes, const GPtrArray *pictures,
                          guint most, gboolean several)
{
  g_return_if_fail (records != NULL && G_IS_LIST_MODEL (classes) && pictures != NULL);
  g_autoptr (GHashTable) numbers = few_records_number_classes (classes);
  few_records_add (records, numbers, pictures, records->len,
                   MIN (most, pictures->len - records->len), several);
}

GArray *
few_records_of_pictures (GListModel *classes, const GPtrArray *pictures, gboolean several)
{
  g_return_val_if_fail (G_IS_LIST_MODEL (classes) && pictures != NULL, NULL);
  GArray *records = few_project_pictures_new (pictures->len);
  few_records_add_pictures (records, classes, pictures, pictures->len, several);
  return records;
}
