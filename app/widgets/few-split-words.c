/* SPDX-License-Identifier: MIT */
/* The draw of the run, made ahead of it. */
#include "widgets/few-split-words.h"
#include <glib/gi18n.h>

/* A method that chooses nothing learns from validation pictures, too, where all are taken. */
static gboolean
learns_from_all (const FewTrainJob *job)
{
  FewMethodOptions options;
  return job->shots == 0 && job->method && few_method_parse (job->method, &options, NULL)
         && !few_method_info_find (options.name)->chooses;
}

static char *
describe_counts (guint learn, guint validation, guint test)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_string_append_printf (
      text, ngettext ("%u picture to learn from", "%u pictures to learn from", learn), learn);
  if (validation > 0) /* Translators: goes on from "… pictures to learn from" */
    g_string_append_printf (
        text, ngettext (", %u for validation", ", %u for validation", validation), validation);
  /* Translators: goes on from "… pictures to learn from" */
  g_string_append_printf (text, ngettext (", %u to test on", ", %u to test on", test), test);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* As the run will; FALSE where memory is short. */
static gboolean
draw_roles (const FewLabelled *pictures, guint n_classes, const FewTrainJob *job, guint8 *roles)
{
  if (pictures->sets)
    return few_split_several (pictures->sets, n_classes, pictures->pinned, job->shots, job->shares,
                              job->split_seed, roles, NULL);
  return few_split_shares (pictures->labels, pictures->pinned, pictures->n, n_classes, job->shots,
                           job->shares, job->split_seed, roles, NULL);
}

gboolean
few_split_count (FewExamples *examples, const FewTrainJob *job, FewSplitCounts *counts)
{
  g_return_val_if_fail (FEW_IS_EXAMPLES (examples), FALSE);
  g_return_val_if_fail (job != NULL && counts != NULL, FALSE);
  g_auto (FewRoll) roll = { 0 };
  few_examples_call (examples, &roll);
  const FewLabelled *pictures = &roll.pictures;
  g_autofree guint8 *roles = g_try_new (guint8, (gsize) pictures->n + 1);
  guint of[FEW_ROLE_UNUSED + 1] = { 0 };
  if (pictures->n == 0 || !roles || !draw_roles (pictures, roll.classes->len, job, roles))
    return FALSE;
  for (guint i = 0; i < pictures->n; i++)
    of[roles[i]]++;
  guint spare = learns_from_all (job) ? of[FEW_ROLE_VALIDATION] : 0;
  *counts = (FewSplitCounts) { of[FEW_ROLE_TRAIN] + spare, of[FEW_ROLE_VALIDATION] - spare,
                               of[FEW_ROLE_TEST], roll.classes->len };
  return TRUE;
}

char *
few_split_describe (const FewSplitCounts *counts)
{
  g_return_val_if_fail (counts != NULL, NULL);
  return describe_counts (counts->learn, counts->validation, counts->test);
}
