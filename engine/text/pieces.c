/* SPDX-License-Identifier: MIT */
/* What the kinds share: the vocabulary, what stands for unknown characters. */
#include "text/pieces.h"

FewPieces *
few_pieces_new (const FewPiecesKind *kind)
{
  FewPieces *pieces = g_new0 (FewPieces, 1);
  pieces->kind = kind;
  pieces->symbols = few_symbols_new ();
  pieces->unknown = -1;
  for (guint i = 0; i < 256; i++)
    pieces->bytes[i] = -1;
  return pieces;
}

void
few_pieces_free (FewPieces *pieces)
{
  few_symbols_free (pieces->symbols);
  g_free (pieces->scores);
  g_free (pieces->ranks);
  g_free (pieces->continuing);
  g_free (pieces);
}

void
few_pieces_find_bytes (FewPieces *pieces)
{
  for (guint i = 0; i < 256; i++)
    {
      char name[8];
      int n = g_snprintf (name, sizeof name, "<0x%02X>", i);
      pieces->bytes[i] = few_symbols_find (pieces->symbols, name, (gsize) n);
    }
}

void
few_pieces_add_unknown (const FewPieces *pieces, const char *text, gsize n, FewIds *ids)
{
  gboolean all = pieces->bytes_known;
  for (gsize i = 0; i < n && all; i++)
    all = pieces->bytes[(guint8) text[i]] >= 0;
  for (gsize i = 0; i < n && all; i++)
    g_array_append_val (ids, pieces->bytes[(guint8) text[i]]);
  if (!all && pieces->unknown >= 0)
    g_array_append_val (ids, pieces->unknown);
}
