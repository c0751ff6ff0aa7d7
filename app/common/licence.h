/* SPDX-License-Identifier: MIT */
/* Where a model comes from: the licence that the catalogue or its own card says, and whether it
 * came with the program. */
#pragma once
#include <fewshot.h>

/* "MIT"; NULL: neither says. Free with g_free. */
char *few_model_licence (const FewModelInfo *model);
gboolean few_model_is_pocket (const FewModelInfo *model);
