/* SPDX-License-Identifier: MIT */
/* Groups of pictures that belong together, and splits that do not part them. */
#include <fewshot/dataset.h>
#include <fewshot/groups.h>
#include "task/union.h"

void
few_groups_join (guint32 *groups, const guint32 *keys, guint n)
{
  const guint32 *sources[] = { groups, keys };
  g_autofree guint32 *parent = g_new (guint32, (gsize) n + 1);
  for (guint i = 0; i < n; i++)
    parent[i] = i;
  for (guint s = 0; s < G_N_ELEMENTS (sources); s++)
    {
      g_autoptr (GHashTable) first = g_hash_table_new (NULL, NULL);
      for (guint i = 0; i < n; i++)
        {
          gpointer key = GUINT_TO_POINTER (sources[s][i]);
          gpointer known;
          if (g_hash_table_lookup_extended (first, key, NULL, &known))
            few_union (parent, i, GPOINTER_TO_UINT (known));
          else
            g_hash_table_insert (first, key, GUINT_TO_POINTER (i));
        }
    }
  for (guint i = 0; i < n; i++)
    groups[i] = few_union_root (parent, i);
}

guint
few_split_keep_together (const guint32 *groups, guint n, gboolean drop, guint8 *roles)
{
  guint moved = 0;
  g_autoptr (GHashTable) earliest = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < n; i++)
    {
      gpointer known;
      gpointer group = GUINT_TO_POINTER (groups[i]);
      gboolean seen = g_hash_table_lookup_extended (earliest, group, NULL, &known);
      if (!seen || roles[i] < GPOINTER_TO_UINT (known))
        g_hash_table_insert (earliest, group, GUINT_TO_POINTER (roles[i]));
    }
  for (guint i = 0; i < n; i++)
    {
      gpointer role = g_hash_table_lookup (earliest, GUINT_TO_POINTER (groups[i]));
      if (roles[i] == FEW_ROLE_UNUSED || roles[i] == GPOINTER_TO_UINT (role))
        continue;
      roles[i] = drop ? FEW_ROLE_UNUSED : (guint8) GPOINTER_TO_UINT (role);
      moved++;
    }
  return moved;
}
