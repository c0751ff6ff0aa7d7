/* SPDX-License-Identifier: MIT */
/* CLIP's byte-level BPE tokenizer (OpenAI, simple_tokenizer.py), from vocab.json + merges.txt or
 * from tokenizer.json. */
#pragma once
#include <glib.h>

typedef struct FewTokenizer FewTokenizer;

/* Looks in `folder`. `vocab_size` is the model's: a vocabulary with a larger id is refused.
 * Immutable, thread-safe. */
FewTokenizer *few_tokenizer_open (const char *folder, guint vocab_size, GError **error);
void few_tokenizer_free (FewTokenizer *tokenizer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewTokenizer, few_tokenizer_free)
/* Of all that its ids depend on: 64 hex digits, free with g_free. */
char *few_tokenizer_sha256 (const FewTokenizer *tokenizer);
/* What fills a context behind the text. */
gint32 few_tokenizer_padding (const FewTokenizer *tokenizer);
/* Writes at most `context` ids, start and end token included, and returns how many. Over-long
 * text keeps the end token and sets *cut. `text` is UTF-8. */
guint few_tokenizer_encode (const FewTokenizer *tokenizer, const char *text, guint context,
                            gint32 *ids, gboolean *cut);
