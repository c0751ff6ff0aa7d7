/* SPDX-License-Identifier: MIT */
/* Classes and pictures become the records of a project, and come of them. */
#include "base/few-list.h"
#include "session/few-gallery-private.h"
#include "session/few-records.h"

/* ---- records */

/* Of pictures that were read while the records were made. */
static void
catch_up (FewGallery *gallery)
{
  for (guint i = 0; i < gallery->coming->len; i++)
    {
      FewProjectPicture *record = &g_array_index (gallery->coming, FewProjectPicture, i);
      if (g_hash_table_contains (gallery->late, GUINT_TO_POINTER (record->id)))
        few_records_set_hash (record, gallery->order->pdata[i]);
    }
  gallery->picture_records = g_steal_pointer (&gallery->coming);
  g_clear_pointer (&gallery->late, g_hash_table_unref);
}

gboolean
few_gallery_prepare (FewGallery *gallery)
{
  g_return_val_if_fail (gallery != NULL, FALSE);
  guint n = gallery->order->len;
  if (gallery->picture_records || n <= FEW_GALLERY_RECORDS)
    return FALSE;
  if (!gallery->coming)
    {
      gallery->coming = few_project_pictures_new (n);
      gallery->late = g_hash_table_new (NULL, NULL);
    }
  if (gallery->coming->len == n)
    {
      catch_up (gallery);
      return FALSE;
    }
  few_records_add_pictures (gallery->coming, G_LIST_MODEL (gallery->classes), gallery->order,
                            FEW_GALLERY_RECORDS, gallery->several);
  return TRUE;
}

void
few_gallery_record_classes (FewGallery *gallery, FewProject *project)
{
  g_return_if_fail (gallery != NULL && project != NULL);
  if (!gallery->class_records)
    gallery->class_records = few_records_of_classes (G_LIST_MODEL (gallery->classes));
  g_ptr_array_unref (project->classes);
  project->any = gallery->several;
  project->classes = g_ptr_array_ref (gallery->class_records);
}

void
few_gallery_record (FewGallery *gallery, FewProject *project)
{
  g_return_if_fail (gallery != NULL && project != NULL);
  few_gallery_record_classes (gallery, project);
  g_array_unref (project->pictures);
  project->pictures = g_array_ref (few_gallery_get_records (gallery));
}

/* ---- back */

static FewClass *
restore_class (FewGallery *gallery, const FewProjectClass *record)
{
  gpointer key = GUINT_TO_POINTER (record->id);
  FewClass *klass = g_hash_table_lookup (gallery->all_classes, key);
  if (!klass)
    {
      klass = few_class_new (record->id, record->name);
      g_hash_table_insert (gallery->all_classes, key, klass);
      gallery->next_class_id = MAX (gallery->next_class_id, record->id);
    }
  few_class_set_name (klass, record->name);
  few_class_set_prompt (klass, record->prompt);
  few_class_set_unknown (klass, record->unknown);
  return klass;
}

/* Of a project of any number. */
static void
restore_labels (FewGallery *gallery, FewPicture *picture, const FewProjectLabels *labels,
                GPtrArray *classes)
{
  g_autoptr (GPtrArray) own = g_ptr_array_new ();
  for (guint i = 0; labels && i < labels->n; i++)
    g_ptr_array_add (own, classes->pdata[labels->labels[i]]);
  if (own->len > 0)
    few_picture_set_classes (picture, own);
  else
    few_picture_set_class (picture, gallery->none);
}

/* klass: NULL for labels, which restore_labels sets. */
static FewPicture *
restore_picture (FewGallery *gallery, const FewProjectPicture *record, FewClass *klass)
{
  FewPicture *picture = few_gallery_recall_picture (gallery, record->id);
  if (!picture)
    {
      g_autoptr (FewPicture) made =
          few_picture_new_at (record->id, record->path, &record->crop, klass);
      few_picture_set_hash (made, record->sha256);
      few_picture_set_unknown (made, record->unknown);
      few_gallery_remember (gallery, made);
      gallery->next_id = MAX (gallery->next_id, record->id);
      picture = made;
    }
  if (klass)
    few_picture_set_class (picture, klass);
  few_picture_set_test (picture, record->use == FEW_USE_TEST);
  few_picture_set_excluded (picture, record->excluded);
  few_picture_set_confirmed (picture, record->confirmed);
  few_picture_set_path (picture, record->path);
  return picture;
}

/* The picture of a record, with its class or labels of these; borrowed. */
static FewPicture *
restore_record (FewGallery *gallery, const FewProjectPicture *record, gpointer user)
{
  GPtrArray *classes = user;
  gboolean none = record->use == FEW_USE_NONE;
  FewClass *klass = none ? gallery->none : classes->pdata[record->label];
  FewPicture *picture = restore_picture (gallery, record, gallery->several ? NULL : klass);
  if (gallery->several)
    restore_labels (gallery, picture, record->labels, classes);
  few_gallery_enter (gallery, picture);
  return picture;
}

static void
leave_others (FewGallery *gallery, GHashTable *before)
{
  GHashTableIter iter;
  gpointer id;
  gpointer picture;
  g_hash_table_iter_init (&iter, before);
  while (g_hash_table_iter_next (&iter, &id, &picture))
    if (!g_hash_table_contains (gallery->by_id, id))
      few_picture_set_census (picture, NULL);
}

