/* SPDX-License-Identifier: MIT */
/* Folds of labelled pictures: stratified, whole groups, the same for the same seed on every
 * computer (splitmix64, Steele et al., OOPSLA 2014). */
#include "adapt/methods/automatic.h"
#include "base/random.h"

enum { NONE = G_MAXUINT32 };

/* number [n]: groups in the order of their first picture; how many there are */
static guint
number_groups (const guint32 *groups, guint n, guint32 *number)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < n; i++)
    {
      gpointer key = GUINT_TO_POINTER (groups ? groups[i] : i);
      gpointer known;
      if (!g_hash_table_lookup_extended (seen, key, NULL, &known))
        {
          known = GUINT_TO_POINTER (g_hash_table_size (seen));
          g_hash_table_insert (seen, key, known);
        }
      number[i] = GPOINTER_TO_UINT (known);
    }
  return g_hash_table_size (seen);
}

guint
few_auto_folds (const guint32 *labels, guint n, guint k, const guint32 *groups, guint most_folds,
                guint64 seed, guint32 *fold)
{
  g_autofree guint32 *number = g_new (guint32, MAX (n, 1));
  guint n_groups = number_groups (groups, n, number);
  g_autofree guint32 *of_group = g_new (guint32, MAX (n_groups, 1));
  g_autofree guint32 *waiting = g_new (guint32, MAX (n_groups, 1));
  g_autofree guint32 *first = g_new0 (guint32, (gsize) k + 1); /* pictures by class */
  g_autofree guint32 *by_class = g_new (guint32, MAX (n, 1));
  guint folds = MAX (2, MIN (most_folds, n_groups));
  guint dealt = 0;
  for (guint i = 0; i < n; i++)
    first[labels[i] + 1]++;
  for (guint c = 0; c < k; c++)
    first[c + 1] += first[c];
  for (guint i = 0; i < n; i++)
    by_class[first[labels[i]]++] = i;
  for (guint g = 0; g < n_groups; g++)
    of_group[g] = NONE;
  for (guint at = 0, c = 0; c < k; c++)
    {
      guint n_waiting = 0;
      for (; at < first[c]; at++) /* where the next class begins, now */
        if (of_group[number[by_class[at]]] == NONE)
          {
            of_group[number[by_class[at]]] = 0;
            waiting[n_waiting++] = number[by_class[at]];
          }
      for (guint i = n_waiting; i-- > 1;)
        {
          guint j = (guint) (few_splitmix (&seed) % (i + 1));
          guint32 swapped = waiting[i];
          waiting[i] = waiting[j];
          waiting[j] = swapped;
        }
      for (guint i = 0; i < n_waiting; i++)
        of_group[waiting[i]] = dealt++ % folds;
    }
  for (guint i = 0; i < n; i++)
    fold[i] = of_group[number[i]];
  return folds;
}
