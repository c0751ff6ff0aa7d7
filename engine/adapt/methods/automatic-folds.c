/* SPDX-License-Identifier: MIT */
/* Folds of labelled pictures: stratified, whole groups, the same for the same seed on every
 * computer (splitmix64, Steele et al., OOPSLA 2014). */
#include "adapt/methods/automatic.h"
#include "base/random.h"
#include "task/keyed.h"

enum { NONE = G_MAXUINT32 };

/* number [n]: groups in the order of their first picture; how many there are. members [n] and
 * first [n] are written to. */
static guint
number_groups (const guint32 *groups, guint n, guint32 *number, guint64 *members, guint32 *first)
{
  guint count = 0;
  for (guint i = 0; i < n; i++)
    members[i] = few_keyed (groups ? groups[i] : i, i);
  few_keyed_sort (members, n);
  for (guint i = 0; i < n; i++)
    {
      guint32 picture = few_keyed_picture (members[i]);
      gboolean is_first = i == 0 || !few_keyed_is_same (members[i], members[i - 1]);
      first[picture] = is_first ? picture : first[few_keyed_picture (members[i - 1])];
    }
  for (guint i = 0; i < n; i++)
    number[i] = first[i] == i ? count++ : number[first[i]];
  return count;
}

guint
few_auto_folds (const guint32 *labels, guint n, guint k, const guint32 *groups, guint most_folds,
                guint64 seed, guint32 *fold, GError **error)
{
  g_auto (FewRoom) room = { 0 };
  guint32 *number = few_room_new (&room, guint32, n, 1);
  guint64 *members = few_room_new (&room, guint64, n, 1);
  guint32 *of_group = few_room_new (&room, guint32, n, 1);
  guint32 *waiting = few_room_new (&room, guint32, n, 1);
  guint32 *first = few_room_new (&room, guint32, (gsize) k + 1, 1); /* pictures by class */
  guint32 *by_class = few_room_new (&room, guint32, n, 1);
  if (few_room_is_short (&room, FEW_AUTO_WHAT, error))
    return 0;
  guint n_groups = number_groups (groups, n, number, members, waiting);
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
      few_splitmix_shuffle (&seed, waiting, n_waiting);
      for (guint i = 0; i < n_waiting; i++)
        of_group[waiting[i]] = dealt++ % folds;
    }
  for (guint i = 0; i < n; i++)
    fold[i] = of_group[number[i]];
  return folds;
}
