/* SPDX-License-Identifier: MIT */
/* The licence of a model, as the catalogue or the model's own card says. */
#pragma once
#include <fewshot.h>

/* "MIT"; NULL: neither says. Free with g_free. */
char *few_model_licence (const FewModelInfo *model);
