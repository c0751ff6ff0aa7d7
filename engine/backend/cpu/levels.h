/* SPDX-License-Identifier: MIT */
/* The kernels by the name of their instruction-set level. */
#pragma once
#include "backend/cpu/kernel-table.h"

/* level: "v2", "v3", "v4" or "bf16"; NULL for the best f32. NULL when this processor lacks it. */
const FewKernels *few_kernels_choose (const char *level);
/* The best f32 level that this processor runs. */
const FewKernels *few_kernels_best (void);
