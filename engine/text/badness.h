/* SPDX-License-Identifier: MIT */
/* Whether text looks as if it had been decoded with the wrong encoding. */
#pragma once
#include "text/codepoints.h"

/* What ftfy's is_bad says of the `n` characters from `start` on (ftfy 6, badness.py). */
gboolean few_text_is_bad (const FewCodepoints *text, gsize start, gsize n);
