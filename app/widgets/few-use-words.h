/* SPDX-License-Identifier: MIT */
/* How many pictures are not learned from, and what for, in words. */
#pragma once
#include "session/few-examples.h"

G_BEGIN_DECLS
/* "4 pictures only for testing, 12 of none of these"; NULL: all are examples. Free with g_free. */
char *few_use_words (FewExamples *examples);
G_END_DECLS
