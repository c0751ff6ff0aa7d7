/* SPDX-License-Identifier: MIT */
/* What CLIP's tokenizer does to text before splitting it. */
#pragma once
#include <glib.h>

/* Straight quotes, HTML entities (twice), composed characters, runs of white space to one space,
 * stripped, lower case. */
char *few_text_clean (const char *text);
