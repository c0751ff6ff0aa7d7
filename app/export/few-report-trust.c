/* SPDX-License-Identifier: MIT */
/* Calibration: numbers, a plot, the counts behind it. */
#include "export/few-report-trust.h"
#include "base/few-percent.h"
#include "common/report-html.h"
#include <glib/gi18n.h>
#include <math.h>

/* Points of the bins that hold pictures, and the line through them. */
static void
add_bins (GString *page, const FewReliability *bins, const char *colour)
{
  gboolean pen = FALSE;
  g_string_append_printf (page, "<path fill=\"none\" stroke-width=\"2\" stroke=\"%s\" d=\"",
                          colour);
  for (guint i = 0; i < FEW_TRUST_BINS; i++)
    {
      if (bins[i].n == 0)
        continue;
      g_string_append_c (page, pen ? 'L' : 'M');
      few_report_add_number (page, bins[i].confidence * FEW_REPORT_PLOT_WIDTH);
      g_string_append_c (page, ' ');
      few_report_add_number (page, FEW_REPORT_PLOT_HEIGHT * (1 - bins[i].accuracy));
      pen = TRUE;
    }
  g_string_append (page, "\"/>");
}

static void
add_bin_rows (GString *page, const FewTrustInfo *info)
{
  g_string_append_printf (page,
                          "<table><thead><tr><th>%s</th><th>%s</th><th>%s</th></tr></thead>\n",
                          _ ("Probability"), _ ("Pictures"), _ ("Right"));
  for (guint i = 0; i < FEW_TRUST_BINS; i++)
    {
      g_autofree char *end = few_percent ((i + 1.0) / FEW_TRUST_BINS, 0);
      g_autofree char *right = few_percent (info->after[i].accuracy, 1);
      if (info->after[i].n > 0)
        g_string_append_printf (page, "<tr><th>%.0f–%s</th><td>%u</td><td>%s</td></tr>\n",
                                100.0 * i / FEW_TRUST_BINS, end, info->after[i].n, right);
    }
  g_string_append (page, "</table>\n");
}

void
few_report_add_trust (GString *page, FewSnapshot *snapshot)
{
  g_return_if_fail (page != NULL && snapshot != NULL);
  FewClassifier *classifier = few_snapshot_info (snapshot)->classifier;
  const FewTrust *trust = classifier ? few_classifier_info (classifier)->trust : NULL;
  const FewTrustInfo *info = trust ? few_trust_info (trust) : NULL;
  if (!info || info->n_told == 0)
    return;
  few_report_add_text (page, "h2", _ ("Calibration"));
  g_string_append (page, "<table>\n");
  /* Translators: an accuracy and the ends of its 95 % interval */
  g_autofree char *accuracy = few_percent (info->accuracy, 1);
  g_autofree char *before = few_percent (info->error_before, 1);
  g_autofree char *after = few_percent (info->error_after, 1);
  few_report_add_row (page, _ ("Cross-validated"), _ ("%s (95 %% interval %.1f–%.1f)"), accuracy,
                      100 * info->low, 100 * info->high);
  const char *error = _ ("Expected calibration error");
  if (isnan (info->error_before))
    few_report_add_row (page, error, "%s", after);
  else /* Translators: two percentages */
    few_report_add_row (page, error, _ ("%s (CLIP alone %s)"), after, before);
  /* xgettext:no-c-format */
  const char *sets = _ ("Classes named for 90 % of pictures");
  if (info->answer_level > 0)
    few_report_add_row (page, sets, "%.1f", info->set_size);
  else
    few_report_add_row (page, sets, "%s", _ ("too few pictures to tell"));
  few_report_add_row (page, "α", "%.3f", info->alpha);
  g_string_append (page, "</table>\n");
  few_report_begin_plot (page, _ ("How often answers are right, against their probability"));
  g_string_append_printf (page, "<path stroke=\"#888\" stroke-dasharray=\"4\" d=\"M0 %dL%d 0\"/>",
                          FEW_REPORT_PLOT_HEIGHT, FEW_REPORT_PLOT_WIDTH);
  add_bins (page, info->before, "#888");
  add_bins (page, info->after, "#3584e4");
  g_string_append_printf (page,
                          "</svg>\n<p class=\"key\"><span style=\"color:#3584e4\">■</span> %s "
                          "<span style=\"color:#888\">■</span> %s</p>\n",
                          _ ("learned"), _ ("CLIP alone"));
  add_bin_rows (page, info);
}
