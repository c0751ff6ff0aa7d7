/* SPDX-License-Identifier: MIT */
/* A list of slices. */
#include "session/few-pieces.h"

static void
piece_clear (gpointer data)
{
  FewPiece *piece = data;
  g_clear_pointer (&piece->records, g_array_unref);
}

GArray *
few_pieces_new (void)
{
  GArray *pieces = g_array_new (FALSE, FALSE, sizeof (FewPiece));
  g_array_set_clear_func (pieces, piece_clear);
  return pieces;
}

void
few_pieces_add_records (GArray *pieces, GArray *records)
{
  g_return_if_fail (pieces != NULL && records != NULL);
  for (guint first = 0; first < records->len; first += FEW_PIECE)
    {
      FewPiece piece = { g_array_ref (records), first, MIN (FEW_PIECE, records->len - first) };
      g_array_append_val (pieces, piece);
    }
}

/* As many as it has room for, so that pictures that come one by one become no pieces of one each;
 * how many. */
static guint
fill_last (GArray *pieces, guint n)
{
  FewPiece *last = pieces->len > 0 ? &g_array_index (pieces, FewPiece, pieces->len - 1) : NULL;
  if (n == 0 || !last || last->n >= FEW_PIECE)
    return 0;
  guint more = MIN (FEW_PIECE - last->n, n);
  piece_clear (last);
  last->n += more;
  return more;
}

void
few_pieces_add_unknown (GArray *pieces, guint n)
{
  g_return_if_fail (pieces != NULL);
  for (n -= fill_last (pieces, n); n > 0; n -= MIN (FEW_PIECE, n))
    {
      FewPiece piece = { NULL, 0, MIN (FEW_PIECE, n) };
      g_array_append_val (pieces, piece);
    }
}

GArray *
few_pieces_copy (const GArray *pieces)
{
  g_return_val_if_fail (pieces != NULL, NULL);
  GArray *copy = few_pieces_new ();
  for (guint i = 0; i < pieces->len; i++)
    {
      FewPiece piece = g_array_index (pieces, FewPiece, i);
      if (piece.records)
        g_array_ref (piece.records);
      g_array_append_val (copy, piece);
    }
  return copy;
}

guint
few_pieces_count (const GArray *pieces)
{
  g_return_val_if_fail (pieces != NULL, 0);
  guint n = 0;
  for (guint i = 0; i < pieces->len; i++)
    n += g_array_index (pieces, FewPiece, i).n;
  return n;
}

const FewPiece *
few_pieces_get (const GArray *pieces, guint i)
{
  g_return_val_if_fail (pieces != NULL, NULL);
  return i < pieces->len ? &g_array_index (pieces, FewPiece, i) : NULL;
}

/* One pass for all places. */
static void
touch (GArray *pieces, const GArray *places, gboolean drop)
{
  guint next = 0;
  guint end = 0;
  for (guint i = 0; i < pieces->len && next < places->len; i++)
    {
      FewPiece *piece = &g_array_index (pieces, FewPiece, i);
      guint first = next;
      end += piece->n;
      while (next < places->len && g_array_index (places, guint, next) < end)
        next++;
      if (next > first)
        piece_clear (piece);
      piece->n -= drop ? next - first : 0;
    }
}

void
few_pieces_forget (GArray *pieces, const GArray *places)
{
  g_return_if_fail (pieces != NULL && places != NULL);
  touch (pieces, places, FALSE);
}

void
few_pieces_drop (GArray *pieces, const GArray *places)
{
  g_return_if_fail (pieces != NULL && places != NULL);
  touch (pieces, places, TRUE);
}

gboolean
few_piece_is_same (const FewPiece *a, const FewPiece *b)
{
  return a && b && a->records && a->records == b->records && a->first == b->first && a->n == b->n;
}

gboolean
few_pieces_are_same (const GArray *a, const GArray *b)
{
  g_return_val_if_fail (a != NULL && b != NULL, FALSE);
  gboolean same = a->len == b->len;
  for (guint i = 0; i < a->len && same; i++)
    same = few_piece_is_same (&g_array_index (a, FewPiece, i), &g_array_index (b, FewPiece, i));
  return same;
}

const FewProjectPicture *
few_piece_get (const FewPiece *piece, guint i)
{
  g_return_val_if_fail (piece != NULL && piece->records != NULL && i < piece->n, NULL);
  return &g_array_index (piece->records, FewProjectPicture, piece->first + i);
}
