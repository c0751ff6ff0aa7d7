/* SPDX-License-Identifier: MIT */
/* Text as its author meant it: ftfy's fix_text, which CLIP's tokenizer begins with. */
#pragma once
#include "text/codepoints.h"

/* References of HTML where there is no "<", mojibake, ligatures, widths, quotes, line breaks,
 * terminal escapes, control characters, composition; again until nothing changes. A line at a
 * time. Free with g_array_unref. */
FewCodepoints *few_text_repair (const FewCodepoints *text);
