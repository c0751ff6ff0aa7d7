/* SPDX-License-Identifier: MIT */
/* The counts are the examples'; only those that are not 0 are told. */
#include "widgets/few-use-words.h"
#include <glib/gi18n.h>

char *
few_use_words (FewExamples *examples)
{
  g_return_val_if_fail (FEW_IS_EXAMPLES (examples), NULL);
  guint tests = few_examples_count_tests (examples);
  guint none = few_class_get_count (few_examples_get_none (examples));
  g_autofree char *of_tests = g_strdup_printf (
      ngettext ("%u picture only for testing", "%u pictures only for testing", tests), tests);
  g_autofree char *of_none = g_strdup_printf (
      ngettext ("%u picture of none of these", "%u pictures of none of these", none), none);
  if (tests > 0 && none > 0)
    return g_strdup_printf ("%s, %s", of_tests, of_none);
  if (tests > 0)
    return g_steal_pointer (&of_tests);
  return none > 0 ? g_steal_pointer (&of_none) : NULL;
}
