/* SPDX-License-Identifier: MIT */
/* Lists of classes and pictures by number. */
#include "session/few-gallery-private.h"
#include "session/few-records.h"

/* One more than the greatest, as long as a project file can hold that; then the least free one. */
static guint
take_id (guint *greatest, GHashTable *taken)
{
  if (*greatest < G_MAXINT32)
    return ++*greatest;
  guint id = 1;
  while (g_hash_table_contains (taken, GUINT_TO_POINTER (id)))
    id++;
  return id;
}

FewGallery *
few_gallery_new (void)
{
  FewGallery *gallery = g_new0 (FewGallery, 1);
  gallery->none = few_class_new_none ();
  gallery->classes = g_list_store_new (FEW_TYPE_CLASS);
  gallery->pictures = g_list_store_new (FEW_TYPE_PICTURE);
  gallery->order = g_ptr_array_new ();
  gallery->by_id = g_hash_table_new (NULL, NULL);
  gallery->all_pictures = g_hash_table_new_full (NULL, NULL, NULL, g_object_unref);
  gallery->all_classes = g_hash_table_new_full (NULL, NULL, NULL, g_object_unref);
  return gallery;
}

static void
leave_all (GHashTable *by_id)
{
  GHashTableIter iter;
  gpointer picture;
  g_hash_table_iter_init (&iter, by_id);
  while (g_hash_table_iter_next (&iter, NULL, &picture))
    few_picture_set_census (picture, NULL);
}

void
few_gallery_free (FewGallery *gallery)
{
  g_return_if_fail (gallery != NULL);
  g_clear_pointer (&gallery->class_records, g_ptr_array_unref);
  few_gallery_touch_pictures (gallery);
  leave_all (gallery->by_id); /* others may keep them longer than the census is there */
  g_hash_table_unref (gallery->by_id);
  g_hash_table_unref (gallery->all_pictures);
  g_hash_table_unref (gallery->all_classes);
  g_ptr_array_unref (gallery->order);
  g_object_unref (gallery->pictures);
  g_object_unref (gallery->classes);
  g_object_unref (gallery->none);
  g_free (gallery);
}

/* ---- what there is */

GListModel *
few_gallery_get_classes (FewGallery *gallery)
{
  g_return_val_if_fail (gallery != NULL, NULL);
  return G_LIST_MODEL (gallery->classes);
}

GListModel *
few_gallery_get_pictures (FewGallery *gallery)
{
  g_return_val_if_fail (gallery != NULL, NULL);
  return G_LIST_MODEL (gallery->pictures);
}

const GPtrArray *
few_gallery_get_order (FewGallery *gallery)
{
  g_return_val_if_fail (gallery != NULL, NULL);
  return gallery->order;
}

FewPicture *
few_gallery_get_picture (FewGallery *gallery, guint id)
{
  g_return_val_if_fail (gallery != NULL, NULL);
  return g_hash_table_lookup (gallery->by_id, GUINT_TO_POINTER (id));
}

FewPicture *
few_gallery_recall_picture (FewGallery *gallery, guint id)
{
  g_return_val_if_fail (gallery != NULL, NULL);
  return g_hash_table_lookup (gallery->all_pictures, GUINT_TO_POINTER (id));
}

GPtrArray *
few_gallery_list_there (FewGallery *gallery, const GPtrArray *pictures)
{
  g_return_val_if_fail (gallery != NULL && pictures != NULL, NULL);
  GPtrArray *there = g_ptr_array_new ();
  for (guint i = 0; i < pictures->len; i++)
    if (few_gallery_get_picture (gallery, few_picture_get_id (pictures->pdata[i]))
        == pictures->pdata[i])
      g_ptr_array_add (there, pictures->pdata[i]);
  return there;
}

gboolean
few_gallery_is_empty (FewGallery *gallery)
{
  g_return_val_if_fail (gallery != NULL, TRUE);
  return g_list_model_get_n_items (G_LIST_MODEL (gallery->classes)) == 0
         && gallery->order->len == 0;
}

gboolean
few_gallery_is_fresh (FewGallery *gallery)
{
  g_return_val_if_fail (gallery != NULL, FALSE);
  return g_hash_table_size (gallery->all_pictures) == 0
         && g_hash_table_size (gallery->all_classes) == 0;
}

