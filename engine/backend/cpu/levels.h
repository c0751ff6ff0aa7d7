/* SPDX-License-Identifier: MIT */
/* The kernels by the name of their instruction-set level. */
#pragma once
#include "backend/cpu/kernel-table.h"

/* What the products of a backend are made of. */
typedef struct
{
  const FewKernels *kernels;
  const FewQuadKernels *quads; /* NULL where none is of bytes */
} FewLevel;

/* level: "v2", "v3", "v4", or "bf16", alone for the best of them or with "-avx512" or "-amx"; NULL
 * for the best f32. NULL when this processor lacks it. */
const FewKernels *few_kernels_choose (const char *level);
/* The best f32 level that this processor runs. */
const FewKernels *few_kernels_best (void);
/* As few_backend_cpu_new takes it: a level, or "int8", alone or with "-" and the name of one, or
 * "fast". FALSE when this processor lacks it. */
gboolean few_level_choose (const char *name, FewLevel *level);
