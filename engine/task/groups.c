/* SPDX-License-Identifier: MIT */
/* Groups of pictures that belong together, and splits that do not part them. */
#include <fewshot/dataset.h>
#include <fewshot/groups.h>
#include "base/memory.h"
#include "base/words.h"
#include "task/keyed.h"
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

void
few_keyed_sort (guint64 *keyed, guint n)
{
  qsort (keyed, n, sizeof *keyed, compare_keys);
}

static void
sort_by_key (const guint32 *keys, guint n, guint64 *order)
{
  for (guint i = 0; i < n; i++)
    order[i] = few_keyed (keys[i], i);
  few_keyed_sort (order, n);
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
        if (few_keyed_is_same (order[i], order[i - 1]))
          few_union (parent, few_keyed_picture (order[i]), few_keyed_picture (order[i - 1]));
    }
  for (guint i = 0; i < n; i++)
    groups[i] = few_union_root (parent, i);
  return TRUE;
}

/* Pictures of each class, [classes] */
typedef struct
{
  guint *all, *inside, *told; /* inside: of the group that is looked at */
} Counts;

/* order [n] without the pictures of a test; how many it has then. */
static guint
drop_tests (const guint8 *roles, guint n, guint64 *order)
{
  guint kept = 0;
  for (guint i = 0; i < n; i++)
    if (roles[few_keyed_picture (order[i])] != FEW_ROLE_TEST)
      order[kept++] = order[i];
  return kept;
}

/* Counts those that have another of their class outside of their group: of these a fold can tell.
 * order [n] is written to. */
static void
count_told (const guint32 *groups, const guint32 *labels, const guint8 *roles, guint n,
            guint64 *order, Counts *counts)
{
  sort_by_key (groups, n, order);
  if (roles)
    n = drop_tests (roles, n, order);
  for (guint i = 0; i < n; i++)
    counts->all[labels[few_keyed_picture (order[i])]]++;
  for (guint start = 0, end = 0; start < n; start = end)
    {
      for (; end < n && few_keyed_is_same (order[end], order[start]); end++)
        counts->inside[labels[few_keyed_picture (order[end])]]++;
      for (guint i = start; i < end; i++)
        {
          guint32 class = labels[few_keyed_picture (order[i])];
          counts->told[class] += counts->inside[class] < counts->all[class];
        }
      for (guint i = start; i < end; i++)
        counts->inside[labels[few_keyed_picture (order[i])]] = 0;
    }
}

gboolean
few_groups_join_told (guint32 *groups, const guint32 *keys, const guint32 *labels,
                      const guint8 *roles, guint n, GError **error)
{
  g_return_val_if_fail (n == 0 || (groups && keys && labels), FALSE);
  guint classes = 0;
  for (guint i = 0; i < n; i++)
    classes = MAX (classes, labels[i] + 1);
  g_auto (FewRoom) room = { 0 };
  guint32 *joined = few_room_new (&room, guint32, n, 1);
  guint32 *own = few_room_new (&room, guint32, n, 1);
  guint64 *order = few_room_new (&room, guint64, n, 1);
  Counts counts = { few_room_new (&room, guint, classes, 1),
                    few_room_new (&room, guint, classes, 1),
                    few_room_new (&room, guint, classes, 1) };
  if (few_room_is_short (&room, WHAT, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      joined[i] = groups[i];
      own[i] = i;
    }
  if (!few_groups_join (joined, keys, n, error) || !few_groups_join (own, keys, n, error))
    return FALSE;
  count_told (joined, labels, roles, n, order, &counts);
  for (guint i = 0; i < n; i++)
    if (2 * (guint64) counts.told[labels[i]] < counts.all[labels[i]])
      own[i] = n + i; /* with no other */
  return few_groups_join (groups, own, n, error);
}

/* ---- splits */

typedef struct
{
  const guint8 *pinned;
  gboolean drop;
  guint8 *roles;
  guint changed;
} Parting;

/* members [n]: the pictures of one group, in the low half */
typedef void (*PartGroup) (Parting *parting, const guint64 *members, guint n);

/* One group after the other; changed: how many roles were. FALSE where memory is short. */
static gboolean
part_groups (const guint32 *groups, guint n, PartGroup part, Parting *parting, guint *changed,
             GError **error)
{
  g_autofree guint64 *order = few_try_copy (NULL, n, sizeof *order, WHAT, error);
  if (!order)
    return FALSE;
  sort_by_key (groups, n, order);
  for (guint start = 0, end = 0; start < n; start = end)
    {
      while (end < n && few_keyed_is_same (order[end], order[start]))
        end++;
      part (parting, order + start, end - start);
    }
  if (changed)
    *changed = parting->changed;
  return TRUE;
}

/* To the earliest side that one of them is on. */
static void
keep_together (Parting *parting, const guint64 *members, guint n)
{
  guint8 earliest = FEW_ROLE_UNUSED;
  for (guint i = 0; i < n; i++)
    earliest = MIN (earliest, parting->roles[few_keyed_picture (members[i])]);
  for (guint i = 0; i < n; i++)
    {
      guint8 *role = parting->roles + few_keyed_picture (members[i]);
      if (*role == FEW_ROLE_UNUSED || *role == earliest)
        continue;
      *role = parting->drop ? FEW_ROLE_UNUSED : earliest;
      parting->changed++;
    }
}

gboolean
few_split_keep_together (const guint32 *groups, guint n, gboolean drop, guint8 *roles, guint *moved,
                         GError **error)
{
  g_return_val_if_fail (n == 0 || (groups != NULL && roles != NULL), FALSE);
  Parting parting = { .drop = drop, .roles = roles };
  return part_groups (groups, n, keep_together, &parting, moved, error);
}

/* Where one is pinned nothing is learned from the others. */
static void
keep_pinned (Parting *parting, const guint64 *members, guint n)
{
  gboolean tested = FALSE;
  for (guint i = 0; i < n; i++)
    tested |= parting->pinned[few_keyed_picture (members[i])] != 0;
  for (guint i = 0; tested && i < n; i++)
    {
      guint8 *role = parting->roles + few_keyed_picture (members[i]);
      if (*role > FEW_ROLE_VALIDATION)
        continue;
      *role = FEW_ROLE_UNUSED;
      parting->changed++;
    }
}

gboolean
few_split_keep_pinned (const guint32 *groups, const guint8 *pinned, guint n, guint8 *roles,
                       guint *left_out, GError **error)
{
  g_return_val_if_fail (n == 0 || (groups != NULL && pinned != NULL && roles != NULL), FALSE);
  Parting parting = { .pinned = pinned, .roles = roles };
  return part_groups (groups, n, keep_pinned, &parting, left_out, error);
}
