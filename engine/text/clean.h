/* SPDX-License-Identifier: MIT */
/* What CLIP's tokenizers do to text before they split it. No locale plays a part. */
#pragma once
#include <glib.h>

/* OpenAI's and open_clip's: ftfy's repairs, HTML unescaped twice, runs of white space to one
 * space, stripped, lower case as Python's. Any bytes; the result is UTF-8. */
char *few_text_clean (const char *text);
/* Hugging Face's: composed, runs of white space to one space, lower case a character at a
 * time. */
char *few_text_clean_plainly (const char *text);
