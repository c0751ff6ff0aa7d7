/* SPDX-License-Identifier: MIT */
/* Sets that are united pair by pair; a set's root is its smallest member, in whatever order. */
#pragma once
#include <glib.h>

/* parent [n]: at first each element its own */
static inline guint32
few_union_root (guint32 *parent, guint32 i)
{
  while (parent[i] != i)
    {
      parent[i] = parent[parent[i]];
      i = parent[i];
    }
  return i;
}

static inline void
few_union (guint32 *parent, guint32 i, guint32 j)
{
  guint32 a = few_union_root (parent, i);
  guint32 b = few_union_root (parent, j);
  parent[MAX (a, b)] = MIN (a, b);
}
