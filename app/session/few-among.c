/* SPDX-License-Identifier: MIT */
/* What is found among the examples by going through them. */
#include "session/few-examples.h"

void
few_examples_call (FewExamples *self, FewRoll *roll)
{
  g_return_if_fail (FEW_IS_EXAMPLES (self));
  few_roll_call (roll, few_gallery_get_classes (few_examples_get_gallery (self)),
                 few_gallery_get_order (few_examples_get_gallery (self)),
                 few_examples_get_template (self),
                 few_gallery_is_several (few_examples_get_gallery (self)));
}

void
few_examples_call_classes (FewExamples *self, FewRoll *roll)
{
  g_return_if_fail (FEW_IS_EXAMPLES (self));
  few_roll_call_classes (roll, few_gallery_get_classes (few_examples_get_gallery (self)),
                         few_examples_get_template (self));
}

GPtrArray *
few_examples_where (FewExamples *self, FewPictureTest passes, gconstpointer data)
{
  g_return_val_if_fail (FEW_IS_EXAMPLES (self), NULL);
  return few_gallery_where (few_examples_get_gallery (self), passes, data);
}
