/* SPDX-License-Identifier: MIT */
/* HTML's character references, as Python reads them. */
#pragma once
#include "text/codepoints.h"

/* Python's html.unescape: names with and without their semicolon, the longest name that a word
 * begins with, numbers as HTML5 reads them. Free with g_array_unref. */
FewCodepoints *few_html_unescape (const FewCodepoints *text);
/* ftfy's: only with a semicolon, and names in capitals where that is no name of its own. */
FewCodepoints *few_html_unescape_sure (const FewCodepoints *text);
