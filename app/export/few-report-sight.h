/* SPDX-License-Identifier: MIT */
/* Where the model looks in the worst mistakes of a report: asked of the worker before the report is
 * written. The UI thread only. */
#pragma once
#include "export/few-report.h"

G_BEGIN_DECLS
typedef void (*FewReportReady) (FewReport *report, gpointer user);

/* Calls `ready` once: later, or at once where there is nothing to ask. What cannot be told is left
 * out; nothing is asked while a run trains, which would have to end first. */
void few_report_look (FewReport *report, FewSession *session, FewReportReady ready, gpointer user);
G_END_DECLS
