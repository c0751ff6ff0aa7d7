/* SPDX-License-Identifier: MIT */
/* What a snapshot says of each label, of pictures with any number of them. */
#include "lens/snapshot.h"
#include "base/memory.h"
#include "base/words.h"
#include <fewshot/several.h>
#include <math.h>

/* Of pictures with one label each. */
static FewLabelSets *
make_sets (const FewSnapshotInfo *info, GError **error)
{
  g_autoptr (FewLabelSets) sets = few_label_sets_new ();
  for (guint i = 0; i < info->n; i++)
    if (!few_label_sets_add (sets, info->labels + i, 1, error))
      return NULL;
  return g_steal_pointer (&sets);
}

FewSeveralScores *
few_several_of_snapshot (const FewSnapshot *snapshot, int role, double alpha, GError **error)
{
  static const char WHAT[] = N_ ("the scores");
  g_return_val_if_fail (snapshot != NULL, NULL);
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  g_autoptr (FewLabelSets) sets =
      info->sets ? few_label_sets_ref (info->sets) : make_sets (info, error);
  g_autofree float *scores =
      sets ? few_try_floats (info->n + (gsize) 1, info->n_classes, WHAT, error) : NULL;
  g_autofree guint32 *rows =
      scores ? few_try_copy (NULL, info->n, sizeof *rows, WHAT, error) : NULL;
  guint n = 0;
  if (!rows)
    return NULL;
  for (guint i = 0; i < info->n; i++)
    {
      if (role >= 0 && info->roles[i] != role)
        continue;
      rows[n++] = i;
      float *row = scores + (gsize) i * info->n_classes;
      /* what is told apart by the softmax is not comparable from picture to picture */
      few_lens_cosines (snapshot, i, alpha, row);
      for (guint c = 0; info->thresholds && c < info->n_classes; c++)
        row[c] = 1 / (1 + expf (-(float) info->logit_scale * row[c]));
    }
  return few_several_measure (scores, sets, info->thresholds, rows, n, info->n_classes, error);
}
