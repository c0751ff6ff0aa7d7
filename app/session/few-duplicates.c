/* SPDX-License-Identifier: MIT */
/* Which of equal pictures takes part. */
#include "session/few-duplicates.h"
#include <glib/gi18n.h>

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

GHashTable *
few_duplicates_new (void)
{
  return g_hash_table_new (hash_sum, g_str_equal);
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
keep_picture (GHashTable *first, FewPicture *picture)
{
  g_hash_table_replace (first, (char *) few_picture_get_content (picture), picture);
}

/* Pictures finish in any order; of equal ones the first in the project stays. */
FewPicture *
few_duplicates_meet (GHashTable *first, FewPicture *picture)
{
  g_return_val_if_fail (first != NULL && FEW_IS_PICTURE (picture), NULL);
  FewPicture *kept = g_hash_table_lookup (first, few_picture_get_content (picture));
  if (!kept || kept == picture)
    {
      keep_picture (first, picture);
      return NULL;
    }
  if (few_picture_get_id (kept) < few_picture_get_id (picture))
    {
      mark_duplicate (picture, kept);
      return picture;
    }
  mark_duplicate (kept, picture);
  keep_picture (first, picture);
  return kept;
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
find_first (GHashTable *first, FewPicture *picture)
{
  FewPicture *kept = g_hash_table_lookup (first, few_picture_get_content (picture));
  if (!kept || few_picture_get_id (picture) < few_picture_get_id (kept))
    keep_picture (first, picture);
}

static void
settle_picture (GHashTable *first, FewPicture *picture)
{
  FewPicture *kept = g_hash_table_lookup (first, few_picture_get_content (picture));
  FewPictureState state = few_picture_get_state (picture);
  if (kept == picture && state == FEW_PICTURE_DUPLICATE)
    few_picture_set_state (picture, FEW_PICTURE_READY, NULL);
  else if (kept != picture && state == FEW_PICTURE_READY)
    mark_duplicate (picture, kept);
}

void
few_duplicates_settle (GHashTable *first, const GPtrArray *pictures)
{
  static void (*const passes[]) (GHashTable *, FewPicture *) = { find_first, settle_picture };
  g_return_if_fail (first != NULL && pictures != NULL);
  g_hash_table_remove_all (first);
  for (guint pass = 0; pass < G_N_ELEMENTS (passes); pass++)
    for (guint i = 0; i < pictures->len; i++)
      if (is_known (pictures->pdata[i]))
        passes[pass](first, pictures->pdata[i]);
}
