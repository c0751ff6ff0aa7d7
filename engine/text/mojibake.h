/* SPDX-License-Identifier: MIT */
/* Text that was UTF-8 and has been decoded as something else, decoded anew. */
#pragma once
#include "text/codepoints.h"

/* What ftfy's fix_encoding makes of it: each single-byte encoding that the characters could come
 * from is tried; else the parts that are clearly UTF-8 are decoded alone. Free with
 * g_array_unref. */
FewCodepoints *few_mojibake_mend (const FewCodepoints *text);
/* C1 control characters as Windows' western encoding reads their bytes, as browsers do. */
void few_mojibake_mend_c1 (FewCodepoints *text);
