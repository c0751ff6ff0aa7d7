/* SPDX-License-Identifier: MIT */
/* What the table of a comparison says, in the page and by itself. Free with g_free. */
#pragma once
#include "session/few-comparison.h"

/* "33 k": numbers that were learned. */
char *few_compare_words_short (guint64 n);
/* "81.2 ± 1.4", a dash where there is no number, or "" */
char *few_compare_words_cell (const FewComparisonCell *cell);
/* "4 shots" */
char *few_compare_words_shots (guint shots);
/* The same of a measure where there are two: "mAP, 4 shots". */
char *few_compare_words_shots_by (guint shots, FewMeasure measure);
/* How a number came about, or why there is none; NULL: nothing to say. */
char *few_compare_words_tip (FewComparison *comparison, guint method, guint shots,
                             const FewComparisonCell *cell);
/* What the numbers in view are of, and of how many pictures. */
char *few_compare_words_results (FewComparison *comparison);
