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
    g_assert_cmpuint (g_array_index (project->pictures, FewProjectPicture, i).label, <,
                      project->classes->len);
  g_autofree char *first = few_project_to_json (project, "/f");
  g_autoptr (FewProject) again = few_project_from_json (first, strlen (first), "p", "/f", &error);
  g_assert_no_error (error);
  g_autofree char *second = few_project_to_json (again, "/f");
  g_assert_cmpstr (first, ==, second);
  return 0;
}
