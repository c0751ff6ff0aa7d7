/* SPDX-License-Identifier: MIT */
/* What a person says of pictures that stay where they are: that they take no part, that their class
 * is right, that it is another one. */
#include "session/few-examples.h"
#include <glib/gi18n.h>

static void
end_step (FewExamples *self, const char *title)
{
  few_gallery_touch_pictures (few_examples_get_gallery (self));
  few_examples_changed (self);
  few_examples_did (self, title);
}

void
few_examples_set_excluded (FewExamples *self, GPtrArray *pictures, gboolean excluded)
{
  g_return_if_fail (FEW_IS_EXAMPLES (self));
  g_return_if_fail (pictures != NULL);
  for (guint i = 0; i < pictures->len; i++)
    few_picture_set_excluded (pictures->pdata[i], excluded);
  g_autofree char *title = g_strdup_printf (
      excluded ? ngettext ("Exclude %u Picture", "Exclude %u Pictures", pictures->len)
               : ngettext ("Include %u Picture", "Include %u Pictures", pictures->len),
      pictures->len);
  end_step (self, title);
}

void
few_examples_confirm (FewExamples *self, GPtrArray *pictures)
{
  g_return_if_fail (FEW_IS_EXAMPLES (self));
  g_return_if_fail (pictures != NULL);
  for (guint i = 0; i < pictures->len; i++)
    few_picture_set_confirmed (pictures->pdata[i], TRUE);
  end_step (self, _ ("Keep Label"));
}

/* ---- of a whole class */

static gboolean
is_of_class (FewPicture *picture, gconstpointer klass)
{
  return few_picture_get_class (picture) == klass;
}

void
few_examples_merge_class (FewExamples *self, FewClass *klass, FewClass *into)
{
  g_return_if_fail (FEW_IS_EXAMPLES (self));
  g_return_if_fail (FEW_IS_CLASS (klass) && FEW_IS_CLASS (into) && klass != into);
  g_autoptr (GPtrArray) pictures = few_examples_where (self, is_of_class, klass);
  if (!few_gallery_remove_class (few_examples_get_gallery (self), klass))
    return;
  for (guint i = 0; i < pictures->len; i++)
    {
      few_picture_set_class (pictures->pdata[i], into);
      few_picture_set_confirmed (pictures->pdata[i], FALSE);
    }
  end_step (self, _ ("Merge Classes"));
}
