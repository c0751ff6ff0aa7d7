/* SPDX-License-Identifier: MIT */
/* What one method came to, to be filled by who asks for it. */
#pragma once
#include <fewshot/worker.h>

/* All zeroes. */
FewCompared *few_compared_new (void);
