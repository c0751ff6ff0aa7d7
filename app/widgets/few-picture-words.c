/* SPDX-License-Identifier: MIT */
/* The first thing that holds of a picture is the one that is told. */
#include "widgets/few-picture-words.h"
#include <glib/gi18n.h>

gboolean
few_picture_is_off (FewPicture *picture)
{
  g_return_val_if_fail (FEW_IS_PICTURE (picture), FALSE);
  return few_picture_is_excluded (picture) || few_picture_is_missing (picture)
         || few_picture_is_replaced (picture)
         || few_picture_get_state (picture) >= FEW_PICTURE_DUPLICATE;
}

static const char *
mark_use (FewPicture *picture)
{
  static const char *const marks[] = {
    [FEW_USE_TEST] = "view-pin-symbolic", [FEW_USE_NONE] = "window-close-symbolic"
  };
  const char *mark =
      marks[few_picture_is_test (picture) ? FEW_USE_TEST : few_picture_get_use (picture)];
  gboolean part = !few_crop_is_whole (few_picture_get_crop (picture));
  return mark || !part ? mark : "edit-select-all-symbolic";
}

const char *
few_picture_mark (FewPicture *picture)
{
  g_return_val_if_fail (FEW_IS_PICTURE (picture), NULL);
  if (!few_picture_is_off (picture))
    return mark_use (picture);
  if (few_picture_is_excluded (picture))
    return "action-unavailable-symbolic";
  if (few_picture_is_missing (picture))
    return "dialog-question-symbolic";
  if (few_picture_is_replaced (picture))
    return "view-refresh-symbolic";
  if (few_picture_get_state (picture) == FEW_PICTURE_DUPLICATE)
    return "edit-copy-symbolic";
  return "dialog-warning-symbolic";
}

const char *
few_picture_words (FewPicture *picture)
{
  g_return_val_if_fail (FEW_IS_PICTURE (picture), NULL);
  const char *const uses[] = { [FEW_USE_TEST] = _ ("Test picture: never learned from"),
                               [FEW_USE_NONE] = _ ("None of these: of no class") };
  gboolean bare = few_picture_is_test (picture) && few_picture_get_use (picture) == FEW_USE_NONE;
  const char *reason = few_picture_get_reason (picture);
  if (reason)
    return reason;
  if (few_picture_is_excluded (picture))
    return _ ("Excluded: it takes no part");
  if (few_picture_is_missing (picture))
    return _ ("The file is not where it was");
  if (few_picture_is_replaced (picture))
    return _ ("Changed on disk: it is another picture than before");
  if (bare)
    return _ ("Test picture without a label: never learned from");
  const char *use = uses[few_picture_get_use (picture)];
  gboolean part = !few_crop_is_whole (few_picture_get_crop (picture));
  return use || !part ? use : _ ("A part of its picture: the rest is not looked at");
}
