/* SPDX-License-Identifier: MIT */
/* What may be believed of one answer, in words. */
#pragma once
#include <fewshot.h>

G_BEGIN_DECLS
/* What is known of the answers of a snapshot at α; NULL: nothing. */
const FewTrust *few_answer_trust (const FewSnapshot *snapshot, double alpha);
/* "one of: nut, washer", of row `row`, as few_trust_promised_set says for the promise; classes:
 * FewClass, as the snapshot numbers them. NULL where nothing is known, or the picture was learned
 * from. Free with g_free. */
char *few_answer_words (const FewSnapshot *snapshot, guint row, double alpha, guint promise,
                        GPtrArray *classes);
/* Of n scores the places, the highest first; free with g_free. */
guint32 *few_answer_rank (const float *scores, guint n);
/* How strange the picture is, as few_trust_strangeness; NAN where nothing is known. */
double few_answer_strangeness (const FewSnapshot *snapshot, guint row, double alpha);
G_END_DECLS
