/* SPDX-License-Identifier: MIT */
/* One pass over the pictures; then what is another than before is told. */
#include "pages/examples/few-examples-model.h"
#include "base/few-turns.h"
#include <stdlib.h>
#include <string.h>

enum { MANY = 5000 }; /* pictures; fewer are looked through at once */

struct _FewExamplesModel
{
  GObject parent;
  FewExamples *examples;
  FewArrangement arrangement;
  GPtrArray *shown; /* FewPicture */
  GPtrArray *next;  /* so, borrowed: what it is about to become; NULL: nothing */
  gboolean waiting; /* an update is queued */
};

static void few_examples_model_iface_init (GListModelInterface *iface);
G_DEFINE_FINAL_TYPE_WITH_CODE (FewExamplesModel, few_examples_model, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      few_examples_model_iface_init))

static const GPtrArray *
get_order (FewExamplesModel *self)
{
  return few_gallery_get_order (few_examples_get_gallery (self->examples));
}

static gboolean
shows (FewExamplesModel *self, FewPicture *picture)
{
  return self->arrangement.shows (picture, self->arrangement.user);
}

static guint
rank (FewExamplesModel *self, FewPicture *picture)
{
  return self->arrangement.rank (picture, self->arrangement.user);
}

/* ---- as it is to be */

static int
compare_ranks (gconstpointer a, gconstpointer b)
{
  guint first = GPOINTER_TO_UINT (*(const gpointer *) a);
  guint second = GPOINTER_TO_UINT (*(const gpointer *) b);
  return (first > second) - (first < second);
}

/* rank → how many come before its first; pictures are many, ranks few. */
static GHashTable *
find_starts (GHashTable *counts)
{
  GHashTable *starts = g_hash_table_new (NULL, NULL);
  guint n;
  guint sum = 0;
  g_autofree gpointer *ranks = g_hash_table_get_keys_as_array (counts, &n);
  qsort (ranks, n, sizeof *ranks, compare_ranks);
  for (guint i = 0; i < n; i++)
    {
      g_hash_table_insert (starts, ranks[i], GUINT_TO_POINTER (sum));
      sum += GPOINTER_TO_UINT (g_hash_table_lookup (counts, ranks[i]));
    }
  return starts;
}

/* Those of a class lie together for the most part. */
static guint
count_run (const guint *ranks, guint first, guint n)
{
  guint end = first + 1;
  while (end < n && ranks[end] == ranks[first])
    end++;
  return end - first;
}

/* Adds to what the table has of a rank; what it had. */
static guint
add_to (GHashTable *table, guint of_rank, guint more)
{
  gpointer key = GUINT_TO_POINTER (of_rank);
  guint before = GPOINTER_TO_UINT (g_hash_table_lookup (table, key));
  g_hash_table_insert (table, key, GUINT_TO_POINTER (before + more));
  return before;
}

static GPtrArray *
sort_pictures (GPtrArray *pictures, const guint *ranks)
{
  g_autoptr (GHashTable) counts = g_hash_table_new (NULL, NULL);
  guint run;
  for (guint i = 0; i < pictures->len; i += run)
    {
      run = count_run (ranks, i, pictures->len);
      add_to (counts, ranks[i], run);
    }
  g_autoptr (GHashTable) starts = find_starts (counts);
  GPtrArray *sorted = g_ptr_array_new_full (pictures->len, NULL);
  g_ptr_array_set_size (sorted, (int) pictures->len);
  for (guint i = 0; i < pictures->len; i += run)
    {
      run = count_run (ranks, i, pictures->len);
      guint at = add_to (starts, ranks[i], run);
      memcpy (sorted->pdata + at, pictures->pdata + i, run * sizeof (gpointer));
    }
  return sorted;
}

/* Borrowed from the project. */
static GPtrArray *
arrange (FewExamplesModel *self)
{
  const GPtrArray *order = get_order (self);
  g_autoptr (GPtrArray) now = g_ptr_array_new_full (order->len, NULL);
  g_autofree guint *ranks = g_new (guint, order->len + 1);
  gboolean sorted = TRUE;
  for (guint i = 0; i < order->len; i++)
    if (shows (self, order->pdata[i]))
      {
        guint n = now->len;
        ranks[n] = rank (self, order->pdata[i]);
        sorted = sorted && (n == 0 || ranks[n - 1] <= ranks[n]);
        g_ptr_array_add (now, order->pdata[i]);
      }
  return sorted ? g_steal_pointer (&now) : sort_pictures (now, ranks);
}

