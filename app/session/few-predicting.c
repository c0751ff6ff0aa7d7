/* SPDX-License-Identifier: MIT */
/* Piece by piece. */
#include "session/few-predicting.h"
#include <fewshot/lens.h>
#include <string.h>

guint
few_predicting_count (FewSnapshot *snapshot)
{
  enum { PIECE = 2000000 }; /* cosines */
  g_return_val_if_fail (snapshot != NULL, 0);
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  guint n_classes = info->n_classes;
  /* Of any number of labels there is one α, and all cosines are read. */
  gboolean quick = few_lens_is_prepared (snapshot) && !info->thresholds;
  if (quick || n_classes == 0)
    return G_MAXUINT;
  return MAX (1, PIECE / n_classes);
}

/* Of any number of labels, how mistaken a picture is, is measured by a thread. */
static void
take_measured (const FewSnapshotInfo *info, const FewMeasuring *measuring, float *margins)
{
  const float *measured = few_measuring_get_margins (measuring);
  if (info->sets && measured)
    memcpy (margins, measured, info->n * sizeof *margins);
}

gboolean
few_predicting_go_on (const FewSnapshot *snapshot, double alpha, const FewMeasuring *measuring,
                      guint *row, guint most, guint32 *predicted, float *margins)
{
  g_return_val_if_fail (snapshot != NULL && row != NULL, TRUE);
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  guint piece = MIN (most, info->n - *row);
  few_lens_predict_rows (snapshot, alpha, *row, piece, predicted, margins);
  *row += piece;
  if (*row < info->n)
    return FALSE;
  *row = 0;
  take_measured (info, measuring, margins);
  return TRUE;
}
