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

/* The next of splitmix64 (Steele, Lea and Flood, OOPSLA 2014): for what must come out alike in
 * other programs. */
static inline guint64
few_splitmix (guint64 *state)
{
  *state += G_GUINT64_CONSTANT (0x9E3779B97F4A7C15);
  guint64 z = *state;
  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94D049BB133111EB);
  return z ^ (z >> 31);
}

static inline void
few_splitmix_shuffle (guint64 *state, guint32 *items, guint n)
{
  for (guint i = n; i-- > 1;)
    {
      guint j = (guint) (few_splitmix (state) % (i + 1));
      guint32 swap = items[i];
      items[i] = items[j];
      items[j] = swap;
    }
}
