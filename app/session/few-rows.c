/* SPDX-License-Identifier: MIT */
/* Numbers that grow are searched where they are; only of others a table is made, which takes long
 * of 100,000. */
#include "session/few-rows.h"
#include <stdlib.h>

struct FewRows
{
  guint32 *ids;
  guint n;
  GHashTable *table; /* id → row + 1; NULL: the ids grow */
};

FewRows *
few_rows_new (void)
{
  return g_new0 (FewRows, 1);
}

static void
clear_rows (FewRows *rows)
{
  g_clear_pointer (&rows->ids, g_free);
  g_clear_pointer (&rows->table, g_hash_table_unref);
  rows->n = 0;
}

void
few_rows_free (FewRows *rows)
{
  g_return_if_fail (rows != NULL);
  clear_rows (rows);
  g_free (rows);
}

static gboolean
do_grow (const guint32 *ids, guint n)
{
  guint i = 1;
  while (i < n && ids[i - 1] < ids[i])
    i++;
  return i >= n;
}

void
few_rows_number (FewRows *rows, const guint32 *ids, guint n)
{
  g_return_if_fail (rows != NULL && (ids != NULL || n == 0));
  clear_rows (rows);
  rows->ids = g_memdup2 (ids, n * sizeof *ids);
  rows->n = n;
  if (do_grow (ids, n))
    return;
  rows->table = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < n; i++)
    g_hash_table_insert (rows->table, GUINT_TO_POINTER (ids[i]), GUINT_TO_POINTER (i + 1));
}

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  guint32 first = *(const guint32 *) a;
  guint32 second = *(const guint32 *) b;
  return (first > second) - (first < second);
}

int
few_rows_find (const FewRows *rows, guint32 id)
{
  g_return_val_if_fail (rows != NULL, -1);
  if (rows->table)
    return GPOINTER_TO_INT (g_hash_table_lookup (rows->table, GUINT_TO_POINTER (id))) - 1;
  const guint32 *found =
      rows->n > 0 ? bsearch (&id, rows->ids, rows->n, sizeof id, compare_ids) : NULL;
  return found ? (int) (found - rows->ids) : -1;
}
