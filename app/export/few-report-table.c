/* SPDX-License-Identifier: MIT */
/* A line for every picture. */
#include "export/few-report-table.h"
#include "common/csv.h"

static const char *
address_of (const FewReportMistakes *report, guint row)
{
  const char *address = g_hash_table_lookup (
      report->addresses, GUINT_TO_POINTER (few_snapshot_info (report->snapshot)->ids[row]));
  return address ? address : "";
}

static const char *const roles[] = { "train", "validation", "test", "unused" };

/* "cat;dog", as files of labels are read: those that the picture has, or, from `p` [K] on, those
 * that are given to it. */
static char *
join_labels (const FewReportMistakes *report, guint row, const float *p)
{
  const FewSnapshotInfo *info = few_snapshot_info (report->snapshot);
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint k = 0; k < info->n_classes; k++)
    if (p ? info->thresholds && p[k] >= info->thresholds[k]
          : few_label_sets_hold (info->sets, row, k))
      g_string_append_printf (text, "%s%s", text->len ? ";" : "", report->names[k]);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* Of any number of labels: a column each, how likely it is. */
static GString *
format_labels (const FewReportMistakes *report)
{
  const FewSnapshotInfo *info = few_snapshot_info (report->snapshot);
  g_autofree float *p = g_new (float, info->n_classes + 1);
  GString *csv = g_string_new ("file,role,labels,given,");
  for (guint k = 0; k < info->n_classes; k++)
    few_csv_text (csv, report->names[k]);
  few_csv_end (csv);
  for (guint i = 0; i < info->n; i++)
    {
      few_lens_probabilities (report->snapshot, i, 1, p);
      g_autofree char *file = few_address_shown (address_of (report, i));
      g_autofree char *own = join_labels (report, i, NULL);
      g_autofree char *given = join_labels (report, i, p);
      few_csv_text (csv, file);
      few_csv_text (csv, roles[info->roles[i] & 3]);
      few_csv_text (csv, own);
      few_csv_text (csv, given);
      for (guint k = 0; k < info->n_classes; k++)
        few_csv_number (csv, p[k]);
      few_csv_end (csv);
    }
  return csv;
}

GString *
few_report_table (const FewReportMistakes *report)
{
  const FewSnapshotInfo *info = few_snapshot_info (report->snapshot);
  if (info->sets)
    return format_labels (report);
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
      g_autofree char *file = few_address_shown (address_of (report, i));
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
