/* SPDX-License-Identifier: MIT */
/* What follows from the snapshot in view. */
#include "session/few-view.h"

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

/* Thresholds are of what was learned, and of no blend. */
gboolean
few_view_has_alpha (FewView *self)
{
  g_return_val_if_fail (FEW_IS_VIEW (self), FALSE);
  return !few_view_is_several (self);
}

double
few_view_get_exported_alpha (FewView *self)
{
  return few_view_has_alpha (self) ? few_view_get_chosen_alpha (self) : 1;
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
