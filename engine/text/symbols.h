/* SPDX-License-Identifier: MIT */
/* A vocabulary: byte strings and their ids, both ways. A million of them take some 40 MB. */
#pragma once
#include <glib.h>

/* The most symbols of any tokenizer that is opened. XLM-V, the largest in use, has 901,629. */
enum { FEW_MAX_SYMBOLS = 1 << 20, FEW_MAX_SYMBOL_BYTES = 4096 };

typedef struct FewSymbols FewSymbols;

FewSymbols *few_symbols_new (void);
void few_symbols_free (FewSymbols *symbols);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewSymbols, few_symbols_free)
/* FALSE where there are too many, where one is too long or its id too large. One that is there
 * already gets the new id. */
gboolean few_symbols_add (FewSymbols *symbols, const char *text, gsize n, gint32 id);
/* The id; −1 where there is none. */
gint32 few_symbols_find (const FewSymbols *symbols, const char *text, gsize n);
guint few_symbols_count (const FewSymbols *symbols);
/* Bytes */
guint few_symbols_longest (const FewSymbols *symbols);
/* One past the largest id. */
guint few_symbols_end (const FewSymbols *symbols);
/* What an id stands for; NULL where it stands for nothing. Not closed by a zero byte. */
const char *few_symbols_text (const FewSymbols *symbols, gint32 id, gsize *n);

/* The hash of the text of an id that has one. */
guint64 few_symbols_hash_of (const FewSymbols *symbols, gint32 id);

/* For looking up one beginning after the other: few_symbols_hash over the bytes, one by one, from
 * FEW_SYMBOLS_SEED on. */
#define FEW_SYMBOLS_SEED G_GUINT64_CONSTANT (0xcbf29ce484222325)
static inline guint64
few_symbols_hash (guint64 hash, char byte)
{
  return (hash ^ (guint8) byte) * G_GUINT64_CONSTANT (0x100000001b3); /* FNV-1a */
}
gint32 few_symbols_find_hashed (const FewSymbols *symbols, const char *text, gsize n, guint64 hash);
guint64 few_symbols_hash_text (const char *text, gsize n);
