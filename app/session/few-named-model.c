/* SPDX-License-Identifier: MIT */
/* Kept as it was read, and written so. */
#include "session/few-named-model.h"

void
few_named_model_clear (FewNamedModel *named)
{
  g_return_if_fail (named != NULL);
  g_free (named->folder);
  g_free (named->sha256);
  g_free (named->fingerprint);
  *named = (FewNamedModel) { 0 };
}

void
few_named_model_set (FewNamedModel *named, const FewProject *project)
{
  g_return_if_fail (named != NULL && project != NULL);
  few_named_model_clear (named);
  named->folder = g_strdup (project->model);
  named->sha256 = g_strdup (project->model_sha256);
  named->fingerprint = g_strdup (project->model_fingerprint);
}

static char *
copy_first (const char *first, const char *second)
{
  return g_strdup (first ? first : second);
}

void
few_named_model_record (const FewNamedModel *named, const FewModelInfo *open, FewProject *project)
{
  g_return_if_fail (named != NULL && project != NULL);
  if (open && named->folder && g_strcmp0 (open->folder, named->folder) != 0)
    open = NULL;
  project->model = copy_first (named->folder, open ? open->folder : NULL);
  project->model_sha256 = copy_first (named->sha256, open ? open->sha256 : NULL);
  project->model_fingerprint = copy_first (named->fingerprint, open ? open->fingerprint : NULL);
}
