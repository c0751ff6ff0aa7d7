/* SPDX-License-Identifier: MIT */
/* What is done with all answers, copies or tags, one at a time. */
#include "pages/try/few-try-page.h"

void
few_try_actions_set_job (FewActions *actions, FewTryPage *page, GCancellable *job)
{
  static const char *const names[] = { "try-sort", "try-sort-to", "try-tag", "try-tag-to" };
  few_try_page_set_job (page, job);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    few_actions_enable (actions, names[i], !job);
  if (!job)
    few_try_page_set_progress (page, 0, 0);
}
