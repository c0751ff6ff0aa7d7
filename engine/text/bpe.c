/* SPDX-License-Identifier: MIT */
/* Byte pair encoding over characters, with bytes for those that are unknown: neighbours merge, the
 * earliest rank first, the leftmost of a rank first. The texts are whole sentences, as there is no
 * splitting at spaces before: a heap of neighbours keeps long ones fast. */
#include "text/pieces.h"
#include <string.h>

enum { MAX_MERGES = 1 << 21 };

/* ---- ranks */

static guint
slot_of (const FewPieces *pieces, guint64 pair)
{
  guint slot = (guint) (pair >> 20) & (pieces->n_slots - 1);
  while (pieces->ranks[slot].rank && pieces->ranks[slot].pair != pair)
    slot = (slot + 1) & (pieces->n_slots - 1);
  return slot;
}

static void
grow (FewPieces *pieces, guint n_slots)
{
  guint before = pieces->n_slots;
  FewRank *old = pieces->ranks;
  pieces->n_slots = n_slots;
  pieces->ranks = g_new0 (FewRank, pieces->n_slots);
  for (guint i = 0; i < before; i++)
    if (old[i].rank)
      pieces->ranks[slot_of (pieces, old[i].pair)] = old[i];
  g_free (old);
}

void
few_pieces_expect_merges (FewPieces *pieces, gsize n)
{
  guint n_slots = 4096;
  while (n_slots / 4 * 3 < MIN (n, MAX_MERGES))
    n_slots *= 2;
  if (n_slots > pieces->n_slots)
    grow (pieces, n_slots);
}

/* Pairs are told apart by 64 bits: two of a million are taken for each other once in many million
 * vocabularies, and then a text is split otherwise. */
static guint64
mix (guint64 left, guint64 right)
{
  guint64 hash = left * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15); /* the golden ratio */
  hash = (hash ^ hash >> 32 ^ right) * G_GUINT64_CONSTANT (0xd6e8feb86659fd93);
  return hash ^ hash >> 32;
}

static guint64
pair_of (const FewPieces *pieces, gint32 left, gint32 right)
{
  return mix (few_symbols_hash_of (pieces->symbols, left),
              few_symbols_hash_of (pieces->symbols, right));
}

gboolean
few_pieces_add_merge (FewPieces *pieces, const char *left, gsize n_left, const char *right,
                      gsize n_right)
{
  if (pieces->n_ranks >= MAX_MERGES)
    return FALSE;
  if (pieces->n_ranks >= pieces->n_slots / 4 * 3)
    few_pieces_expect_merges (pieces, pieces->n_ranks + 1);
  guint64 pair = mix (few_symbols_hash_text (left, n_left), few_symbols_hash_text (right, n_right));
  guint slot = slot_of (pieces, pair);
  pieces->n_ranks++;
  pieces->ranks[slot] = (FewRank) { pair, pieces->n_ranks };
  return TRUE;
}

/* ---- a word */

typedef struct
{
  gint32 id; /* −1: merged into the one before */
  gint32 before, after; /* −1: none */
} Symbol;

typedef struct
{
  guint32 rank;
  gint32 at; /* the left one */
  guint64 pair;
} Candidate;

static gboolean
comes_first (const Candidate *a, const Candidate *b)
{
  return a->rank != b->rank ? a->rank < b->rank : a->at < b->at;
}

static void
push (GArray *heap, Candidate candidate)
{
  g_array_append_val (heap, candidate);
  Candidate *c = (Candidate *) (void *) heap->data;
  for (guint i = heap->len - 1; i > 0 && comes_first (&candidate, &c[(i - 1) / 2]); i = (i - 1) / 2)
    {
      c[i] = c[(i - 1) / 2];
      c[(i - 1) / 2] = candidate;
    }
}

static Candidate
pop (GArray *heap)
{
  Candidate *c = (Candidate *) (void *) heap->data;
  Candidate first = c[0];
  Candidate last = c[heap->len - 1];
  guint n = heap->len - 1;
  guint i = 0;
  for (guint child = 1; child < n; child = 2 * i + 1)
    {
      if (child + 1 < n && comes_first (&c[child + 1], &c[child]))
        child++;
      if (!comes_first (&c[child], &last))
        break;
      c[i] = c[child];
      i = child;
    }
  c[i] = last;
  g_array_set_size (heap, n);
  return first;
}

