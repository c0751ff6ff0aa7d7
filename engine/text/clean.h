/* SPDX-License-Identifier: MIT */
/* What tokenizers do to text before they split it. No locale plays a part. */
#pragma once
#include <glib.h>

/* In the order of their names in open_clip: “lower”, (transformers' CLIP), “whitespace”,
 * “canonicalize”, (transformers' SigLIP), (none: what is no UTF-8 becomes U+FFFD). */
typedef enum {
  FEW_CLEAN_LOWER,
  FEW_CLEAN_PLAIN,
  FEW_CLEAN_SPACES,
  FEW_CLEAN_CANONICAL,
  FEW_CLEAN_SIGLIP,
  FEW_CLEAN_NOTHING
} FewCleaning;

/* Any bytes; the result is UTF-8. Free with g_free. LOWER and PLAIN are the two below. SPACES is
 * LOWER with its capitals. CANONICAL: repaired and unescaped, too; "_" becomes a space, ASCII's
 * other punctuation goes, lower case, runs of white space to one (big_vision). SIGLIP: lower case,
 * no ASCII punctuation, runs of white space to one,
 * and “▁”, SentencePiece's mark of a space, before it all. */
char *few_text_clean_as (FewCleaning cleaning, const char *text);
/* OpenAI's and open_clip's: ftfy's repairs, HTML unescaped twice, runs of white space to one
 * space, stripped, lower case as Python's. Any bytes; the result is UTF-8. */
char *few_text_clean (const char *text);
/* Hugging Face's: composed, runs of white space to one space, lower case a character at a
 * time. */
char *few_text_clean_plainly (const char *text);
/* Lower case of a character alone, as Python's and Rust's. */
void few_text_add_lower (GString *out, gunichar c);
