/* SPDX-License-Identifier: MIT */
/* SentencePiece's precompiled table of what characters become before a text is split (Kudo and
 * Richardson 2018): a Darts double-array trie over UTF-8, whose values point into a block of
 * replacements. */
#pragma once
#include <glib.h>

typedef struct FewCharsmap FewCharsmap;

/* NULL where the table is not one. No bytes: a table that changes nothing. */
FewCharsmap *few_charsmap_new (const guint8 *data, gsize length);
void few_charsmap_free (FewCharsmap *map);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewCharsmap, few_charsmap_free)
/* SentencePiece's own way: what the longest known beginning of `text` (at least one byte) becomes,
 * or its first character where none is known; *used is how many bytes of the text that was.
 * Closed by *length, not by a zero byte. */
const char *few_charsmap_longest (const FewCharsmap *map, const char *text, gsize n, gsize *used,
                                  gsize *length);
/* What Hugging Face's normalizer “Precompiled” makes of a text: it looks at clusters of less than
 * six bytes whole, at characters alone otherwise, and takes the shortest beginning. Valid UTF-8. */
void few_charsmap_apply (const FewCharsmap *map, const char *text, GString *out);
