/* SPDX-License-Identifier: MIT */
/* What a run on pictures with any number of labels has come to, as one page of HTML that needs
 * nothing else: what was measured, a line a label, and the pictures that it finds hardest. Any
 * thread. */
#pragma once
#include <fewshot.h>

G_BEGIN_DECLS
typedef struct
{
  const char *title;         /* of the page: a file's name */
  const FewModelInfo *model;
  const FewSnapshot *snapshot; /* that learned; of label sets */
  const char *const *paths;  /* [n] of its pictures, addresses (crop.h) */
  guint refused;             /* pictures that could not be read */
  guint64 seed;
} FewSeveralReport;

/* Test pictures are measured; without any the page tells what the folds do. Atomic. */
gboolean few_several_report_save (const FewSeveralReport *report, const char *path, GError **error);
G_END_DECLS
