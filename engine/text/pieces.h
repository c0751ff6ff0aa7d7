/* SPDX-License-Identifier: MIT */
/* What splits a word into symbols: a table a kind, over a vocabulary. */
#pragma once
#include "text/symbols.h"

typedef GArray FewIds; /* gint32 */

typedef struct FewPieces FewPieces;

typedef struct
{
  const char *name; /* as tokenizer.json calls it */
  /* The ids of a word, behind those that are there. Valid UTF-8, never empty. */
  void (*encode) (const FewPieces *pieces, const char *word, gsize n, FewIds *ids);
} FewPiecesKind;

/* “Unigram” (Kudo 2018), “BPE” over characters (Sennrich et al. 2016), “WordPiece” (Schuster and
 * Nakajima 2012). */
extern const FewPiecesKind few_unigram_pieces, few_bpe_pieces, few_wordpiece_pieces;

typedef struct
{
  guint64 pair; /* the hashes of two symbols, mixed */
  guint32 rank; /* + 1; 0: the slot is free */
} FewRank;

struct FewPieces
{
  const FewPiecesKind *kind;
  FewSymbols *symbols;
  gint32 unknown; /* −1: what is unknown gives no id */
  gboolean fuse_unknown; /* a run of unknown characters is one symbol */
  gboolean bytes_known; /* unknown characters become bytes, one symbol each */
  gint32 bytes[256]; /* … where the vocabulary has all that it takes; −1: it lacks one */
  /* Unigram: logarithms of probabilities by id, and the worst of them */
  double *scores;
  guint n_scores;
  double worst;
  gboolean single; /* sums are kept in single precision, as SentencePiece does */
  /* BPE */
  FewRank *ranks;
  guint n_slots, n_ranks;
  gboolean whole_first; /* a word that is a symbol is that symbol */
  /* WordPiece */
  char *continuing; /* before a symbol inside a word: "##" */
  guint longest_word; /* characters */
};

FewPieces *few_pieces_new (const FewPiecesKind *kind);
void few_pieces_free (FewPieces *pieces);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewPieces, few_pieces_free)
/* Once all symbols are there: <0x00> to <0xFF>. */
void few_pieces_find_bytes (FewPieces *pieces);
/* Makes room for about that many merges. */
void few_pieces_expect_merges (FewPieces *pieces, gsize n);
/* A merge of two symbols, after those that are there. FALSE where there are too many. Whether they
 * are symbols is seen when a text has them: to look each up would be most of the time of
 * opening. */
gboolean few_pieces_add_merge (FewPieces *pieces, const char *left, gsize n_left, const char *right,
                               gsize n_right);
/* An unknown run of bytes: as bytes, as the unknown symbol or not at all. */
void few_pieces_add_unknown (const FewPieces *pieces, const char *text, gsize n, FewIds *ids);
