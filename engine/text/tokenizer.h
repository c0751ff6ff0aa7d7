/* SPDX-License-Identifier: MIT */
/* Text to tokens, as the model's folder says: CLIP's byte pairs, or the steps of a tokenizer.json,
 * of a SentencePiece model or of a vocab.txt. */
#pragma once
#include <glib.h>

typedef struct FewTokenizer FewTokenizer;

/* Looks in `folder`, first at the config: which tokenizer it is, is never guessed. `vocab_size` is
 * the model's: a vocabulary with a larger id is refused. Immutable, thread-safe. */
FewTokenizer *few_tokenizer_open (const char *folder, guint vocab_size, GError **error);
void few_tokenizer_free (FewTokenizer *tokenizer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewTokenizer, few_tokenizer_free)
/* Of all that its ids depend on: 64 hex digits, free with g_free. */
char *few_tokenizer_sha256 (const FewTokenizer *tokenizer);
/* Writes at most `context` ids, those around every text included, and returns how many. Over-long
 * text is cut before the closing ones, and sets *cut. `text` is UTF-8. */
guint few_tokenizer_encode (const FewTokenizer *tokenizer, const char *text, guint context,
                            gint32 *ids, gboolean *cut);
/* What fills a context behind the text. */
gint32 few_tokenizer_padding (const FewTokenizer *tokenizer);
/* The id that closes every text; −1 where none does. */
gint32 few_tokenizer_end (const FewTokenizer *tokenizer);
/* Sets the bit of every GUnicodeScript of which the vocabulary has more than some words. A model
 * has hardly seen the others. */
enum { FEW_SCRIPT_WORDS = 8 };
void few_tokenizer_scripts (const FewTokenizer *tokenizer, guint32 scripts[FEW_SCRIPT_WORDS]);
