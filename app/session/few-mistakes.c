/* SPDX-License-Identifier: MIT */
/* Pairs of a class and another, in a table by both. */
#include "session/few-mistakes.h"

static int
compare_mistakes (gconstpointer a, gconstpointer b)
{
  const FewMistake *x = a;
  const FewMistake *y = b;
  if (x->n != y->n)
    return x->n > y->n ? -1 : 1;
  if (x->label != y->label)
    return x->label < y->label ? -1 : 1;
  return (x->taken > y->taken) - (x->taken < y->taken);
}

GArray *
few_mistakes_count (const FewSnapshotInfo *info, const guint32 *predicted, int role)
{
  g_return_val_if_fail (info != NULL && predicted != NULL, NULL);
  GArray *mistakes = g_array_new (FALSE, FALSE, sizeof (FewMistake));
  g_autoptr (GHashTable) places = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  for (guint i = 0; i < info->n; i++)
    {
      if ((role >= 0 && info->roles[i] != role) || predicted[i] == info->labels[i])
        continue;
      gint64 key = (gint64) ((guint64) info->labels[i] << 32 | predicted[i]);
      gpointer place;
      if (!g_hash_table_lookup_extended (places, &key, NULL, &place))
        {
          FewMistake mistake = { info->labels[i], predicted[i], 0 };
          place = GUINT_TO_POINTER (mistakes->len);
          g_hash_table_insert (places, g_memdup2 (&key, sizeof key), place);
          g_array_append_val (mistakes, mistake);
        }
      g_array_index (mistakes, FewMistake, GPOINTER_TO_UINT (place)).n++;
    }
  g_array_sort (mistakes, compare_mistakes);
  return mistakes;
}
