/* SPDX-License-Identifier: MIT */
/* Which classes pictures have: any number, where the project says so, and what becomes of them
 * where a class goes. */
#include "session/few-examples.h"
#include <glib/gi18n.h>

static void
end_step (FewExamples *self, const char *title)
{
  few_gallery_touch_pictures (few_examples_get_gallery (self));
  few_examples_changed (self);
  few_examples_did (self, title);
}

/* ---- one class each, or any number */

gboolean
few_examples_is_several (FewExamples *self)
{
  g_return_val_if_fail (FEW_IS_EXAMPLES (self), FALSE);
  return few_gallery_is_several (few_examples_get_gallery (self));
}

static gboolean
has_further (FewPicture *picture, gconstpointer unused G_GNUC_UNUSED)
{
  return few_picture_get_further (picture) != NULL;
}

static gboolean
is_test_without (FewPicture *picture, gconstpointer unused G_GNUC_UNUSED)
{
  return few_picture_is_test (picture) && few_picture_get_use (picture) == FEW_USE_NONE;
}

guint
few_examples_count_extra (FewExamples *self)
{
  g_return_val_if_fail (FEW_IS_EXAMPLES (self), 0);
  g_autoptr (GPtrArray) pictures = few_examples_where (self, has_further, NULL);
  guint n = 0;
  for (guint i = 0; i < pictures->len; i++)
    n += few_picture_get_further (pictures->pdata[i])->len;
  return n;
}

/* The first label is the class, and what is of none is not tested on. */
static void
become_one (FewExamples *self)
{
  g_autoptr (GPtrArray) pictures = few_examples_where (self, has_further, NULL);
  g_autoptr (GPtrArray) tests = few_examples_where (self, is_test_without, NULL);
  for (guint i = 0; i < pictures->len; i++)
    few_picture_set_class (pictures->pdata[i], few_picture_get_class (pictures->pdata[i]));
  for (guint i = 0; i < tests->len; i++)
    few_picture_set_test (tests->pdata[i], FALSE);
}

void
few_examples_set_several (FewExamples *self, gboolean several)
{
  g_return_if_fail (FEW_IS_EXAMPLES (self));
  if (few_examples_is_several (self) == several)
    return;
  few_gallery_set_several (few_examples_get_gallery (self), several);
  if (!several)
    become_one (self);
  end_step (self, several ? _ ("Any Number of Labels a Picture") : _ ("One Class Each"));
}

/* ---- giving and taking */

/* One without a class is none of these. */
static void
put_label (FewPicture *picture, FewClass *klass, gboolean has, FewClass *none)
{
  g_autoptr (GPtrArray) classes = few_picture_list_classes (picture);
  if (has)
    g_ptr_array_add (classes, g_object_ref (klass));
  else
    g_ptr_array_remove (classes, klass);
  few_picture_set_replaced (picture, FALSE);
  few_picture_set_confirmed (picture, FALSE);
  if (classes->len > 0)
    few_picture_set_classes (picture, classes);
  else
    few_picture_set_class (picture, none);
}

void
few_examples_label (FewExamples *self, GPtrArray *pictures, FewClass *klass, gboolean has)
{
  g_return_if_fail (FEW_IS_EXAMPLES (self));
  g_return_if_fail (pictures && FEW_IS_CLASS (klass));
  if (!few_examples_is_several (self))
    {
      if (has)
        few_examples_move (self, pictures, klass);
      return;
    }
  for (guint i = 0; i < pictures->len; i++)
    put_label (pictures->pdata[i], klass, has,
               few_gallery_get_none (few_examples_get_gallery (self)));
  g_autofree char *title =
      g_strdup_printf (has ? ngettext ("Label %u Picture", "Label %u Pictures", pictures->len)
                           : ngettext ("Take a Label from %u Picture",
                                       "Take a Label from %u Pictures", pictures->len),
                       pictures->len);
  few_gallery_touch_some (few_examples_get_gallery (self), pictures);
  few_examples_grew (self);
  few_examples_did (self, title);
}

/* ---- of a whole class */

static gboolean
is_of_class (FewPicture *picture, gconstpointer klass)
{
  return few_picture_has_class (picture, (FewClass *) klass);
}

void
few_examples_remove_class (FewExamples *self, FewClass *klass)
{
  g_return_if_fail (FEW_IS_EXAMPLES (self));
  FewGallery *gallery = few_examples_get_gallery (self);
  g_autoptr (GPtrArray) pictures = few_examples_where (self, is_of_class, klass);
  g_autoptr (GPtrArray) gone = g_ptr_array_new ();
  if (!few_gallery_remove_class (gallery, klass))
    return;
  for (guint i = 0; i < pictures->len; i++)
    if (few_picture_get_further (pictures->pdata[i]))
      put_label (pictures->pdata[i], klass, FALSE, NULL);
    else
      g_ptr_array_add (gone, pictures->pdata[i]);
  few_gallery_take_out (gallery, gone);
  end_step (self, _ ("Remove Class"));
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
      g_autoptr (GPtrArray) classes = few_picture_list_classes (pictures->pdata[i]);
      g_ptr_array_remove (classes, klass);
      g_ptr_array_add (classes, g_object_ref (into));
      few_picture_set_classes (pictures->pdata[i], classes);
      few_picture_set_confirmed (pictures->pdata[i], FALSE);
    }
  end_step (self, _ ("Merge Classes"));
}
