/* SPDX-License-Identifier: MIT */
/* What the number beside a class is. */
#pragma once
#include <fewshot.h>

/* A sentence, translated: a cosine, or what stands in its place. */
const char *few_score_describe (const FewSnapshot *snapshot);
