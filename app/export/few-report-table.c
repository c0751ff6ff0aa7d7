/* SPDX-License-Identifier: MIT */
/* A line for every picture. */
#include "export/few-report-table.h"
#include "common/csv.h"

static const char *
path_of (const FewReportMistakes *report, guint row)
{
  const char *path = g_hash_table_lookup (
      report->paths, GUINT_TO_POINTER (few_snapshot_info (report->snapshot)->ids[row]));
  return path ? path : "";
}

GString *
few_report_table (const FewReportMistakes *report)
{
  static const char *const roles[] = { "train", "validation", "test", "unused" };
  const FewSnapshotInfo *info = few_snapshot_info (report->snapshot);
  g_autofree guint32 *before = g_new (guint32, info->n + 1);
  g_autofree guint32 *after = g_new (guint32, info->n + 1);
  g_autofree float *margins = g_new (float, info->n + 1);
  g_autofree float *cosines = g_new (float, info->n_classes);
  g_autofree float *probabilities = g_new (float, info->n_classes);
  GString *csv = g_string_new ("file,role,class,clip,adapted,cosine,probability,margin\r\n");
  few_lens_predict (report->snapshot, 0, before, NULL);
  few_lens_predict (report->snapshot, report->alpha, after, margins);
  for (guint i = 0; i < info->n; i++)
    {
      g_autofree char *file = g_filename_display_name (path_of (report, i));
      few_lens_cosines (report->snapshot, i, report->alpha, cosines);
      few_lens_probabilities (report->snapshot, i, report->alpha, probabilities);
      few_csv_text (csv, file);
      few_csv_text (csv, roles[info->roles[i] & 3]);
      few_csv_text (csv, report->names[info->labels[i]]);
      few_csv_text (csv, report->names[before[i]]);
      few_csv_text (csv, report->names[after[i]]);
      few_csv_number (csv, cosines[after[i]]);
      few_csv_number (csv, probabilities[after[i]]);
      few_csv_number (csv, margins[i]);
      few_csv_end (csv);
    }
  return csv;
}
