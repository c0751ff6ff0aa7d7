/* SPDX-License-Identifier: MIT */
/* Equal tokens give equal text features, and those the same cosine with every picture: what the
 * model made of the prompts is asked, not how they are spelt. */
#include "pages/examples/few-same-prompts.h"
#include <math.h>

enum { MOST_PICTURES = 64 };
static const float SAME = 2e-6f; /* what the order of a sum changes */

static gboolean
are_same (const float *cosines, guint pictures, guint n_classes, guint a, guint b)
{
  for (guint i = 0; i < pictures; i++)
    if (!(fabsf (cosines[i * n_classes + a] - cosines[i * n_classes + b]) < SAME))
      return FALSE;
  return TRUE;
}

gboolean
few_same_prompts_find (const FewSnapshot *snapshot, guint *first, guint *second)
{
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  guint pictures = MIN (info->n, MOST_PICTURES);
  g_autofree float *cosines = g_try_new (float, (gsize) pictures * info->n_classes + 1);
  if (!cosines)
    return FALSE; /* it is a hint */
  for (guint i = 0; i < pictures; i++)
    few_lens_cosines (snapshot, i, 0, cosines + (gsize) i * info->n_classes);
  for (guint a = 0; pictures > 0 && a < info->n_classes; a++)
    for (guint b = a + 1; b < info->n_classes; b++)
      if (are_same (cosines, pictures, info->n_classes, a, b))
        {
          *first = a;
          *second = b;
          return TRUE;
        }
  return FALSE;
}
