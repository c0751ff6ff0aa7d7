/* SPDX-License-Identifier: MIT */
/* BERT's symbols: the longest that a word begins with, then the longest with "##" before it that
 * goes on, and so on; a word for which that fails is unknown as a whole. */
#include "text/pieces.h"
#include <string.h>

/* The end of the longest symbol from `start` on; `start` where there is none. */
static gsize
find_longest (const FewPieces *pieces, const char *word, gsize n, gsize start, GString *name,
              gint32 *id)
{
  gsize prefix = start > 0 ? strlen (pieces->continuing) : 0;
  g_string_truncate (name, 0);
  g_string_append_len (name, pieces->continuing, (gssize) prefix);
  g_string_append_len (name, word + start, (gssize) (n - start));
  for (gsize end = n; end > start; end = (gsize) (g_utf8_prev_char (word + end) - word))
    {
      *id = few_symbols_find (pieces->symbols, name->str, prefix + end - start);
      if (*id >= 0)
        return end;
    }
  return start;
}

static void
encode (const FewPieces *pieces, const char *word, gsize n, FewIds *ids)
{
  guint before = ids->len;
  gboolean known = (guint) g_utf8_strlen (word, (gssize) n) <= pieces->longest_word;
  g_autoptr (GString) name = g_string_new (NULL);
  for (gsize at = 0; known && at < n;)
    {
      gint32 id = -1;
      gsize end = find_longest (pieces, word, n, at, name, &id);
      known = end > at;
      if (known)
        g_array_append_val (ids, id);
      at = end;
    }
  if (known)
    return;
  g_array_set_size (ids, before);
  if (pieces->unknown >= 0)
    g_array_append_val (ids, pieces->unknown);
}

const FewPiecesKind few_wordpiece_pieces = { "WordPiece", encode };
