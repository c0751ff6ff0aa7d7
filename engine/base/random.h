/* SPDX-License-Identifier: MIT */
/* Seeded random numbers, the same on every machine. */
#pragma once
#include <glib.h>

/* Free with g_rand_free. */
static inline GRand *
few_rand_new (guint64 seed)
{
  const guint32 words[2] = { (guint32) seed, (guint32) (seed >> 32) };
  return g_rand_new_with_seed_array (words, 2);
}

/* Fisher and Yates */
static inline void
few_shuffle (GRand *rand, guint32 *items, guint n)
{
  for (guint i = n; i > 1; i--)
    {
      guint j = (guint) g_rand_int_range (rand, 0, (gint32) i);
      guint32 swap = items[i - 1];
      items[i - 1] = items[j];
      items[j] = swap;
    }
}
