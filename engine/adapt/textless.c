/* SPDX-License-Identifier: MIT */
/* What a model that reads no texts cannot do. */
#include "adapt/textless.h"
#include "base/error.h"

gboolean
few_method_check_texts (const FewModel *model, const char *title, GError **error)
{
  const FewModelInfo *info = few_model_info (model);
  if (info->reads_texts)
    return TRUE;
  few_fail (error, UNSUPPORTED,
            "%s needs the class names, and %s knows pictures alone. Take automatic, a linear probe "
            "or GDA.",
            title, info->name);
  return FALSE;
}
