/* SPDX-License-Identifier: MIT */
/* Files of boxes: which kind one is, and whose boxes are whose. */
#include "labels/boxes.h"
#include "base/error.h"
#include <math.h>
#include <string.h>

static void
category_free (gpointer data)
{
  FewBoxCategory *category = data;
  g_free (category->id);
  g_free (category->name);
  g_free (category);
}

static void
list_free (gpointer data)
{
  g_ptr_array_unref (data);
}

static FewBoxes *
boxes_new (char *name)
{
  FewBoxes *boxes = g_new0 (FewBoxes, 1);
  boxes->name = name;
  boxes->detector = g_strdup ("");
  boxes->categories = g_ptr_array_new_with_free_func (category_free);
  boxes->files = g_ptr_array_new ();
  boxes->by_file = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, list_free);
  boxes->words = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  boxes->roots = g_ptr_array_new_with_free_func (g_free);
  return boxes;
}

void
few_boxes_free (FewBoxes *boxes)
{
  g_return_if_fail (boxes != NULL);
  g_free (boxes->name);
  g_free (boxes->detector);
  g_ptr_array_unref (boxes->categories);
  g_ptr_array_unref (boxes->files);
  g_hash_table_unref (boxes->by_file);
  g_hash_table_unref (boxes->words);
  g_ptr_array_unref (boxes->roots);
  g_free (boxes);
}

/* ---- opening */

/* Which categories are wanted, by their numbers; FALSE: one is not there. */
static gboolean
choose_categories (const FewBoxes *boxes, const FewBoxWish *wish, guint8 *chosen, GError **error)
{
  for (guint w = 0; wish->categories && wish->categories[w]; w++)
    {
      gboolean any = FALSE;
      g_autoptr (GString) names = g_string_new (NULL);
      for (guint i = 0; i < boxes->categories->len; i++)
        {
          const FewBoxCategory *category = boxes->categories->pdata[i];
          gboolean same = g_ascii_strcasecmp (category->name, wish->categories[w]) == 0;
          any |= same;
          chosen[i] |= same;
          g_string_append_printf (names, "%s“%.40s”", i ? ", " : "", category->name);
          g_string_truncate (names, MIN (names->len, 400));
        }
      if (any)
        continue;
      few_fail (error, INPUT, "%s has no category “%s”. It has: %s", boxes->name,
                wish->categories[w], names->str);
      return FALSE;
    }
  return TRUE;
}

static gboolean
apply_wish (FewBoxes *boxes, const FewBoxWish *wish, GError **error)
{
  g_autofree guint8 *chosen = g_new0 (guint8, boxes->categories->len + 1);
  double least = boxes->annotations ? 0 : FEW_BOX_LEAST;
  if (!wish)
    wish = &(const FewBoxWish) { NAN, NULL };
  if (!choose_categories (boxes, wish, chosen, error))
    return FALSE;
  if (!isnan (wish->least))
    least = wish->least;
  for (guint f = 0; f < boxes->files->len; f++)
    {
      GPtrArray *list = g_hash_table_lookup (boxes->by_file, boxes->files->pdata[f]);
      for (guint i = 0; i < list->len; i++)
        {
          FewBoxFound *found = list->pdata[i];
          found->wanted =
              found->confidence >= least && (!wish->categories || chosen[found->category]);
        }
    }
  return TRUE;
}

static gboolean
read_file (FewBoxes *boxes, JsonObject *root, GError **error)
{
  if (json_object_has_member (root, "detection_categories"))
    return few_boxes_read_detections (boxes, root, error);
  if (few_json_array (root, "annotations", NULL) && few_json_array (root, "categories", NULL))
    return few_boxes_read_annotations (boxes, root, error);
  few_fail (error, FORMAT,
            "%s has no boxes that are known: it is neither MegaDetector's JSON nor COCO's with "
            "annotations.",
            boxes->name);
  return FALSE;
}

FewBoxes *
few_boxes_open (const char *path, const FewBoxWish *wish, GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);
  g_autofree char *whole = g_canonicalize_filename (path, NULL);
  g_autoptr (FewBoxes) boxes = boxes_new (g_filename_display_name (path));
  g_autoptr (JsonNode) root = few_json_load (path, error);
  if (!root || !read_file (boxes, json_node_get_object (root), error)
      || !apply_wish (boxes, wish, error))
    return NULL;
  g_autofree char *folder = g_path_get_dirname (whole);
  few_boxes_add_root (boxes, folder);
  return g_steal_pointer (&boxes);
}

/* ---- asking */

gboolean
few_boxes_are_annotations (const FewBoxes *boxes)
{
  g_return_val_if_fail (boxes != NULL, FALSE);
  return boxes->annotations;
}

const char *
few_boxes_detector (const FewBoxes *boxes)
{
  g_return_val_if_fail (boxes != NULL, NULL);
  return boxes->detector;
}

const GPtrArray *
few_boxes_categories (const FewBoxes *boxes)
{
  g_return_val_if_fail (boxes != NULL, NULL);
  return boxes->categories;
}

guint
few_boxes_count_bad (const FewBoxes *boxes)
{
  g_return_val_if_fail (boxes != NULL, 0);
  return boxes->bad;
}

void
few_boxes_add_root (FewBoxes *boxes, const char *folder)
{
  g_return_if_fail (boxes != NULL && folder != NULL);
  g_ptr_array_add (boxes->roots, g_canonicalize_filename (folder, NULL));
}

const GPtrArray *
few_boxes_find (const FewBoxes *boxes, const char *path)
{
  g_return_val_if_fail (boxes != NULL && path != NULL, NULL);
  g_autofree char *whole = g_canonicalize_filename (path, NULL);
  const GPtrArray *list = g_hash_table_lookup (boxes->by_file, whole);
  for (guint i = 0; !list && i < boxes->roots->len; i++)
    {
      const char *root = boxes->roots->pdata[i];
      gsize length = g_str_equal (root, "/") ? 0 : strlen (root);
      if (strncmp (whole, root, length) == 0 && whole[length] == '/')
        list = g_hash_table_lookup (boxes->by_file, whole + length + 1);
    }
  return list;
}
