/* SPDX-License-Identifier: MIT */
/* What the readers of boxes have found, taken in. */
#include "labels/boxes.h"

guint
few_boxes_add_category (FewBoxes *boxes, char *id, char *name)
{
  FewBoxCategory *category = g_new (FewBoxCategory, 1);
  *category = (FewBoxCategory) { id, name };
  g_ptr_array_add (boxes->categories, category);
  return boxes->categories->len - 1;
}

GPtrArray *
few_boxes_ensure (FewBoxes *boxes, const char *file)
{
  g_autofree char *plain = g_strdelimit (g_strdup (file), "\\", '/');
  const char *start = plain;
  while (g_str_has_prefix (start, "./"))
    start += 2;
  GPtrArray *list = g_hash_table_lookup (boxes->by_file, start);
  if (list)
    return list;
  char *key = g_strdup (start);
  list = g_ptr_array_new_with_free_func (g_free);
  g_hash_table_insert (boxes->by_file, key, list);
  g_ptr_array_add (boxes->files, key);
  return list;
}

gboolean
few_boxes_read_box (JsonObject *object, double box[4])
{
  JsonArray *array = few_json_array (object, "bbox", NULL);
  return array && few_json_numbers (array, box, 4);
}

void
few_boxes_add (FewBoxes *boxes, GPtrArray *list, const FewBoxFound *found)
{
  FewBoxFound *copy = g_memdup2 (found, sizeof *found);
  const double *box = copy->box;
  if (!few_crop_clip (&copy->crop, box[0], box[1], box[2], box[3]))
    {
      boxes->bad++;
      g_free (copy);
      return;
    }
  if (copy->class_name && !g_hash_table_contains (boxes->words, copy->class_name))
    g_hash_table_add (boxes->words, g_strdup (copy->class_name));
  if (copy->class_name)
    g_hash_table_lookup_extended (boxes->words, copy->class_name, (gpointer *) &copy->class_name,
                                  NULL);
  g_ptr_array_add (list, copy);
}
