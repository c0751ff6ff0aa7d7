/* SPDX-License-Identifier: MIT */
/* What an edit touches of many pictures: their places, their pieces, and the way back. */
#include "session/few-gallery-private.h"
#include "session/few-records.h"

/* As many changes of the list each are told by themselves; more at once. */
enum { MOST_TOLD = 8 };

/* ---- places */

static int
compare_places (gconstpointer a, gconstpointer b)
{
  guint first = *(const guint *) a;
  guint second = *(const guint *) b;
  return (first > second) - (first < second);
}

/* One pass for many, which looks each up. */
static void
find_many (const GPtrArray *order, const GPtrArray *pictures, GArray *places)
{
  g_autoptr (GHashTable) set = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < pictures->len; i++)
    g_hash_table_add (set, pictures->pdata[i]);
  for (guint i = 0; i < order->len; i++)
    if (g_hash_table_contains (set, order->pdata[i]))
      g_array_append_val (places, i);
}

/* Of those that are in the list, growing. */
static GArray *
find_places (FewGallery *gallery, GPtrArray *pictures)
{
  enum { FEW = 16 };
  GArray *places = g_array_new (FALSE, FALSE, sizeof (guint));
  if (pictures->len > FEW)
    {
      find_many (gallery->order, pictures, places);
      return places;
    }
  for (guint i = 0; i < pictures->len; i++)
    {
      guint place;
      if (g_ptr_array_find (gallery->order, pictures->pdata[i], &place))
        g_array_append_val (places, place);
    }
  g_array_sort (places, compare_places);
  return places;
}

void
few_gallery_touch_some (FewGallery *gallery, GPtrArray *pictures)
{
  g_return_if_fail (gallery != NULL && pictures != NULL);
  few_gallery_forget_records (gallery);
  if (!gallery->pieces)
    return;
  g_autoptr (GArray) places = find_places (gallery, pictures);
  few_pieces_forget (gallery->pieces, places);
}

/* ---- taking out */

/* Pictures that lie together go together. */
static guint
count_runs (const GArray *places)
{
  guint runs = 0;
  for (guint i = 0; i < places->len; i++)
    runs += i == 0 || g_array_index (places, guint, i) > g_array_index (places, guint, i - 1) + 1;
  return runs;
}

/* One change of the list for all of them costs less then. */
static gboolean
lie_near (const GArray *places)
{
  guint n = places->len;
  return n > 0
         && g_array_index (places, guint, n - 1) - g_array_index (places, guint, 0) < FEW_PIECE;
}

/* From the last, so that the places before it stay what they are. */
static void
remove_runs (FewGallery *gallery, const GArray *places)
{
  guint end = places->len;
  while (end > 0)
    {
      guint begin = end - 1;
      guint last = g_array_index (places, guint, begin);
      while (begin > 0
             && g_array_index (places, guint, begin - 1) + 1
                    == g_array_index (places, guint, begin))
        begin--;
      guint first = g_array_index (places, guint, begin);
      g_ptr_array_remove_range (gallery->order, first, last - first + 1);
      g_list_store_splice (gallery->pictures, first, last - first + 1, NULL, 0);
      end = begin;
    }
}

static void
remove_many (FewGallery *gallery, const GArray *places)
{
  GPtrArray *now = g_ptr_array_new_full (gallery->order->len, NULL);
  guint next = 0;
  for (guint i = 0; i < gallery->order->len; i++)
    if (next < places->len && g_array_index (places, guint, next) == i)
      next++;
    else
      g_ptr_array_add (now, gallery->order->pdata[i]);
  few_gallery_become (gallery, now);
}

void
few_gallery_take_out (FewGallery *gallery, GPtrArray *pictures)
{
  g_return_if_fail (gallery != NULL && pictures != NULL);
  g_autoptr (GArray) places = find_places (gallery, pictures);
  for (guint i = 0; i < pictures->len; i++)
    few_gallery_leave (gallery, pictures->pdata[i]);
  if (gallery->pieces)
    few_pieces_drop (gallery->pieces, places);
  if (!lie_near (places) && count_runs (places) <= MOST_TOLD)
    remove_runs (gallery, places);
  else
    remove_many (gallery, places);
  few_gallery_forget_records (gallery);
}

/* ---- a state to come back to */

static void
make_records (FewGallery *gallery)
{
  g_autoptr (GHashTable) numbers = NULL;
  guint place = 0;
  for (guint i = 0; i < gallery->pieces->len; i++)
    {
      FewPiece *piece = &g_array_index (gallery->pieces, FewPiece, i);
      if (!piece->records)
        {
          if (!numbers)
            numbers = few_records_number_classes (G_LIST_MODEL (gallery->classes));
          piece->records = few_project_pictures_new (piece->n);
          piece->first = 0;
          few_records_add (piece->records, numbers, gallery->order, place, piece->n,
                           gallery->several);
        }
      place += piece->n;
    }
}