static void
consider (const FewPieces *pieces, const Symbol *symbols, gint32 at, GArray *heap)
{
  gint32 next = at >= 0 ? symbols[at].after : -1;
  if (next < 0 || pieces->n_slots == 0)
    return;
  guint64 pair = pair_of (pieces, symbols[at].id, symbols[next].id);
  const FewRank *rank = &pieces->ranks[slot_of (pieces, pair)];
  if (rank->rank)
    push (heap, (Candidate) { rank->rank, at, pair });
}

/* The symbol that two make; −1 where the vocabulary has none. It is looked for here and not when
 * the file is read: that would be a third of the time of opening. */
static gint32
join (const FewPieces *pieces, gint32 left, gint32 right)
{
  char both[2 * FEW_MAX_SYMBOL_BYTES];
  gsize n_left = 0;
  gsize n_right = 0;
  const char *a = few_symbols_text (pieces->symbols, left, &n_left);
  const char *b = few_symbols_text (pieces->symbols, right, &n_right);
  if (!a || !b)
    return -1;
  memcpy (both, a, n_left);
  memcpy (both + n_left, b, n_right);
  return few_symbols_find (pieces->symbols, both, n_left + n_right);
}

static void
merge (const FewPieces *pieces, Symbol *symbols, guint n)
{
  g_autoptr (GArray) heap = g_array_new (FALSE, FALSE, sizeof (Candidate));
  for (guint i = 0; i < n; i++)
    consider (pieces, symbols, (gint32) i, heap);
  while (heap->len > 0)
    {
      Candidate best = pop (heap);
      Symbol *left = &symbols[best.at];
      if (left->id < 0 || left->after < 0
          || pair_of (pieces, left->id, symbols[left->after].id) != best.pair)
        continue; /* one of them has merged meanwhile */
      Symbol *right = &symbols[left->after];
      gint32 id = join (pieces, left->id, right->id);
      if (id < 0)
        continue;
      left->id = id;
      left->after = right->after;
      right->id = -1;
      if (left->after >= 0)
        symbols[left->after].before = best.at;
      consider (pieces, symbols, left->before, heap);
      consider (pieces, symbols, best.at, heap);
    }
}

/* The ids of the characters. */
static void
spell (const FewPieces *pieces, const char *word, gsize n, FewIds *ids)
{
  gboolean in_run = FALSE;
  for (const char *p = word; p < word + n; p = g_utf8_next_char (p))
    {
      gsize length = (gsize) (g_utf8_next_char (p) - p);
      gint32 id = few_symbols_find (pieces->symbols, p, length);
      guint before = ids->len;
      if (id >= 0)
        g_array_append_val (ids, id);
      else
        few_pieces_add_unknown (pieces, p, length, ids);
      gboolean unknown = id < 0 && ids->len == before + 1
                         && g_array_index (ids, gint32, before) == pieces->unknown;
      if (unknown && in_run && pieces->fuse_unknown)
        g_array_set_size (ids, before);
      in_run = unknown;
    }
}

static void
encode (const FewPieces *pieces, const char *word, gsize n, FewIds *ids)
{
  gint32 whole = pieces->whole_first ? few_symbols_find (pieces->symbols, word, n) : -1;
  if (whole >= 0)
    {
      g_array_append_val (ids, whole);
      return;
    }
  guint start = ids->len;
  spell (pieces, word, n, ids);
  guint count = ids->len - start;
  g_autofree Symbol *symbols = g_new (Symbol, count + 1);
  for (guint i = 0; i < count; i++)
    symbols[i] = (Symbol) { g_array_index (ids, gint32, start + i), (gint32) i - 1,
                            i + 1 < count ? (gint32) i + 1 : -1 };
  merge (pieces, symbols, count);
  g_array_set_size (ids, start);
  for (guint i = 0; i < count; i++)
    if (symbols[i].id >= 0)
      g_array_append_val (ids, symbols[i].id);
}

const FewPiecesKind few_bpe_pieces = { "BPE", encode };
