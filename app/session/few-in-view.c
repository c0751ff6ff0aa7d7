/* SPDX-License-Identifier: MIT */
/* What the snapshot in view is, and what its classes hear of it. */
#include "session/few-view.h"
#include <math.h>

/* NULL: nothing is in view. */
static const FewSnapshotInfo *
get_info (FewView *self)
{
  FewSnapshot *snapshot = few_view_get_snapshot (self);
  return snapshot ? few_snapshot_info (snapshot) : NULL;
}

FewClassifier *
few_view_get_classifier (FewView *self)
{
  g_return_val_if_fail (FEW_IS_VIEW (self), NULL);
  const FewSnapshotInfo *info = get_info (self);
  return info && info->trained ? info->classifier : NULL;
}

FewClass *
few_view_get_class (FewView *self, guint k)
{
  g_return_val_if_fail (FEW_IS_VIEW (self), NULL);
  GPtrArray *classes = few_view_get_classes (self);
  g_return_val_if_fail (classes && k < classes->len, NULL);
  return classes->pdata[k];
}

/* ---- any number of labels */

gboolean
few_view_is_several (FewView *self)
{
  g_return_val_if_fail (FEW_IS_VIEW (self), FALSE);
  const FewSnapshotInfo *info = get_info (self);
  return info && info->sets;
}

/* Thresholds are of what was learned, and of no blend. */
gboolean
few_view_has_alpha (FewView *self)
{
  g_return_val_if_fail (FEW_IS_VIEW (self), FALSE);
  return !few_view_is_several (self);
}

/* ---- much of it */

/* What takes longer than a frame in one turn of the main loop, to be on the safe side. */
gboolean
few_view_is_large (FewView *self)
{
  enum { MANY = 100000 }; /* cosines */
  g_return_val_if_fail (FEW_IS_VIEW (self), FALSE);
  const FewSnapshotInfo *info = get_info (self);
  return info && (gsize) info->n * info->n_classes >= MANY;
}

void
few_view_follow (FewView *self, gpointer object, FewWork work)
{
  g_return_if_fail (FEW_IS_VIEW (self));
  g_return_if_fail (G_IS_OBJECT (object) && work != NULL);
  if (few_view_is_large (self))
    few_turns_add (object, work);
  else
    work (object);
}

/* ---- its classes */

void
few_view_tell_classes (FewView *self)
{
  g_return_if_fail (FEW_IS_VIEW (self));
  FewSnapshot *snapshot = few_view_get_snapshot (self);
  GPtrArray *classes = few_view_get_classes (self);
  g_return_if_fail (snapshot && classes);
  guint k = few_snapshot_info (snapshot)->n_classes;
  g_autofree float *zero_shot = g_new (float, k);
  g_autofree float *adapted = g_new (float, k);
  g_autofree float *precision = g_new (float, k);
  g_autofree float *recall = g_new (float, k);
  g_autofree guint32 *pictures = g_new (guint32, k);
  few_lens_class_means (snapshot, few_view_get_alpha (self), zero_shot, adapted);
  few_lens_class_scores (snapshot, few_view_get_measured_role (self), few_view_get_predicted (self),
                         precision, recall, pictures);
  gboolean learned = few_view_get_classifier (self) != NULL;
  for (guint i = 0; i < k; i++)
    {
      FewClassScores scores = { precision[i], recall[i], NAN, NAN, NAN, pictures[i], learned };
      few_class_set_means (classes->pdata[i], zero_shot[i], adapted[i]);
      few_class_set_scores (classes->pdata[i], &scores);
    }
}
