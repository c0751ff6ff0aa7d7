/* SPDX-License-Identifier: MIT */
/* What a run says of every picture, as CSV. Any thread. */
#pragma once
#include "export/few-report-mistakes.h"

G_BEGIN_DECLS
/* Free with g_string_free. */
GString *few_report_table (const FewReportMistakes *report);
G_END_DECLS
