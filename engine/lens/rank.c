/* SPDX-License-Identifier: MIT */
/* Pictures by their margins: by their digits where there is room, in place where there is not. */
#include <fewshot/lens.h>
#include <string.h>

enum { DIGIT = 11, DIGITS = 3, VALUES = 1 << DIGIT };

/* IEEE order as unsigned order: flip all bits of negatives, the sign bit of the rest. Of equal
 * margins the first comes first. */
static guint64
key_of (const float *margin, guint32 i)
{
  guint32 bits;
  memcpy (&bits, margin + i, sizeof bits);
  bits ^= bits >> 31 ? 0xffffffffu : 0x80000000u;
  return (guint64) bits << 32 | i;
}

/* ---- in place */

/* Lets order[at] sink into the heap of n, the largest on top. */
static void
sink_entry (const float *margin, guint32 *order, gsize at, gsize n)
{
  guint32 entry = order[at];
  guint64 key = key_of (margin, entry);
  for (gsize child; (child = 2 * at + 1) < n; at = child)
    {
      child += child + 1 < n && key_of (margin, order[child + 1]) > key_of (margin, order[child]);
      if (key_of (margin, order[child]) <= key)
        break;
      order[at] = order[child];
    }
  order[at] = entry;
}

static void
rank_in_place (const float *margin, guint n, guint32 *order)
{
  for (guint i = 0; i < n; i++)
    order[i] = i;
  for (gsize i = n / 2; i-- > 0;)
    sink_entry (margin, order, i, n);
  for (gsize last = n; last-- > 1;)
    {
      guint32 largest = order[0];
      order[0] = order[last];
      order[last] = largest;
      sink_entry (margin, order, 0, last);
    }
}

/* ---- by digits, the last first; each pass leaves equal digits in their order */

static guint
get_digit (guint64 key, guint digit)
{
  return (guint) (key >> (32 + DIGIT * digit)) & (VALUES - 1);
}

static void
sort_by_digit (const guint64 *keys, guint n, guint digit, guint32 starts[VALUES], guint64 *sorted)
{
  guint32 at = 0;
  for (guint v = 0; v < VALUES; v++)
    {
      guint32 count = starts[v];
      starts[v] = at;
      at += count;
    }
  for (guint i = 0; i < n; i++)
    sorted[starts[get_digit (keys[i], digit)]++] = keys[i];
}

static void
rank_by_digits (const float *margin, guint n, guint64 *keys, guint64 *sorted, guint32 *order)
{
  guint32 starts[DIGITS][VALUES] = { 0 };
  for (guint i = 0; i < n; i++)
    {
      keys[i] = key_of (margin, i);
      for (guint d = 0; d < DIGITS; d++)
        starts[d][get_digit (keys[i], d)]++;
    }
  sort_by_digit (keys, n, 0, starts[0], sorted);
  sort_by_digit (sorted, n, 1, starts[1], keys);
  sort_by_digit (keys, n, 2, starts[2], sorted);
  for (guint i = 0; i < n; i++)
    order[i] = (guint32) sorted[i];
}

void
few_lens_rank (const float *margin, guint n, guint32 *order)
{
  enum { MANY = 1000 }; /* below, clearing the counts would take longer */
  g_return_if_fail (n == 0 || (margin && order));
  g_autofree guint64 *keys = n >= MANY ? g_try_new (guint64, n) : NULL;
  g_autofree guint64 *sorted = keys ? g_try_new (guint64, n) : NULL;
  if (sorted)
    rank_by_digits (margin, n, keys, sorted, order);
  else
    rank_in_place (margin, n, order);
}
