/* SPDX-License-Identifier: MIT */
/* Snapshots as values: made, shared and freed. */
#include "lens/envelope.h"
#include "base/memory.h"
#include "base/words.h"
#include <fewshot/several.h>
#include <math.h>
#include <string.h>

static const char WHAT[] = N_ ("the comparison of the pictures with the classes");

/* Zeroes. FALSE where there is no room. */
static gboolean
take_floats (float **own, gsize rows, gsize columns, GError **error)
{
  *own = few_try_floats (rows, columns, WHAT, error);
  if (*own)
    memset (*own, 0, rows * columns * sizeof **own);
  return *own != NULL;
}

/* The largest by far. */
static gboolean
take_tables (FewSnapshot *s, guint n, guint n_classes, gboolean learned, GError **error)
{
  if (!take_floats (&s->ft, n, n_classes, error))
    return FALSE;
  s->at = learned ? NULL : s->ft;
  return !learned || take_floats (&s->at, n, n_classes, error);
}

static FewSnapshot *
make_snapshot (guint n, guint n_classes, guint dim, const guint32 *labels, const guint8 *roles,
               const guint32 *ids, gboolean learned, GError **error)
{
  g_autoptr (FewSnapshot) s = g_new0 (FewSnapshot, 1);
  s->tested_at = NAN;
  g_atomic_ref_count_init (&s->refs);
  if (!take_tables (s, n, n_classes, learned, error) || !take_floats (&s->aa, n, 1, error)
      || !take_floats (&s->ff, n, 1, error) || !take_floats (&s->af, n, 1, error)
      || !take_floats (&s->own_at, n, 1, error) || !take_floats (&s->own_ft, n, 1, error))
    return NULL;
  guint32 *own_ids = few_try_copy (ids, n, sizeof *ids, WHAT, error);
  s->info = (FewSnapshotInfo) { .n = n,
                                .n_classes = n_classes,
                                .dim = dim,
                                .chosen_alpha = NAN,
                                .ids = own_ids,
                                .curve = s->curve };
  s->info.labels = own_ids ? few_try_copy (labels, n, sizeof *labels, WHAT, error) : NULL;
  s->info.roles = s->info.labels ? few_try_copy (roles, n, sizeof *roles, WHAT, error) : NULL;
  if (!s->info.roles)
    return NULL;
  for (guint i = 0; !ids && i < n; i++)
    own_ids[i] = i;
  return g_steal_pointer (&s);
}

FewSnapshot *
few_snapshot_new (guint n, guint n_classes, guint dim, const guint32 *labels, const guint8 *roles,
                  const guint32 *ids, GError **error)
{
  return make_snapshot (n, n_classes, dim, labels, roles, ids, TRUE, error);
}

FewSnapshot *
few_snapshot_new_zero_shot (guint n, guint n_classes, guint dim, const guint32 *labels,
                            const guint8 *roles, const guint32 *ids, GError **error)
{
  return make_snapshot (n, n_classes, dim, labels, roles, ids, FALSE, error);
}

void
few_snapshot_take_sets (FewSnapshot *snapshot, FewLabelSets *sets)
{
  if (snapshot && sets)
    snapshot->info.sets = few_label_sets_ref (sets);
}

void
few_snapshot_take_several (FewSnapshot *snapshot, FewSeveralScores *scores)
{
  g_assert (!snapshot->info.several);
  snapshot->info.several = scores;
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
  g_free (snapshot->own_at);
  g_free (snapshot->own_ft);
  g_free (snapshot->inserted);
  g_free (snapshot->looks);
  g_free (snapshot->zero_shot);
  g_free (snapshot->margins);
  g_clear_pointer (&snapshot->envelope, few_envelope_free);
  if (snapshot->info.several)
    few_several_free ((FewSeveralScores *) snapshot->info.several);
  g_clear_pointer (&snapshot->info.sets, few_label_sets_unref);
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
