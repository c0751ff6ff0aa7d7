/* SPDX-License-Identifier: MIT */
/* Classes that CLIP cannot tell apart by their names: their prompts are the same tokens. */
#pragma once
#include <fewshot.h>

G_BEGIN_DECLS
/* The first two classes of the snapshot whose texts are the same; FALSE when there are none. */
gboolean few_same_prompts_find (const FewSnapshot *snapshot, guint *first, guint *second);
G_END_DECLS
