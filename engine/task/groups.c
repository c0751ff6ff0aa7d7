/* SPDX-License-Identifier: MIT */
/* Groups of pictures that belong together, and splits that do not part them. */
#include <fewshot/dataset.h>
#include <fewshot/groups.h>
#include "base/memory.h"
#include "base/words.h"
#include "task/union.h"
#include <stdlib.h>

static const char WHAT[] = N_ ("the groups of the pictures");

static int
compare_keys (gconstpointer a, gconstpointer b)
{
  guint64 x = *(const guint64 *) a;
  guint64 y = *(const guint64 *) b;
  return (x > y) - (x < y);
}

/* key << 32 | index, so that equal keys follow one another. */
static void
sort_by_key (const guint32 *keys, guint n, guint64 *order)
{
  for (guint i = 0; i < n; i++)
    order[i] = (guint64) keys[i] << 32 | i;
  qsort (order, n, sizeof *order, compare_keys);
}

gboolean
few_groups_join (guint32 *groups, const guint32 *keys, guint n, GError **error)
{
  g_return_val_if_fail (n == 0 || (groups != NULL && keys != NULL), FALSE);
  const guint32 *sources[] = { groups, keys };
  g_autofree guint32 *parent = few_try_copy (NULL, n, sizeof *parent, WHAT, error);
  g_autofree guint64 *order = parent ? few_try_copy (NULL, n, sizeof *order, WHAT, error) : NULL;
  if (!order)
    return FALSE;
  for (guint i = 0; i < n; i++)
    parent[i] = i;
  for (guint s = 0; s < G_N_ELEMENTS (sources); s++)
    {
      sort_by_key (sources[s], n, order);
      for (guint i = 1; i < n; i++)
        if (order[i] >> 32 == order[i - 1] >> 32)
          few_union (parent, (guint32) order[i], (guint32) order[i - 1]);
    }
  for (guint i = 0; i < n; i++)
    groups[i] = few_union_root (parent, i);
  return TRUE;
}

/* Where the group that begins at `start` ends, and its earliest side. */
static guint
find_end (const guint64 *order, guint n, guint start, const guint8 *roles, guint8 *earliest)
{
  guint end = start;
  *earliest = roles[(guint32) order[start]];
  for (; end < n && order[end] >> 32 == order[start] >> 32; end++)
    *earliest = MIN (*earliest, roles[(guint32) order[end]]);
  return end;
}

gboolean
few_split_keep_together (const guint32 *groups, guint n, gboolean drop, guint8 *roles, guint *moved,
                         GError **error)
{
  g_return_val_if_fail (n == 0 || (groups != NULL && roles != NULL), FALSE);
  g_autofree guint64 *order = few_try_copy (NULL, n, sizeof *order, WHAT, error);
  guint count = 0;
  if (!order)
    return FALSE;
  sort_by_key (groups, n, order);
  for (guint start = 0; start < n;)
    {
      guint8 earliest;
      guint end = find_end (order, n, start, roles, &earliest);
      for (; start < end; start++)
        {
          guint8 *role = roles + (guint32) order[start];
          if (*role == FEW_ROLE_UNUSED || *role == earliest)
            continue;
          *role = drop ? FEW_ROLE_UNUSED : earliest;
          count++;
        }
    }
  if (moved)
    *moved = count;
  return TRUE;
}

static gboolean
has_pinned (const guint64 *order, guint start, guint end, const guint8 *pinned)
{
  for (guint i = start; i < end; i++)
    if (pinned[(guint32) order[i]])
      return TRUE;
  return FALSE;
}

gboolean
few_split_keep_pinned (const guint32 *groups, const guint8 *pinned, guint n, guint8 *roles,
                       guint *left_out, GError **error)
{
  g_return_val_if_fail (n == 0 || (groups != NULL && pinned != NULL && roles != NULL), FALSE);
  g_autofree guint64 *order = few_try_copy (NULL, n, sizeof *order, WHAT, error);
  guint count = 0;
  if (!order)
    return FALSE;
  sort_by_key (groups, n, order);
  for (guint start = 0; start < n;)
    {
      guint8 earliest;
      guint end = find_end (order, n, start, roles, &earliest);
      gboolean tested = has_pinned (order, start, end, pinned);
      for (; start < end; start++)
        {
          guint8 *role = roles + (guint32) order[start];
          if (!tested || *role > FEW_ROLE_VALIDATION)
            continue;
          *role = FEW_ROLE_UNUSED;
          count++;
        }
    }
  if (left_out)
    *left_out = count;
  return TRUE;
}
