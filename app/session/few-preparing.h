/* SPDX-License-Identifier: MIT */
/* What makes moving α cheap is found by a thread: in the frame that α moves in there is no time for
 * it. The UI thread only. */
#pragma once
#include <fewshot.h>

G_BEGIN_DECLS
typedef struct FewPreparing FewPreparing;

FewPreparing *few_preparing_new (void);
void few_preparing_free (FewPreparing *preparing);
/* Begins few_lens_prepare; one under way of another snapshot ends. NULL: of none. */
void few_preparing_begin (FewPreparing *preparing, FewSnapshot *snapshot);
G_END_DECLS