GArray *
few_gallery_keep (FewGallery *gallery)
{
  g_return_val_if_fail (gallery != NULL, NULL);
  if (!gallery->pieces)
    {
      gallery->pieces = few_pieces_new ();
      few_pieces_add_records (gallery->pieces, few_gallery_get_records (gallery));
    }
  make_records (gallery);
  return few_pieces_copy (gallery->pieces);
}

/* ---- and back */

typedef struct
{
  FewGallery *gallery;
  const GArray *pieces; /* to become */
  const GPtrArray *old; /* the order of before */
  GHashTable *before; /* FewPicture: those of pieces that are others */
  GPtrArray *came;
  FewGalleryMaker make;
  gpointer user;
  guint n_others; /* pieces */
} Return;

/* Out of the list by number, until all are found that come. */
static void
leave_piece (Return *back, guint place, guint n)
{
  for (guint i = place; i < place + n; i++)
    {
      FewPicture *picture = back->old->pdata[i];
      g_hash_table_add (back->before, picture);
      few_gallery_leave (back->gallery, picture);
    }
}

static void
leave_others (Return *back)
{
  const GArray *now = back->gallery->pieces;
  guint place = 0;
  for (guint i = 0; i < MAX (now->len, back->pieces->len); i++)
    {
      const FewPiece *old = few_pieces_get (now, i);
      guint n = old ? old->n : 0;
      if (!few_piece_is_same (few_pieces_get (back->pieces, i), old))
        {
          leave_piece (back, place, n);
          back->n_others++;
        }
      place += n;
    }
}

static void
make_piece (Return *back, const FewPiece *piece, GPtrArray *order)
{
  for (guint i = 0; piece && i < piece->n; i++)
    {
      FewPicture *picture = back->make (back->gallery, few_piece_get (piece, i), back->user);
      g_ptr_array_add (order, picture);
      if (!g_hash_table_remove (back->before, picture))
        g_ptr_array_add (back->came, picture);
    }
}

static void
make_order (Return *back, GPtrArray *order)
{
  const GArray *now = back->gallery->pieces;
  guint place = 0;
  for (guint i = 0; i < MAX (now->len, back->pieces->len); i++)
    {
      const FewPiece *old = few_pieces_get (now, i);
      const FewPiece *piece = few_pieces_get (back->pieces, i);
      guint n = old ? old->n : 0;
      if (few_piece_is_same (piece, old))
        for (guint j = place; j < place + n; j++)
          g_ptr_array_add (order, back->old->pdata[j]);
      else
        make_piece (back, piece, order);
      place += n;
    }
}

/* The list of a piece that is another one becomes what the order says. */
static void
tell_piece (Return *back, guint was, guint n, guint at, guint more)
{
  GPtrArray *order = back->gallery->order;
  gpointer *old = back->old->pdata + was;
  gpointer *now = order->pdata + at;
  guint first = 0;
  guint last = 0;
  while (first < n && first < more && old[first] == now[first])
    first++;
  while (last < n - first && last < more - first && old[n - 1 - last] == now[more - 1 - last])
    last++;
  if (first + last < n || first + last < more)
    g_list_store_splice (back->gallery->pictures, at + first, n - first - last, now + first,
                         more - first - last);
}

static void
tell_others (Return *back)
{
  const GArray *now = back->gallery->pieces;
  guint was = 0;
  guint at = 0;
  for (guint i = 0; i < MAX (now->len, back->pieces->len); i++)
    {
      const FewPiece *old = few_pieces_get (now, i);
      const FewPiece *piece = few_pieces_get (back->pieces, i);
      guint n = old ? old->n : 0;
      guint more = piece ? piece->n : 0;
      if (!few_piece_is_same (piece, old))
        tell_piece (back, was, n, at, more);
      was += n;
      at += more;
    }
}

void
few_gallery_return (FewGallery *gallery, const GArray *pieces, FewGalleryMaker make, gpointer user,
                    GPtrArray *came, GPtrArray *gone)
{
  g_return_if_fail (gallery != NULL && gallery->pieces != NULL && pieces != NULL);
  g_return_if_fail (make != NULL && came != NULL && gone != NULL);
  g_autoptr (GHashTable) before = g_hash_table_new (NULL, NULL);
  Return back = { gallery, pieces, gallery->order, before, came, make, user, 0 };
  GPtrArray *order = g_ptr_array_new_full (few_pieces_count (pieces), NULL);
  GHashTableIter iter;
  gpointer picture;
  leave_others (&back);
  make_order (&back, order);
  g_hash_table_iter_init (&iter, before);
  while (g_hash_table_iter_next (&iter, &picture, NULL))
    g_ptr_array_add (gone, picture);
  if (back.n_others > MOST_TOLD)
    few_gallery_become (gallery, order);
  else
    {
      g_autoptr (GPtrArray) old = gallery->order;
      gallery->order = order;
      tell_others (&back);
    }
}
