/* SPDX-License-Identifier: MIT */
/* Lines of a chart from a snapshot's history. */
#include "pages/train/few-run-chart.h"
#include <glib/gi18n.h>
#include <math.h>

gboolean
few_run_chart_show (FewChart *chart, FewSnapshot *snapshot)
{
  const FewSnapshotInfo *info = snapshot ? few_snapshot_info (snapshot) : NULL;
  if (!info || !info->trained || info->epoch == 0)
    {
      few_chart_clear (chart);
      return FALSE;
    }
  guint n = info->epoch;
  g_autofree float *values = g_new (float, MAX (n, info->epochs));
  few_chart_set_span (chart, info->epochs);
  for (guint i = 0; i < n; i++)
    values[i] = info->history[i].loss;
  few_chart_set (chart, 0, _ ("Loss"), values, n, FALSE, FALSE);
  for (guint i = 0; i < n; i++)
    values[i] = info->history[i].train_accuracy;
  few_chart_set (chart, 1, _ ("Training"), values, n, TRUE, FALSE);
  for (guint i = 0; i < n; i++)
    values[i] = info->history[i].validation_accuracy;
  few_chart_set (chart, 2, _ ("Validation"), values, n, TRUE, FALSE);
  gboolean has_validation = isfinite (values[n - 1]);
  float baseline = (float) few_lens_accuracy (
      snapshot, has_validation ? FEW_ROLE_VALIDATION : FEW_ROLE_TRAIN, 0);
  for (guint i = 0; i < info->epochs; i++)
    values[i] = baseline;
  few_chart_set (chart, 3, _ ("Zero-shot"), values, info->epochs, TRUE, TRUE);
  return TRUE;
}
