/* SPDX-License-Identifier: MIT */
/* Which of equal pictures takes part. */
#include "session/few-duplicates.h"
#include <glib/gi18n.h>

struct FewDuplicates
{
  GHashTable *first; /* content → FewPicture that takes part; all borrowed */
  GHashTable *extra; /* content → GPtrArray of those that are left out; few */
};

/* The keys are sums already: some of their letters tell them apart. */
static guint
hash_sum (gconstpointer key)
{
  enum { LETTERS = 8 };
  const char *sum = key;
  guint hash = 0;
  for (guint i = 0; i < LETTERS && sum[i]; i++)
    hash = hash * 33 + (guint8) sum[i];
  return hash;
}

FewDuplicates *
few_duplicates_new (void)
{
  FewDuplicates *duplicates = g_new (FewDuplicates, 1);
  duplicates->first = g_hash_table_new (hash_sum, g_str_equal);
  duplicates->extra =
      g_hash_table_new_full (hash_sum, g_str_equal, NULL, (GDestroyNotify) g_ptr_array_unref);
  return duplicates;
}

void
few_duplicates_free (FewDuplicates *duplicates)
{
  g_return_if_fail (duplicates != NULL);
  g_hash_table_unref (duplicates->first);
  g_hash_table_unref (duplicates->extra);
  g_free (duplicates);
}

static void
mark_duplicate (FewPicture *extra, FewPicture *kept)
{
  g_autofree char *classes = few_picture_name_classes (kept);
  g_autofree char *reason =
      g_strdup_printf (_ ("%s is the same picture as %s in “%s” and is left out."),
                       few_picture_get_name (extra), few_picture_get_name (kept), classes);
  few_picture_set_state (extra, FEW_PICTURE_DUPLICATE, reason);
}

static void
keep_picture (FewDuplicates *duplicates, FewPicture *picture)
{
  g_hash_table_replace (duplicates->first, (char *) few_picture_get_content (picture), picture);
}

static void
leave_out (FewDuplicates *duplicates, FewPicture *picture)
{
  const char *content = few_picture_get_content (picture);
  GPtrArray *others = g_hash_table_lookup (duplicates->extra, content);
  if (!others)
    {
      others = g_ptr_array_new ();
      g_hash_table_insert (duplicates->extra, (char *) content, others);
    }
  if (!g_ptr_array_find (others, picture, NULL))
    g_ptr_array_add (others, picture);
}

/* Pictures finish in any order; of equal ones the first in the project stays. */
FewPicture *
few_duplicates_meet (FewDuplicates *duplicates, FewPicture *picture)
{
  g_return_val_if_fail (duplicates != NULL && FEW_IS_PICTURE (picture), NULL);
  FewPicture *kept = g_hash_table_lookup (duplicates->first, few_picture_get_content (picture));
  if (!kept || kept == picture)
    {
      keep_picture (duplicates, picture);
      return NULL;
    }
  gboolean stays = few_picture_get_id (kept) < few_picture_get_id (picture);
  FewPicture *extra = stays ? picture : kept;
  mark_duplicate (extra, stays ? kept : picture);
  leave_out (duplicates, extra);
  if (!stays)
    keep_picture (duplicates, picture);
  return extra;
}

/* One that was read, whether it takes part or not. */
static gboolean
is_known (FewPicture *picture)
{
  FewPictureState state = few_picture_get_state (picture);
  return few_picture_get_hash (picture)
         && (state == FEW_PICTURE_READY || state == FEW_PICTURE_DUPLICATE);
}

static void
find_first (FewDuplicates *duplicates, FewPicture *picture)
{
  FewPicture *kept = g_hash_table_lookup (duplicates->first, few_picture_get_content (picture));
  if (!kept || few_picture_get_id (picture) < few_picture_get_id (kept))
    keep_picture (duplicates, picture);
}

static void
settle_picture (FewDuplicates *duplicates, FewPicture *picture)
{
  FewPicture *kept = g_hash_table_lookup (duplicates->first, few_picture_get_content (picture));
  FewPictureState state = few_picture_get_state (picture);
  if (kept != picture)
    leave_out (duplicates, picture);
  if (kept == picture && state == FEW_PICTURE_DUPLICATE)
    few_picture_set_state (picture, FEW_PICTURE_READY, NULL);
  else if (kept != picture && state == FEW_PICTURE_READY)
    mark_duplicate (picture, kept);
}

static void
settle_known (FewDuplicates *duplicates, const GPtrArray *pictures)
{
  static void (*const passes[]) (FewDuplicates *, FewPicture *) = { find_first, settle_picture };
  for (guint pass = 0; pass < G_N_ELEMENTS (passes); pass++)
    for (guint i = 0; i < pictures->len; i++)
      if (is_known (pictures->pdata[i]))
        passes[pass](duplicates, pictures->pdata[i]);
}

void
few_duplicates_settle (FewDuplicates *duplicates, const GPtrArray *pictures)
{
  g_return_if_fail (duplicates != NULL && pictures != NULL);
  g_hash_table_remove_all (duplicates->first);
  g_hash_table_remove_all (duplicates->extra);
  settle_known (duplicates, pictures);
}

/* All that are equal to this one, and it among them where it is known: they leave the tables. */
static void
take_equals (FewDuplicates *duplicates, FewPicture *picture, GHashTable *group)
{
  const char *content = few_picture_get_content (picture);
  FewPicture *kept = content ? g_hash_table_lookup (duplicates->first, content) : NULL;
  GPtrArray *others = content ? g_hash_table_lookup (duplicates->extra, content) : NULL;
  if (kept)
    g_hash_table_add (group, kept);
  for (guint i = 0; others && i < others->len; i++)
    g_hash_table_add (group, others->pdata[i]);
  if (!content)
    return;
  g_hash_table_remove (duplicates->first, content);
  g_hash_table_remove (duplicates->extra, content);
}

void
few_duplicates_exchange (FewDuplicates *duplicates, const GPtrArray *gone, const GPtrArray *came)
{
  g_return_if_fail (duplicates != NULL && gone != NULL && came != NULL);
  g_autoptr (GHashTable) group = g_hash_table_new (NULL, NULL);
  g_autoptr (GPtrArray) left = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer picture;
  for (guint i = 0; i < gone->len; i++)
    take_equals (duplicates, gone->pdata[i], group);
  for (guint i = 0; i < came->len; i++)
    {
      take_equals (duplicates, came->pdata[i], group);
      g_hash_table_add (group, came->pdata[i]);
    }
  for (guint i = 0; i < gone->len; i++)
    g_hash_table_remove (group, gone->pdata[i]);
  g_hash_table_iter_init (&iter, group);
  while (g_hash_table_iter_next (&iter, &picture, NULL))
    g_ptr_array_add (left, picture);
  settle_known (duplicates, left);
}
