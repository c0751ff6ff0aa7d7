/* SPDX-License-Identifier: MIT */
/* Any bytes as a project. What is accepted is written and read again to the same bytes. */
#include "fuzz.h"
#include <fewshot.h>
#include <string.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FewProject) project =
      few_project_from_json ((const char *) data, size, "p", "/f", &error);
  g_assert_true ((project != NULL) == (error == NULL));
  if (!project)
    return 0;
  for (guint i = 0; i < project->pictures->len; i++)
    {
      const FewProjectPicture *picture = &g_array_index (project->pictures, FewProjectPicture, i);
      const FewProjectLabels *labels = picture->labels;
      g_assert_true (!labels || (project->any && labels->n > 0));
      for (guint l = 0; labels && l < labels->n; l++)
        g_assert_cmpuint (labels->labels[l], <, project->classes->len);
      if (!project->any)
        g_assert_cmpuint (picture->label, <, project->classes->len);
    }
  for (guint r = 0; r < project->runs->len; r++)
    {
      const FewProjectRun *run = project->runs->pdata[r];
      g_assert_true (!run->sets || run->sets->n == run->n);
    }
  g_autofree char *first = few_project_to_json (project, "/f");
  g_autoptr (FewProject) again = few_project_from_json (first, strlen (first), "p", "/f", &error);
  g_assert_no_error (error);
  g_autofree char *second = few_project_to_json (again, "/f");
  g_assert_cmpstr (first, ==, second);
  return 0;
}