/* ---- as it is told */

/* Pictures in the place of others. */
static void
put (FewExamplesModel *self, guint position, guint removed, gpointer *added, guint n)
{
  if (removed > 0)
    g_ptr_array_remove_range (self->shown, position, removed);
  for (guint i = 0; i < n; i++)
    g_ptr_array_insert (self->shown, (int) (position + i), g_object_ref (added[i]));
  g_list_model_items_changed (G_LIST_MODEL (self), position, removed, n);
}

/* So many that one after the other would be moved too far. */
static void
put_rest (FewExamplesModel *self, guint position, guint removed, gpointer *added, guint n)
{
  guint end = self->shown->len - position - removed;
  GPtrArray *whole = g_ptr_array_new_full (position + n + end, g_object_unref);
  for (guint i = 0; i < position; i++)
    g_ptr_array_add (whole, g_object_ref (self->shown->pdata[i]));
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (whole, g_object_ref (added[i]));
  for (guint i = 0; i < end; i++)
    g_ptr_array_add (whole, g_object_ref (self->shown->pdata[position + removed + i]));
  g_autoptr (GPtrArray) before = g_steal_pointer (&self->shown);
  self->shown = whole;
  g_list_model_items_changed (G_LIST_MODEL (self), position, removed, n);
}

/* How far a picture is from the place, where that is not far; NEAR: it is. */
enum { NEAR = 64, MOST_TOLD = 32 };

static guint
find_near (gpointer *pictures, guint n, gpointer picture)
{
  guint i = 0;
  while (i < MIN (n, NEAR) && pictures[i] != picture)
    i++;
  return i < n ? i : NEAR;
}

static guint
count_same_end (const GPtrArray *a, const GPtrArray *b)
{
  guint last = 0;
  while (last < a->len && last < b->len
         && a->pdata[a->len - 1 - last] == b->pdata[b->len - 1 - last])
    last++;
  return last;
}

/* Few that went, came or moved are told each by itself, unless they lie near each other: whoever
 * hears it then need not look at all that lie between. */
static void
become (FewExamplesModel *self, GPtrArray *now)
{
  guint end = count_same_end (self->shown, now);
  guint at = 0;
  for (guint told = 0;; told++)
    {
      while (at + end < self->shown->len && at + end < now->len
             && self->shown->pdata[at] == now->pdata[at])
        at++;
      guint old = self->shown->len - at - end;
      guint new = now->len - at - end;
      if (old == 0 && new == 0)
        return;
      guint gone = new > 0 ? find_near (self->shown->pdata + at, old, now->pdata[at]) : NEAR;
      guint came = old > 0 ? find_near (now->pdata + at, new, self->shown->pdata[at]) : NEAR;
      if (told == MOST_TOLD || MIN (gone, came) == NEAR || old + new <= 2 * NEAR)
        {
          (old + new <= 2 * NEAR ? put : put_rest) (self, at, old, now->pdata + at, new);
          return;
        }
      if (gone <= came)
        put (self, at, gone, NULL, 0);
      else
        put (self, at, 0, now->pdata + at, came);
    }
}

static void
become_next (gpointer user)
{
  FewExamplesModel *self = user;
  g_autoptr (GPtrArray) next = g_steal_pointer (&self->next);
  if (next)
    become (self, next);
}

static void
arrange_next (FewExamplesModel *self)
{
  g_clear_pointer (&self->next, g_ptr_array_unref);
  if (self->arrangement.user) /* or the page has gone */
    self->next = arrange (self);
}

/* Pictures are looked through in one turn, and the view told in the next. */
static void
update (gpointer user)
{
  FewExamplesModel *self = user;
  self->waiting = FALSE;
  arrange_next (self);
  few_turns_add (user, become_next);
}

void
few_examples_model_update (FewExamplesModel *self)
{
  g_return_if_fail (FEW_IS_EXAMPLES_MODEL (self));
  if (get_order (self)->len > MANY)
    {
      /* What was arranged is told no more. */
      g_clear_pointer (&self->next, g_ptr_array_unref);
      self->waiting = TRUE;
      few_turns_add (self, update);
      return;
    }
  arrange_next (self);
  become_next (self);
}

