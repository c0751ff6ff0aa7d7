/* SPDX-License-Identifier: MIT */
/* What classes hear of a snapshot. */
#include "session/few-class-means.h"
#include "session/few-class.h"
#include <math.h>

void
few_class_means_tell (FewSnapshot *snapshot, GPtrArray *classes, double alpha, int role,
                      const guint32 *predicted)
{
  g_return_if_fail (snapshot && classes && predicted);
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  guint k = info->n_classes;
  gboolean learned = info->trained && info->classifier;
  g_autofree float *zero_shot = g_new (float, k);
  g_autofree float *adapted = g_new (float, k);
  g_autofree float *precision = g_new (float, k);
  g_autofree float *recall = g_new (float, k);
  g_autofree guint32 *pictures = g_new (guint32, k);
  few_lens_class_means (snapshot, alpha, zero_shot, adapted);
  few_lens_class_scores (snapshot, role, predicted, precision, recall, pictures);
  for (guint i = 0; i < k; i++)
    {
      FewClassScores scores = { precision[i], recall[i], NAN, NAN, NAN, pictures[i], learned };
      few_class_set_means (classes->pdata[i], zero_shot[i], adapted[i]);
      few_class_set_scores (classes->pdata[i], &scores);
    }
}
