/* SPDX-License-Identifier: MIT */
/* Which classes are taken for which others, and how often. */
#pragma once
#include <fewshot.h>

G_BEGIN_DECLS
typedef struct
{
  guint32 label, taken;
  guint n;
} FewMistake;

/* FewMistake, the most frequent first, of the snapshot's pictures of a role, or of all where it is
 * −1. predicted [n]. Counted by the pictures: of a thousand classes there are a million pairs.
 * Free with g_array_unref. */
GArray *few_mistakes_count (const FewSnapshotInfo *info, const guint32 *predicted, int role);
G_END_DECLS
