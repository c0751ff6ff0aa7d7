/* SPDX-License-Identifier: MIT */
/* The most probable segmentation of a word: Viterbi's algorithm over its bytes. It is a page; the
 * SentencePiece library would bring C++ and Protocol Buffers for it, and splits otherwise than
 * Hugging Face's tokenizers in the small (sums in single precision, other clusters). */
#include "text/pieces.h"

/* How much worse than the rarest symbol an unknown character is (SentencePiece). */
static const double UNKNOWN_PENALTY = 10;

typedef struct
{
  double score; /* of the best way that ends here */
  gsize start;  /* where its last symbol begins */
  gint32 id;    /* −1: nothing ends here; −2: unknown */
} Node;

enum { NOTHING = -1, UNKNOWN = -2 };

static void
offer (const FewPieces *pieces, Node *node, double before, double score, gsize start, gint32 id)
{
  double sum = pieces->single ? (double) ((float) before + (float) score) : before + score;
  if (node->id == NOTHING || sum > node->score)
    *node = (Node) { sum, start, id };
}

/* Every symbol that begins at `start`; an unknown character where none is as long as it. */
static void
step (const FewPieces *pieces, const char *word, gsize n, gsize start, Node *nodes)
{
  guint64 hash = FEW_SYMBOLS_SEED;
  gsize most = MIN (n - start, few_symbols_longest (pieces->symbols));
  gsize first = (gsize) (g_utf8_next_char (word + start) - word) - start;
  gboolean known = FALSE;
  for (gsize length = 1; length <= most; length++)
    {
      hash = few_symbols_hash (hash, word[start + length - 1]);
      if (start + length < n && ((guint8) word[start + length] & 0xc0) == 0x80)
        continue; /* inside a character */
      gint32 id = few_symbols_find_hashed (pieces->symbols, word + start, length, hash);
      if (id < 0 || (guint) id >= pieces->n_scores)
        continue;
      known = known || length == first;
      offer (pieces, &nodes[start + length], nodes[start].score, pieces->scores[id], start, id);
    }
  if (!known)
    offer (pieces, &nodes[start + first], nodes[start].score, pieces->worst - UNKNOWN_PENALTY,
           start, UNKNOWN);
}

static void
encode (const FewPieces *pieces, const char *word, gsize n, FewIds *ids)
{
  g_autofree Node *nodes = g_new (Node, n + 1);
  g_autoptr (GArray) ends = g_array_new (FALSE, FALSE, sizeof (gsize));
  for (gsize i = 0; i <= n; i++)
    nodes[i] = (Node) { 0, 0, NOTHING };
  for (gsize at = 0; at < n; at = (gsize) (g_utf8_next_char (word + at) - word))
    step (pieces, word, n, at, nodes);
  for (gsize end = n; end > 0; end = nodes[end].start)
    g_array_append_val (ends, end);
  for (guint i = ends->len; i > 0; i--)
    {
      gsize end = g_array_index (ends, gsize, i - 1);
      gsize start = nodes[end].start;
      gboolean unknown = nodes[end].id == UNKNOWN || nodes[end].id == pieces->unknown;
      if (!unknown)
        {
          g_array_append_val (ids, nodes[end].id);
          continue;
        }
      /* a run of unknown characters is one symbol */
      for (; i > 1; i--)
        {
          gsize next = g_array_index (ends, gsize, i - 2);
          if (nodes[next].id != UNKNOWN && nodes[next].id != pieces->unknown)
            break;
          end = next;
        }
      few_pieces_add_unknown (pieces, word + start, end - start, ids);
    }
}

const FewPiecesKind few_unigram_pieces = { "Unigram", encode };
