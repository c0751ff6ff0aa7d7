/* SPDX-License-Identifier: MIT */
/* Two lists of objects become arrays. */
#include "session/few-roll.h"

void
few_roll_call_classes (FewRoll *roll, GListModel *classes, const char *template_text)
{
  g_return_if_fail (roll != NULL && template_text != NULL);
  g_return_if_fail (G_IS_LIST_MODEL (classes));
  guint k = g_list_model_get_n_items (classes);
  const char **names = g_new0 (const char *, k + 1);
  const char **prompts = g_new0 (const char *, k + 1);
  roll->classes = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < k; i++)
    {
      FewClass *klass = g_list_model_get_item (classes, i);
      names[i] = few_class_get_name (klass);
      prompts[i] = few_class_get_prompt (klass);
      g_ptr_array_add (roll->classes, klass);
    }
  roll->prompts = (FewPrompts) { k, names, prompts, template_text };
  roll->pictures = (FewLabelled) { 0 };
}

/* class → its number */
static GHashTable *
number_classes (const GPtrArray *classes)
{
  GHashTable *label_of = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < classes->len; i++)
    g_hash_table_insert (label_of, classes->pdata[i], GUINT_TO_POINTER (i));
  return label_of;
}

void
few_roll_call (FewRoll *roll, GListModel *classes, const GPtrArray *pictures,
               const char *template_text)
{
  g_return_if_fail (roll != NULL && template_text != NULL);
  g_return_if_fail (G_IS_LIST_MODEL (classes) && pictures != NULL);
  few_roll_call_classes (roll, classes, template_text);
  g_autoptr (GHashTable) label_of = number_classes (roll->classes);
  guint all = pictures->len;
  guint n = 0;
  guint32 *ids = g_new (guint32, all + 1);
  guint32 *labels = g_new (guint32, all + 1);
  const char **paths = g_new0 (const char *, all + 1);
  guint8 *pinned = g_new (guint8, all + 1);
  guint32 *negatives = g_new (guint32, all + 1);
  guint n_negatives = 0;
  for (guint i = 0; i < all; i++)
    {
      FewPicture *picture = pictures->pdata[i];
      gpointer klass = few_picture_get_class (picture);
      if (few_picture_get_state (picture) != FEW_PICTURE_READY || few_picture_is_excluded (picture))
        continue;
      FewUse use = few_picture_get_use (picture);
      if (use == FEW_USE_NONE)
        {
          negatives[n_negatives++] = few_picture_get_id (picture);
          continue;
        }
      pinned[n] = use == FEW_USE_TEST;
      ids[n] = few_picture_get_id (picture);
      paths[n] = few_picture_get_address (picture);
      labels[n] = GPOINTER_TO_UINT (g_hash_table_lookup (label_of, klass));
      n++;
    }
  roll->pictures = (FewLabelled) { n, ids, labels, paths, pinned, negatives, n_negatives };
}

void
few_roll_clear (FewRoll *roll)
{
  g_return_if_fail (roll != NULL);
  g_free ((gpointer) roll->prompts.names);
  g_free ((gpointer) roll->prompts.prompts);
  g_free ((gpointer) roll->pictures.ids);
  g_free ((gpointer) roll->pictures.labels);
  g_free ((gpointer) roll->pictures.paths);
  g_free ((gpointer) roll->pictures.pinned);
  g_free ((gpointer) roll->pictures.negatives);
  g_clear_pointer (&roll->classes, g_ptr_array_unref);
}
