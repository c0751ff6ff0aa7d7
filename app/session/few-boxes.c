/* SPDX-License-Identifier: MIT */
/* Pictures go, and parts of their files come in their place. */
#include "session/few-boxes.h"
#include <glib/gi18n.h>

FewPicture *
few_boxes_make_part (FewExamples *examples, FewPicture *picture, const FewCrop *crop)
{
  g_return_val_if_fail (FEW_IS_EXAMPLES (examples) && FEW_IS_PICTURE (picture), NULL);
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
  g_ptr_array_add (parts, few_boxes_make_part (examples, picture, crop));
  g_hash_table_insert (behind, picture, parts);
  few_gallery_insert (few_examples_get_gallery (examples), behind, TRUE);
  end_step (examples,
            few_crop_is_whole (crop) ? _ ("Use the Whole Picture")
                                     : _ ("Use a Part of the Picture"),
            parts);
  return parts->pdata[0];
}
