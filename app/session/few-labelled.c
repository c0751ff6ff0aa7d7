/* SPDX-License-Identifier: MIT */
/* Two lists of objects become arrays. */
#include "session/few-labelled.h"

static void
collect_classes (FewLabelled *labelled, GListModel *classes, GHashTable *label_of)
{
  for (guint k = 0; k < labelled->n_classes; k++)
    {
      FewClass *klass = g_list_model_get_item (classes, k);
      labelled->names[k] = few_class_get_name (klass);
      labelled->prompts[k] = few_class_get_prompt (klass);
      g_hash_table_insert (label_of, klass, GUINT_TO_POINTER (k));
      g_ptr_array_add (labelled->classes, klass);
    }
}

static void
collect_picture (FewLabelled *labelled, FewPicture *picture, GHashTable *label_of)
{
  guint at = labelled->n;
  if (few_picture_get_state (picture) != FEW_PICTURE_READY || few_picture_is_excluded (picture))
    return;
  labelled->ids[at] = few_picture_get_id (picture);
  labelled->paths[at] = few_picture_get_path (picture);
  labelled->labels[at] =
      GPOINTER_TO_UINT (g_hash_table_lookup (label_of, few_picture_get_class (picture)));
  labelled->n++;
}

void
few_labelled_collect (FewLabelled *labelled, GListModel *classes, GListModel *pictures)
{
  g_return_if_fail (labelled != NULL);
  g_return_if_fail (G_IS_LIST_MODEL (classes) && G_IS_LIST_MODEL (pictures));
  guint n_classes = g_list_model_get_n_items (classes);
  guint n = g_list_model_get_n_items (pictures);
  g_autoptr (GHashTable) label_of = g_hash_table_new (NULL, NULL);
  *labelled = (FewLabelled) {
    .names = g_new0 (const char *, n_classes + 1),
    .prompts = g_new0 (const char *, n_classes + 1),
    .paths = g_new0 (const char *, n + 1),
    .ids = g_new (guint32, n + 1),
    .labels = g_new (guint32, n + 1),
    .n_classes = n_classes,
    .classes = g_ptr_array_new_with_free_func (g_object_unref),
  };
  collect_classes (labelled, classes, label_of);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (FewPicture) picture = g_list_model_get_item (pictures, i);
      collect_picture (labelled, picture, label_of);
    }
}

void
few_labelled_clear (FewLabelled *labelled)
{
  g_return_if_fail (labelled != NULL);
  g_free (labelled->names);
  g_free (labelled->prompts);
  g_free (labelled->paths);
  g_free (labelled->ids);
  g_free (labelled->labels);
  g_clear_pointer (&labelled->classes, g_ptr_array_unref);
}