GPtrArray *
few_gallery_where (FewGallery *gallery, FewPictureTest passes, gconstpointer data)
{
  g_return_val_if_fail (gallery != NULL && passes != NULL, NULL);
  GPtrArray *found = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < gallery->order->len; i++)
    if (passes (gallery->order->pdata[i], data))
      g_ptr_array_add (found, g_object_ref (gallery->order->pdata[i]));
  return found;
}

guint
few_gallery_count_tests (FewGallery *gallery)
{
  g_return_val_if_fail (gallery != NULL, 0);
  return gallery->several ? gallery->census.tests : gallery->census.class_tests;
}

guint
few_gallery_count_labelled (FewGallery *gallery)
{
  g_return_val_if_fail (gallery != NULL, 0);
  return gallery->census.labelled;
}

gboolean
few_gallery_is_several (FewGallery *gallery)
{
  g_return_val_if_fail (gallery != NULL, FALSE);
  return gallery->several;
}

void
few_gallery_set_several (FewGallery *gallery, gboolean several)
{
  g_return_if_fail (gallery != NULL);
  if (gallery->several != several) /* a picture's record says it otherwise then */
    few_gallery_touch_pictures (gallery);
  gallery->several = several;
}

void
few_gallery_tell_counts (FewGallery *gallery)
{
  g_return_if_fail (gallery != NULL);
  GListModel *classes = G_LIST_MODEL (gallery->classes);
  for (guint k = 0; k < g_list_model_get_n_items (classes); k++)
    {
      g_autoptr (FewClass) klass = g_list_model_get_item (classes, k);
      few_class_tell_count (klass);
    }
  few_class_tell_count (gallery->none);
}

/* ---- classes */

FewClass *
few_gallery_get_none (FewGallery *gallery)
{
  g_return_val_if_fail (gallery != NULL, NULL);
  return gallery->none;
}

FewClass *
few_gallery_find_class (FewGallery *gallery, const char *name)
{
  g_return_val_if_fail (gallery != NULL && name != NULL, NULL);
  for (guint k = 0; k < g_list_model_get_n_items (G_LIST_MODEL (gallery->classes)); k++)
    {
      g_autoptr (FewClass) klass = g_list_model_get_item (G_LIST_MODEL (gallery->classes), k);
      if (g_str_equal (few_class_get_name (klass), name))
        return klass; /* the store keeps it */
    }
  return NULL;
}

FewClass *
few_gallery_ensure_class (FewGallery *gallery, const char *name)
{
  g_return_val_if_fail (gallery != NULL && name != NULL, NULL);
  FewClass *known = few_gallery_find_class (gallery, name);
  if (known)
    return known;
  guint id = take_id (&gallery->next_class_id, gallery->all_classes);
  FewClass *klass = few_class_new (id, name);
  g_hash_table_insert (gallery->all_classes, GUINT_TO_POINTER (id), klass);
  few_gallery_touch_classes (gallery);
  g_list_store_append (gallery->classes, klass);
  return klass;
}

gboolean
few_gallery_remove_class (FewGallery *gallery, FewClass *klass)
{
  guint position;
  g_return_val_if_fail (gallery != NULL && FEW_IS_CLASS (klass), FALSE);
  if (!g_list_store_find (gallery->classes, klass, &position))
    return FALSE;
  g_list_store_remove (gallery->classes, position);
  few_gallery_touch_classes (gallery);
  few_gallery_touch_pictures (gallery); /* their labels count classes */
  return TRUE;
}

/* ---- pictures */

void
few_gallery_remember (FewGallery *gallery, FewPicture *picture)
{
  gpointer key = GUINT_TO_POINTER (few_picture_get_id (picture));
  g_hash_table_insert (gallery->all_pictures, key, g_object_ref (picture));
}

void
few_gallery_enter (FewGallery *gallery, FewPicture *picture)
{
  g_hash_table_insert (gallery->by_id, GUINT_TO_POINTER (few_picture_get_id (picture)), picture);
  few_picture_set_census (picture, &gallery->census);
}

void
few_gallery_leave (FewGallery *gallery, FewPicture *picture)
{
  g_hash_table_remove (gallery->by_id, GUINT_TO_POINTER (few_picture_get_id (picture)));
  few_picture_set_census (picture, NULL);
}

FewPicture *
few_gallery_make_picture (FewGallery *gallery, const char *address, FewClass *klass)
{
  g_return_val_if_fail (gallery != NULL && address != NULL && FEW_IS_CLASS (klass), NULL);
  guint id = take_id (&gallery->next_id, gallery->all_pictures);
  FewPicture *picture = few_picture_new (id, address, klass);
  few_gallery_enter (gallery, picture);
  few_gallery_remember (gallery, picture);
  return picture;
}

