/* SPDX-License-Identifier: MIT */
/* What the next run would do with the pictures, in words. */
#pragma once
#include "session/few-examples.h"
#include <fewshot.h>

G_BEGIN_DECLS
/* "96 pictures to learn from, 24 for validation, 24 to test on"; NULL: there are none yet. Twins
 * and bursts are found by the run itself: it may test on fewer. Free with g_free. */
char *few_split_words (FewExamples *examples, const FewTrainJob *job);
G_END_DECLS
