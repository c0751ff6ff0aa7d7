/* SPDX-License-Identifier: MIT */
/* They are read anew and keep their class, and it is said aloud: what they are examples of may not
 * be true any more. */
#include "session/few-replaced.h"
#include <glib/gi18n.h>

void
few_replaced_set_hash (FewPicture *picture, const guint8 hash[32], guint *replaced)
{
  g_return_if_fail (FEW_IS_PICTURE (picture));
  g_autofree char *before = g_strdup (few_picture_get_hash (picture));
  few_picture_set_hash (picture, hash);
  if (before && !g_str_equal (before, few_picture_get_hash (picture)))
    ++*replaced;
}

char *
few_replaced_tell (guint *replaced)
{
  guint n = *replaced;
  *replaced = 0;
  if (n == 0)
    return NULL;
  return g_strdup_printf (
      ngettext ("%u picture was replaced by another of the same name. It is read anew and keeps "
                "its class: look whether that is right.",
                "%u pictures were replaced by others of the same names. They are read anew and "
                "keep their classes: look whether those are right.",
                n),
      n);
}