/* Whether those from there on rank behind all others. */
static gboolean
come_last (FewExamplesModel *self, guint first)
{
  const GPtrArray *order = get_order (self);
  guint n = self->shown->len;
  guint last = n > 0 ? rank (self, self->shown->pdata[n - 1]) : 0;
  gboolean sorted = TRUE;
  for (guint i = first; i < order->len && sorted; i++)
    {
      guint next = rank (self, order->pdata[i]);
      sorted = last <= next;
      last = next;
    }
  return sorted;
}

static void
append (FewExamplesModel *self, guint first)
{
  const GPtrArray *order = get_order (self);
  guint n = self->shown->len;
  for (guint i = first; i < order->len; i++)
    if (shows (self, order->pdata[i]))
      g_ptr_array_add (self->shown, g_object_ref (order->pdata[i]));
  if (self->shown->len > n)
    g_list_model_items_changed (G_LIST_MODEL (self), n, 0, self->shown->len - n);
}

/* For those that come behind all others nothing else is looked through. */
static void
pictures_changed_cb (FewExamplesModel *self, guint position, guint removed, guint added)
{
  gboolean behind = removed == 0 && position + added == get_order (self)->len;
  if (behind && self->arrangement.user && !self->waiting && !self->next
      && come_last (self, position))
    append (self, position);
  else
    few_examples_model_update (self);
}

GtkBitset *
few_examples_model_find (FewExamplesModel *self, GHashTable *pictures)
{
  g_return_val_if_fail (FEW_IS_EXAMPLES_MODEL (self) && pictures != NULL, NULL);
  GtkBitset *places = gtk_bitset_new_empty ();
  for (guint i = 0; i < self->shown->len; i++)
    if (g_hash_table_contains (pictures, self->shown->pdata[i]))
      gtk_bitset_add (places, i);
  return places;
}

/* ---- as a list */

static GType
few_examples_model_get_item_type (GListModel *list G_GNUC_UNUSED)
{
  return FEW_TYPE_PICTURE;
}

static guint
few_examples_model_get_n_items (GListModel *list)
{
  return FEW_EXAMPLES_MODEL (list)->shown->len;
}

static gpointer
few_examples_model_get_item (GListModel *list, guint position)
{
  GPtrArray *shown = FEW_EXAMPLES_MODEL (list)->shown;
  return position < shown->len ? g_object_ref (shown->pdata[position]) : NULL;
}

static void
few_examples_model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = few_examples_model_get_item_type;
  iface->get_n_items = few_examples_model_get_n_items;
  iface->get_item = few_examples_model_get_item;
}

/* ---- life */

static void
few_examples_model_finalize (GObject *object)
{
  FewExamplesModel *self = FEW_EXAMPLES_MODEL (object);
  g_ptr_array_unref (self->shown);
  g_clear_pointer (&self->next, g_ptr_array_unref);
  g_clear_weak_pointer (&self->arrangement.user);
  g_clear_object (&self->examples);
  G_OBJECT_CLASS (few_examples_model_parent_class)->finalize (object);
}

static void
few_examples_model_class_init (FewExamplesModelClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = few_examples_model_finalize;
}

static void
few_examples_model_init (FewExamplesModel *self)
{
  self->shown = g_ptr_array_new_with_free_func (g_object_unref);
}

FewExamplesModel *
few_examples_model_new (FewExamples *examples, const FewArrangement *arrangement)
{
  g_return_val_if_fail (FEW_IS_EXAMPLES (examples) && arrangement != NULL, NULL);
  g_return_val_if_fail (arrangement->shows != NULL && arrangement->rank != NULL, NULL);
  g_return_val_if_fail (G_IS_OBJECT (arrangement->user), NULL);
  FewExamplesModel *self = g_object_new (FEW_TYPE_EXAMPLES_MODEL, NULL);
  self->examples = g_object_ref (examples);
  self->arrangement = *arrangement;
  self->arrangement.user = NULL;
  g_set_weak_pointer (&self->arrangement.user, arrangement->user);
  g_signal_connect_object (few_examples_get_pictures (examples), "items-changed",
                           G_CALLBACK (pictures_changed_cb), self, G_CONNECT_SWAPPED);
  few_examples_model_update (self);
  return self;
}
