/* SPDX-License-Identifier: MIT */
/* What a run gets wrong, for its report: classes that are taken for each other, and the worst
 * mistakes with their pictures. Any thread. */
#pragma once
#include <fewshot.h>

G_BEGIN_DECLS
/* Where the model looks in a picture. */
typedef struct
{
  FewHeatInfo info;
  float *map; /* [rows, columns] */
} FewReportHeat;

typedef struct
{
  FewSnapshot *snapshot;
  int role; /* whose pictures are measured; −1: all */
  double alpha;
  const char *const *names; /* of the classes */
  GHashTable *addresses;    /* id → char *, of a file or a part of one (crop.h) */
  GHashTable *heats;        /* id → FewReportHeat * */
} FewReportMistakes;

/* rows [most] of the snapshot, the worst first; how many. */
guint few_report_find_worst (const FewReportMistakes *mistakes, guint32 *rows, guint most);
/* Appends both to a page of HTML; nothing where nothing is mistaken. Pictures are put into the
 * page, small: it needs no other file. One that cannot be read is told by its name. */
void few_report_add_mistakes (GString *page, const FewReportMistakes *mistakes);
G_END_DECLS
