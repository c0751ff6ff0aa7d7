/* SPDX-License-Identifier: MIT */
/* A comparison of methods as a value of a project. */
#include <fewshot/project.h>

static void
clear_compared (gpointer data)
{
  FewProjectCompared *one = data;
  g_free (one->reason);
  g_free (one->chosen);
  g_free (one->predicted);
  g_free (one->row_name);
  g_free (one->column_name);
  g_free (one->grid);
  g_clear_pointer (&one->said, few_label_sets_unref);
}

FewProjectComparison *
few_project_comparison_new (void)
{
  FewProjectComparison *comparison = g_new0 (FewProjectComparison, 1);
  g_atomic_ref_count_init (&comparison->refs);
  comparison->found = g_array_new (FALSE, TRUE, sizeof (FewProjectCompared));
  g_array_set_clear_func (comparison->found, clear_compared);
  return comparison;
}

FewProjectComparison *
few_project_comparison_ref (FewProjectComparison *comparison)
{
  g_return_val_if_fail (comparison != NULL, NULL);
  g_atomic_ref_count_inc (&comparison->refs);
  return comparison;
}

void
few_project_comparison_unref (FewProjectComparison *comparison)
{
  g_return_if_fail (comparison != NULL);
  if (!g_atomic_ref_count_dec (&comparison->refs))
    return;
  g_strfreev (comparison->methods);
  g_free (comparison->shots);
  g_strfreev (comparison->names);
  g_free (comparison->class_ids);
  g_free (comparison->ids);
  g_free (comparison->labels);
  g_clear_pointer (&comparison->sets, few_label_sets_unref);
  g_array_unref (comparison->found);
  g_free (comparison->backbone_sha256);
  g_free (comparison->backbone_fingerprint);
  g_free (comparison->unknown);
  g_free (comparison);
}
