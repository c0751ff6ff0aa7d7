/* SPDX-License-Identifier: MIT */
/* The looks of a snapshot's pictures. */
#include "adapt/trust.h"
#include "base/memory.h"
#include "lens/snapshot.h"
#include <fewshot/dataset.h>
#include <math.h>

gboolean
few_trust_look_all (const FewTrust *trust, const float *features, FewSnapshot *snapshot,
                    GError **error)
{
  guint n = snapshot->info.n;
  if (!trust || few_trust_info (trust)->n_told == 0)
    return TRUE;
  snapshot->looks = few_try_floats (n, 2, "the comparison of the pictures with the classes", error);
  if (!snapshot->looks)
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      FewLook look = { NAN, NAN };
      if (snapshot->info.roles[i] != FEW_ROLE_TRAIN)
        look = few_trust_look (trust, features + (gsize) i * snapshot->info.dim);
      snapshot->looks[2 * i] = look.distance;
      snapshot->looks[2 * i + 1] = look.odds;
    }
  return TRUE;
}

gboolean
few_snapshot_look (const FewSnapshot *snapshot, guint i, FewLook *look)
{
  g_return_val_if_fail (snapshot != NULL && i < snapshot->info.n && look != NULL, FALSE);
  if (!snapshot->looks || isnan (snapshot->looks[2 * i]))
    return FALSE;
  *look = (FewLook) { snapshot->looks[2 * i], snapshot->looks[2 * i + 1] };
  return TRUE;
}
