/* SPDX-License-Identifier: MIT */
/* What a run has come to, as one HTML page that needs nothing else, or as CSV with a line for
 * every picture. Any thread. */
#pragma once
#include "session/few-session.h"

G_BEGIN_DECLS
typedef struct FewReport FewReport;

/* Collects what is in view; NULL with a sentence when there is no trained run. UI thread. */
FewReport *few_report_new (FewSession *session, const char *title, GError **error);
void few_report_free (FewReport *report);
/* Another run of the project in a column of its own, at the α that it was trained with. */
void few_report_set_second (FewReport *report, FewProjectRun *run, FewSnapshot *snapshot);
/* Of the worst mistakes, where the model looks is shown: their ids [most], how many. */
enum { FEW_REPORT_HEATS = 4 };
guint few_report_list_worst (FewReport *report, guint32 *ids, guint most);
/* map [rows, columns] of picture `id`. */
void few_report_set_heat (FewReport *report, guint32 id, const FewHeatInfo *info, const float *map);
/* A page, or CSV when the name ends in ".csv". Atomic. Any thread. */
gboolean few_report_save (FewReport *report, const char *path, GError **error);
G_END_DECLS
