/* SPDX-License-Identifier: MIT */
/* What may be believed of a run's answers, for a report. Any thread. */
#pragma once
#include <fewshot.h>

G_BEGIN_DECLS
/* Nothing where it is not known. */
void few_report_add_trust (GString *page, FewSnapshot *snapshot);
G_END_DECLS
