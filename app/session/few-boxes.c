/* SPDX-License-Identifier: MIT */
/* Pictures go, and parts of their files come in their place or behind them. */
#include "session/few-boxes.h"
#include "session/few-arrival.h"
#include <glib/gi18n.h>

/* Of the picture's classes and for what the picture is for. */
static FewPicture *
make_part (FewExamples *examples, FewPicture *picture, const FewCrop *crop)
{
  g_autofree char *address = few_address_new (few_picture_get_path (picture), crop);
  FewPicture *part = few_examples_make_picture (examples, address, few_picture_get_class (picture));
  g_autoptr (GPtrArray) classes = few_picture_list_classes (picture);
  if (classes->len > 0) /* otherwise it is none of these, as the picture is */
    few_picture_set_classes (part, classes);
  few_picture_set_test (part, few_picture_is_test (picture));
  few_picture_set_excluded (part, few_picture_is_excluded (picture));
  few_picture_set_unknown (part, few_picture_get_unknown (picture));
  return part;
}

static void
end_step (FewExamples *examples, const char *title, GPtrArray *parts)
{
  few_examples_changed (examples);
  few_examples_did (examples, title);
  few_examples_encode (examples, parts);
}

FewPicture *
few_boxes_use_part (FewExamples *examples, FewPicture *picture, const FewCrop *crop)
{
  g_return_val_if_fail (FEW_IS_EXAMPLES (examples) && FEW_IS_PICTURE (picture), NULL);
  g_return_val_if_fail (crop != NULL, NULL);
  if (few_crop_is_equal (crop, few_picture_get_crop (picture))
      || few_examples_get_picture (examples, few_picture_get_id (picture)) != picture)
    return NULL;
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GHashTable) behind = g_hash_table_new (NULL, NULL);
  g_ptr_array_add (parts, make_part (examples, picture, crop));
  g_hash_table_insert (behind, picture, parts);
  few_gallery_insert (few_examples_get_gallery (examples), behind, TRUE);
  end_step (examples,
            few_crop_is_whole (crop) ? _ ("Use the Whole Picture")
                                     : _ ("Use a Part of the Picture"),
            parts);
  return parts->pdata[0];
}

/* A tile of what a picture is, which may be a part itself. */
static FewCrop
find_tile (const FewCrop *of, guint index, guint n)
{
  FewCrop tile;
  double whole[4];
  double box[4];
  few_crop_tile (index % n, index / n, n, n, &tile);
  few_crop_box (of, whole);
  few_crop_box (&tile, box);
  few_crop_clip (&tile, whole[0] + box[0] * whole[2], whole[1] + box[1] * whole[3],
                 box[2] * whole[2], box[3] * whole[3]);
  return tile;
}

/* Of one picture, those whose address is not known; each is added to `all`, too. */
static GPtrArray *
make_tiles (FewExamples *examples, FewPicture *picture, guint n, GHashTable *known, GPtrArray *all)
{
  GPtrArray *tiles = g_ptr_array_new ();
  for (guint i = 0; i < n * n; i++)
    {
      const FewCrop crop = find_tile (few_picture_get_crop (picture), i, n);
      g_autofree char *address = few_address_new (few_picture_get_path (picture), &crop);
      if (!g_hash_table_add (known, g_ref_string_new (address)))
        continue;
      FewPicture *tile = make_part (examples, picture, &crop);
      g_ptr_array_add (tiles, tile);
      g_ptr_array_add (all, tile);
    }
  return tiles;
}

static void
list_free (gpointer list)
{
  g_ptr_array_unref (list);
}

guint
few_boxes_split (FewExamples *examples, GPtrArray *pictures, guint n)
{
  g_return_val_if_fail (FEW_IS_EXAMPLES (examples) && pictures != NULL && n > 1, 0);
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GHashTable) known = few_arrival_list_addresses (examples);
  g_autoptr (GHashTable) behind = g_hash_table_new_full (NULL, NULL, NULL, list_free);
  for (guint i = 0; i < pictures->len; i++)
    g_hash_table_insert (behind, pictures->pdata[i],
                         make_tiles (examples, pictures->pdata[i], n, known, all));
  if (all->len == 0)
    return 0;
  few_gallery_insert (few_examples_get_gallery (examples), behind, FALSE);
  end_step (examples, _ ("Split into Tiles"), all);
  return all->len;
}
