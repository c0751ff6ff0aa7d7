/* SPDX-License-Identifier: MIT */
/* Any number of labels a picture, in one array after the other. */
#include <fewshot/label-sets.h>
#include "base/memory.h"
#include "base/error.h"
#include "base/words.h"
#include "task/label-sort.h"
#include <stdlib.h>
#include <string.h>

static const char WHAT[] = N_ ("the labels of so many pictures");

typedef struct
{
  FewLabelSets sets; /* first */
  gatomicrefcount refs;
  guint32 *first, *labels;
  gsize room_first, room_labels; /* entries that there is room for */
} Own;

FewLabelSets *
few_label_sets_new (void)
{
  Own *own = g_new0 (Own, 1);
  g_atomic_ref_count_init (&own->refs);
  own->room_first = own->room_labels = 16;
  own->first = g_new0 (guint32, own->room_first);
  own->labels = g_new0 (guint32, own->room_labels);
  own->sets.first = own->first;
  own->sets.labels = own->labels;
  return &own->sets;
}

FewLabelSets *
few_label_sets_ref (FewLabelSets *sets)
{
  g_return_val_if_fail (sets != NULL, NULL);
  g_atomic_ref_count_inc (&((Own *) sets)->refs);
  return sets;
}

void
few_label_sets_unref (FewLabelSets *sets)
{
  g_return_if_fail (sets != NULL);
  Own *own = (Own *) sets;
  if (!g_atomic_ref_count_dec (&own->refs))
    return;
  g_free (own->first);
  g_free (own->labels);
  g_free (own);
}

static gboolean
reserve (guint32 **array, gsize *room, gsize wanted, GError **error)
{
  if (wanted <= *room)
    return TRUE;
  gsize larger = MAX (wanted, 2 * *room);
  guint32 *grown = few_try_copy (NULL, larger, sizeof *grown, WHAT, error);
  if (!grown)
    return FALSE;
  if (*room > 0)
    memcpy (grown, *array, *room * sizeof *grown);
  g_free (*array);
  *array = grown;
  *room = larger;
  return TRUE;
}

static int
compare_labels (gconstpointer a, gconstpointer b)
{
  guint32 x = *(const guint32 *) a;
  guint32 y = *(const guint32 *) b;
  return (x > y) - (x < y);
}

guint
few_labels_sort (guint32 *labels, guint n)
{
  guint kept = 0;
  if (n > 1)
    qsort (labels, n, sizeof *labels, compare_labels);
  for (guint i = 0; i < n; i++)
    if (kept == 0 || labels[kept - 1] != labels[i])
      labels[kept++] = labels[i];
  return kept;
}

gboolean
few_label_sets_add (FewLabelSets *sets, const guint32 *labels, guint n, GError **error)
{
  g_return_val_if_fail (sets != NULL && (n == 0 || labels != NULL), FALSE);
  Own *own = (Own *) sets;
  guint32 start = own->first[sets->n];
  if (n > G_MAXUINT32 - start || sets->n >= G_MAXINT32)
    {
      few_fail (error, LIMIT, "These are too many labels of too many pictures.");
      return FALSE;
    }
  if (!reserve (&own->first, &own->room_first, (gsize) sets->n + 2, error)
      || !reserve (&own->labels, &own->room_labels, (gsize) start + n, error))
    return FALSE;
  sets->first = own->first;
  sets->labels = own->labels;
  if (n > 0)
    memcpy (own->labels + start, labels, n * sizeof *labels);
  own->first[++sets->n] = start + few_labels_sort (own->labels + start, n);
  return TRUE;
}

FewLabelSets *
few_label_sets_pick (const FewLabelSets *sets, const guint32 *rows, guint n, guint n_labels,
                     GError **error)
{
  g_return_val_if_fail (sets != NULL && (n == 0 || rows != NULL), NULL);
  g_autoptr (FewLabelSets) picked = few_label_sets_new ();
  for (guint i = 0; i < n; i++)
    {
      guint count;
      const guint32 *labels = few_label_sets_get (sets, rows[i], &count);
      while (count > 0 && labels[count - 1] >= n_labels) /* they grow */
        count--;
      if (!few_label_sets_add (picked, labels, count, error))
        return NULL;
    }
  return g_steal_pointer (&picked);
}

const guint32 *
few_label_sets_get (const FewLabelSets *sets, guint picture, guint *n)
{
  g_return_val_if_fail (sets != NULL && picture < sets->n && n != NULL, NULL);
  *n = sets->first[picture + 1] - sets->first[picture];
  return sets->labels + sets->first[picture];
}

gboolean
few_label_sets_hold (const FewLabelSets *sets, guint picture, guint32 label)
{
  guint n;
  const guint32 *labels = few_label_sets_get (sets, picture, &n);
  return n > 0 && bsearch (&label, labels, n, sizeof label, compare_labels) != NULL;
}