static void
restore_pictures (FewGallery *gallery, const GArray *pieces, GPtrArray *classes, GPtrArray *came)
{
  GPtrArray *pictures = g_ptr_array_new_full (few_pieces_count (pieces), NULL);
  g_autoptr (GHashTable) before = g_steal_pointer (&gallery->by_id);
  gallery->by_id = g_hash_table_new (NULL, NULL);
  for (guint p = 0; p < pieces->len; p++)
    {
      const FewPiece *piece = &g_array_index (pieces, FewPiece, p);
      for (guint i = 0; i < piece->n; i++)
        {
          FewPicture *picture = restore_record (gallery, few_piece_get (piece, i), classes);
          if (!g_hash_table_contains (before, GUINT_TO_POINTER (few_picture_get_id (picture))))
            g_ptr_array_add (came, picture);
          g_ptr_array_add (pictures, picture);
        }
    }
  leave_others (gallery, before);
  few_gallery_become (gallery, pictures);
}

static GPtrArray *
restore_classes (FewGallery *gallery, const FewProject *project)
{
  GPtrArray *classes = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint k = 0; k < project->classes->len; k++)
    g_ptr_array_add (classes, g_object_ref (restore_class (gallery, project->classes->pdata[k])));
  few_list_become (gallery->classes, g_ptr_array_ref (classes));
  few_gallery_touch_classes (gallery);
  gallery->class_records = g_ptr_array_ref (project->classes);
  return classes;
}

gboolean
few_gallery_says (FewGallery *gallery, const FewProject *project, const GArray *pieces)
{
  g_return_val_if_fail (gallery != NULL && project != NULL && pieces != NULL, FALSE);
  return gallery->several == project->any && gallery->class_records == project->classes
         && gallery->pieces && few_pieces_are_same (pieces, gallery->pieces);
}

gboolean
few_gallery_restore (FewGallery *gallery, const FewProject *project, const GArray *pieces,
                     GPtrArray *came, GPtrArray *gone)
{
  g_return_val_if_fail (gallery != NULL && project != NULL && pieces != NULL, FALSE);
  g_return_val_if_fail (came != NULL && gone != NULL, FALSE);
  g_autoptr (GPtrArray) classes = restore_classes (gallery, project);
  gboolean part = gallery->pieces && gallery->several == project->any;
  gallery->several = project->any;
  if (part)
    few_gallery_return (gallery, pieces, restore_record, classes, came, gone);
  else
    restore_pictures (gallery, pieces, classes, came);
  few_gallery_touch_pictures (gallery);
  gallery->pieces = few_pieces_copy (pieces);
  return part;
}

/* ---- filled, some a turn: how far it is, its lists say */

static void
fill_classes (FewGallery *gallery, const FewProject *project, guint first)
{
  guint end = MIN (first + FEW_GALLERY_CLASSES, project->classes->len);
  g_autoptr (GPtrArray) some = g_ptr_array_new ();
  for (guint k = first; k < end; k++)
    g_ptr_array_add (some, restore_class (gallery, project->classes->pdata[k]));
  g_list_store_splice (gallery->classes, first, 0, some->pdata, some->len);
}

static void
fill_pictures (FewGallery *gallery, const FewProject *project, GPtrArray *filled)
{
  guint first = gallery->order->len;
  guint end = MIN (first + FEW_GALLERY_PICTURES, project->pictures->len);
  g_autoptr (GPtrArray) classes = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint k = 0; k < project->classes->len; k++)
    g_ptr_array_add (classes, g_list_model_get_item (G_LIST_MODEL (gallery->classes), k));
  for (guint i = first; i < end; i++)
    {
      FewPicture *picture = restore_record (
          gallery, &g_array_index (project->pictures, FewProjectPicture, i), classes);
      g_ptr_array_add (filled, g_object_ref (picture));
      g_ptr_array_add (gallery->order, picture);
    }
  g_list_store_splice (gallery->pictures, first, 0, gallery->order->pdata + first, end - first);
}

/* The largest of some numbers, of those that leave room for more. */
static guint
find_largest (const guint32 *ids, guint n, guint least)
{
  enum { MOST = 1 << 30 };
  for (guint i = 0; i < n; i++)
    least = ids[i] < MOST ? MAX (least, ids[i]) : least;
  return least;
}

/* Runs and a comparison speak of pictures, and of classes, that may be gone by now: others do not
 * get their numbers. */
static void
spare_numbers (FewGallery *gallery, const FewProject *project)
{
  const FewProjectComparison *comparison = project->comparison;
  for (guint r = 0; r < project->runs->len; r++)
    {
      const FewProjectRun *run = project->runs->pdata[r];
      gallery->next_id = find_largest (run->ids, run->n, gallery->next_id);
    }
  if (!comparison)
    return;
  gallery->next_id = find_largest (comparison->ids, comparison->n, gallery->next_id);
  gallery->next_class_id =
      find_largest (comparison->class_ids, comparison->n_classes, gallery->next_class_id);
}

/* What came of them is what they say. */
static void
share_records (FewGallery *gallery, const FewProject *project)
{
  few_gallery_touch_classes (gallery);
  few_gallery_touch_pictures (gallery);
  gallery->class_records = g_ptr_array_ref (project->classes);
  gallery->picture_records = g_array_ref (project->pictures);
}

gboolean
few_gallery_fill (FewGallery *gallery, const FewProject *project, GPtrArray *filled)
{
  g_return_val_if_fail (gallery != NULL && project != NULL && filled != NULL, FALSE);
  guint classes = g_list_model_get_n_items (G_LIST_MODEL (gallery->classes));
  gallery->several = project->any;
  if (classes < project->classes->len)
    fill_classes (gallery, project, classes);
  else
    fill_pictures (gallery, project, filled);
  gboolean more = g_list_model_get_n_items (G_LIST_MODEL (gallery->classes)) < project->classes->len
                  || gallery->order->len < project->pictures->len;
  if (!more)
    {
      spare_numbers (gallery, project);
      share_records (gallery, project);
    }
  return more;
}
