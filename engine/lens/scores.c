/* SPDX-License-Identifier: MIT */
/* What a snapshot's answers come to. */
#include "lens/lens.h"
#include "task/scores.h"
#include <fewshot/lens.h>

void
few_lens_scores (const FewSnapshot *snapshot, int role, double alpha, FewScores *scores)
{
  g_return_if_fail (snapshot != NULL && scores != NULL);
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  g_autofree float *logits = g_new (float, info->n_classes + 1);
  FewScoreCount count;
  few_score_count_begin (&count, info->n_classes, scores);
  for (guint i = 0; i < info->n; i++)
    {
      if (info->sets || (role >= 0 && info->roles[i] != role))
        continue;
      few_lens_cosines (snapshot, i, alpha, logits);
      for (guint c = 0; c < info->n_classes; c++)
        logits[c] *= (float) info->logit_scale;
      few_score_count_add (&count, logits, info->labels[i]);
    }
  few_score_count_end (&count);
}

void
few_snapshot_scores (const FewSnapshot *snapshot, double alpha, guint n, float *scores)
{
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  for (guint i = 0; i < n; i++)
    {
      float *row = scores + (gsize) i * info->n_classes;
      few_lens_cosines (snapshot, i, alpha, row);
      for (guint c = 0; c < info->n_classes; c++)
        row[c] *= (float) info->logit_scale;
    }
}
