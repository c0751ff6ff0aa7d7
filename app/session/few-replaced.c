/* SPDX-License-Identifier: MIT */
/* They are read anew and keep their class, and it is said aloud: what they are examples of may not
 * be true any more. */
#include "session/few-replaced.h"
#include <glib/gi18n.h>

void
few_replaced_set_hash (FewPicture *picture, const char *sha256, guint *replaced)
{
  g_return_if_fail (FEW_IS_PICTURE (picture));
  const char *known = few_picture_get_hash (picture);
  *replaced += known && !g_str_equal (known, sha256);
  few_picture_set_hash (picture, sha256);
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
