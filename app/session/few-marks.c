/* SPDX-License-Identifier: MIT */
/* What a person says of pictures that stay where they are: that they take no part, that their class
 * is right, that it is another one, what they are for. */
#include "session/few-examples.h"
#include <glib/gi18n.h>

static void
end_step (FewExamples *self, GPtrArray *pictures, const char *title)
{
  few_gallery_touch_some (few_examples_get_gallery (self), pictures);
  few_examples_grew (self);
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
  end_step (self, pictures, title);
}

void
few_examples_move (FewExamples *self, GPtrArray *pictures, FewClass *klass)
{
  g_return_if_fail (FEW_IS_EXAMPLES (self));
  g_return_if_fail (pictures != NULL && FEW_IS_CLASS (klass));
  for (guint i = 0; i < pictures->len; i++)
    {
      few_picture_set_class (pictures->pdata[i], klass);
      few_picture_set_replaced (pictures->pdata[i], FALSE);
      few_picture_set_confirmed (pictures->pdata[i], FALSE);
    }
  g_autofree char *title = g_strdup_printf (
      ngettext ("Move %u Picture", "Move %u Pictures", pictures->len), pictures->len);
  end_step (self, pictures, title);
}

FewClass *
few_examples_get_none (FewExamples *self)
{
  g_return_val_if_fail (FEW_IS_EXAMPLES (self), NULL);
  return few_gallery_get_none (few_examples_get_gallery (self));
}

guint
few_examples_count_tests (FewExamples *self)
{
  g_return_val_if_fail (FEW_IS_EXAMPLES (self), 0);
  return few_gallery_count_tests (few_examples_get_gallery (self));
}

static char *
name_use (FewUse use, guint n)
{
  if (use == FEW_USE_TEST)
    return g_strdup_printf (ngettext ("Test on %u Picture", "Test on %u Pictures", n), n);
  if (use == FEW_USE_NONE)
    return g_strdup_printf (
        ngettext ("Make %u Picture None of These", "Make %u Pictures None of These", n), n);
  return g_strdup_printf (ngettext ("Learn from %u Picture", "Learn from %u Pictures", n), n);
}

void
few_examples_set_use (FewExamples *self, GPtrArray *pictures, FewUse use)
{
  g_return_if_fail (FEW_IS_EXAMPLES (self));
  g_return_if_fail (pictures != NULL);
  gboolean keeps = use == FEW_USE_NONE && few_gallery_is_several (few_examples_get_gallery (self));
  for (guint i = 0; i < pictures->len; i++)
    {
      if (!keeps) /* one without a label is tested on like any other */
        few_picture_set_test (pictures->pdata[i], use == FEW_USE_TEST);
      if (use == FEW_USE_NONE)
        few_picture_set_class (pictures->pdata[i], few_examples_get_none (self));
    }
  g_autofree char *title = name_use (use, pictures->len);
  end_step (self, pictures, title);
}

void
few_examples_confirm (FewExamples *self, GPtrArray *pictures)
{
  g_return_if_fail (FEW_IS_EXAMPLES (self));
  g_return_if_fail (pictures != NULL);
  for (guint i = 0; i < pictures->len; i++)
    few_picture_set_confirmed (pictures->pdata[i], TRUE);
  end_step (self, pictures, _ ("Keep Label"));
}

guint
few_examples_count_labelled (FewExamples *self)
{
  g_return_val_if_fail (FEW_IS_EXAMPLES (self), 0);
  return few_gallery_count_labelled (few_examples_get_gallery (self));
}