void
few_gallery_append (FewGallery *gallery, GPtrArray *pictures)
{
  g_return_if_fail (gallery != NULL && pictures != NULL);
  guint n = gallery->order->len;
  g_ptr_array_extend (gallery->order, pictures, NULL, NULL);
  g_list_store_splice (gallery->pictures, n, 0, pictures->pdata, pictures->len);
  few_gallery_forget_records (gallery);
  if (gallery->pieces)
    few_pieces_add_unknown (gallery->pieces, pictures->len);
}

void
few_gallery_become (FewGallery *gallery, GPtrArray *pictures)
{
  g_autoptr (GPtrArray) old = gallery->order;
  GPtrArray *now = pictures;
  guint first = 0;
  guint last = 0;
  while (first < old->len && first < now->len && old->pdata[first] == now->pdata[first])
    first++;
  while (last < old->len - first && last < now->len - first
         && old->pdata[old->len - 1 - last] == now->pdata[now->len - 1 - last])
    last++;
  gallery->order = now;
  if (first + last < old->len || first + last < now->len)
    g_list_store_splice (gallery->pictures, first, old->len - first - last, now->pdata + first,
                         now->len - first - last);
}

void
few_gallery_insert (FewGallery *gallery, GHashTable *behind, gboolean instead)
{
  g_return_if_fail (gallery != NULL && behind != NULL);
  GPtrArray *now = g_ptr_array_new_full (gallery->order->len, NULL);
  for (guint i = 0; i < gallery->order->len; i++)
    {
      FewPicture *picture = gallery->order->pdata[i];
      const GPtrArray *more = g_hash_table_lookup (behind, picture);
      if (more && instead)
        few_gallery_leave (gallery, picture);
      else
        g_ptr_array_add (now, picture);
      for (guint j = 0; more && j < more->len; j++)
        g_ptr_array_add (now, more->pdata[j]);
    }
  few_gallery_become (gallery, now);
  few_gallery_touch_pictures (gallery);
}

void
few_gallery_insert_behind (FewGallery *gallery, FewPicture *picture, GPtrArray *more,
                           guint *position)
{
  g_return_if_fail (gallery != NULL && picture != NULL && more != NULL && position != NULL);
  guint at = MIN (*position, gallery->order->len);
  gboolean likely = at < gallery->order->len && gallery->order->pdata[at] == picture;
  if (!likely && !g_ptr_array_find (gallery->order, picture, &at))
    return;
  for (guint i = 0; i < more->len; i++)
    g_ptr_array_insert (gallery->order, (gint) (at + 1 + i), more->pdata[i]);
  g_list_store_splice (gallery->pictures, at + 1, 0, more->pdata, more->len);
  *position = at + 1 + more->len;
  few_gallery_touch_pictures (gallery);
}

/* ---- its records */

void
few_gallery_forget_records (FewGallery *gallery)
{
  g_return_if_fail (gallery != NULL);
  g_clear_pointer (&gallery->picture_records, g_array_unref);
  g_clear_pointer (&gallery->coming, g_array_unref);
  g_clear_pointer (&gallery->late, g_hash_table_unref);
}

void
few_gallery_touch_pictures (FewGallery *gallery)
{
  g_return_if_fail (gallery != NULL);
  few_gallery_forget_records (gallery);
  g_clear_pointer (&gallery->pieces, g_array_unref);
}

void
few_gallery_touch_classes (FewGallery *gallery)
{
  g_return_if_fail (gallery != NULL);
  g_clear_pointer (&gallery->class_records, g_ptr_array_unref);
}

void
few_gallery_touch_hash (FewGallery *gallery, FewPicture *picture)
{
  g_return_if_fail (gallery != NULL && FEW_IS_PICTURE (picture));
  g_clear_pointer (&gallery->picture_records, g_array_unref);
  if (gallery->late)
    g_hash_table_add (gallery->late, GUINT_TO_POINTER (few_picture_get_id (picture)));
}

GArray *
few_gallery_get_records (FewGallery *gallery)
{
  g_return_val_if_fail (gallery != NULL, NULL);
  if (!gallery->picture_records)
    gallery->picture_records =
        few_records_of_pictures (G_LIST_MODEL (gallery->classes), gallery->order, gallery->several);
  return gallery->picture_records;
}
