/* SPDX-License-Identifier: MIT */
/* Snapshots as values: made, shared and freed. */
#include "lens/snapshot.h"

FewSnapshot *
few_snapshot_new (guint n, guint n_classes, guint dim, const guint32 *labels, const guint8 *roles,
                  const guint32 *ids)
{
  FewSnapshot *s = g_new0 (FewSnapshot, 1);
  g_atomic_ref_count_init (&s->refs);
  gsize cells = (gsize) n * n_classes;
  s->at = g_new0 (float, cells);
  s->ft = g_new0 (float, cells);
  s->aa = g_new0 (float, n);
  s->ff = g_new0 (float, n);
  s->af = g_new0 (float, n);
  guint32 *own_ids = g_new (guint32, n);
  for (guint i = 0; i < n; i++)
    own_ids[i] = ids ? ids[i] : i;
  s->info = (FewSnapshotInfo) { .n = n,
                                .n_classes = n_classes,
                                .dim = dim,
                                .ids = own_ids,
                                .labels = g_memdup2 (labels, n * sizeof *labels),
                                .roles = g_memdup2 (roles, n),
                                .curve = s->curve };
  return s;
}

void
few_snapshot_take_classifier (FewSnapshot *snapshot, FewClassifier *classifier,
                              GDestroyNotify classifier_unref)
{
  g_assert (!snapshot->info.classifier && classifier_unref);
  snapshot->info.classifier = classifier;
  snapshot->classifier_unref = classifier_unref;
}

FewSnapshot *
few_snapshot_ref (FewSnapshot *snapshot)
{
  g_return_val_if_fail (snapshot != NULL, NULL);
  g_atomic_ref_count_inc (&snapshot->refs);
  return snapshot;
}

void
few_snapshot_unref (FewSnapshot *snapshot)
{
  g_return_if_fail (snapshot != NULL);
  if (!g_atomic_ref_count_dec (&snapshot->refs))
    return;
  if (snapshot->at != snapshot->ft)
    g_free (snapshot->at);
  g_free (snapshot->ft);
  g_free (snapshot->aa);
  g_free (snapshot->ff);
  g_free (snapshot->af);
  g_free ((guint32 *) snapshot->info.ids);
  g_free ((guint32 *) snapshot->info.labels);
  g_free ((guint8 *) snapshot->info.roles);
  g_free ((FewEpoch *) snapshot->info.history);
  if (snapshot->info.classifier)
    snapshot->classifier_unref (snapshot->info.classifier);
  g_free (snapshot);
}

const FewSnapshotInfo *
few_snapshot_info (const FewSnapshot *snapshot)
{
  g_return_val_if_fail (snapshot != NULL, NULL);
  return &snapshot->info;
}
