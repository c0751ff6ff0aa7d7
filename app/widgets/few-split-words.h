/* SPDX-License-Identifier: MIT */
/* What the next run would do with the pictures, in words. */
#pragma once
#include "session/few-examples.h"
#include <fewshot.h>

G_BEGIN_DECLS
typedef struct
{
  guint learn, validation, test, classes;
} FewSplitCounts;

/* Twins and bursts are found by the run itself: it may test on fewer. FALSE: there are none yet. */
gboolean few_split_count (FewExamples *examples, const FewTrainJob *job, FewSplitCounts *counts);
/* "96 pictures to learn from, 24 for validation, 24 to test on"; free with g_free. */
char *few_split_describe (const FewSplitCounts *counts);
G_END_DECLS
