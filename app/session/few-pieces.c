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

/* records: NULL of none. */
static void
add_pieces (GArray *pieces, GArray *records, guint n)
{
  for (guint first = 0; first < n; first += FEW_PIECE)
    {
      FewPiece piece = { records ? g_array_ref (records) : NULL, first,
                         MIN (FEW_PIECE, n - first) };
      g_array_append_val (pieces, piece);
    }
}

void
few_pieces_add_records (GArray *pieces, GArray *records)
{
  g_return_if_fail (pieces != NULL && records != NULL);
  add_pieces (pieces, records, records->len);
}

void
few_pieces_add_unknown (GArray *pieces, guint n)
{
  g_return_if_fail (pieces != NULL);
  add_pieces (pieces, NULL, n);
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

/* That has the picture at this place; NULL: there is none. */
static FewPiece *
find_piece (GArray *pieces, guint place)
{
  guint end = 0;
  for (guint i = 0; i < pieces->len; i++)
    {
      FewPiece *piece = &g_array_index (pieces, FewPiece, i);
      end += piece->n;
      if (place < end)
        return piece;
    }
  return NULL;
}

static FewPiece *
forget (GArray *pieces, guint place)
{
  FewPiece *piece = find_piece (pieces, place);
  g_return_val_if_fail (piece != NULL, NULL);
  piece_clear (piece);
  return piece;
}

void
few_pieces_forget (GArray *pieces, guint place)
{
  g_return_if_fail (pieces != NULL);
  forget (pieces, place);
}

void
few_pieces_drop (GArray *pieces, guint place)
{
  g_return_if_fail (pieces != NULL);
  FewPiece *piece = forget (pieces, place);
  if (piece)
    piece->n--;
}

gboolean
few_piece_is_same (const FewPiece *a, const FewPiece *b)
{
  return a && b && a->records && a->records == b->records && a->first == b->first && a->n == b->n;
}

const FewProjectPicture *
few_piece_get (const FewPiece *piece, guint i)
{
  g_return_val_if_fail (piece != NULL && piece->records != NULL && i < piece->n, NULL);
  return &g_array_index (piece->records, FewProjectPicture, piece->first + i);
}
