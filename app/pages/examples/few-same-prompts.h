/* SPDX-License-Identifier: MIT */
/* Names that are of no use to CLIP: two whose prompts are the same tokens, one in a script that the
 * model cannot read. */
#pragma once
#include "session/few-view.h"

G_BEGIN_DECLS
/* Sentences for the person, NULL where all is well. Free with g_free. */
char *few_same_prompts_words (FewView *view);
/* klass may be NULL: none. */
char *few_unread_words (const FewModelInfo *model, FewClass *klass);
G_END_DECLS
