/* SPDX-License-Identifier: MIT */
/* The copy of two bytes a value that an op's kernel makes of what it gives, for the next
 * product. */
#pragma once
#include "backend/cuda/stream.h"

/* Where a kernel writes the twin of m rows of k; nowhere on a device that multiplies floats, or
 * where memory failed, which the stream remembers. */
FewCudaTwin few_cuda_twin_place (FewStream *stream, FewScratchSlot slot, guint m, guint k);
/* The last thing of an op whose kernel wrote it. alone: `of` was not written. */
void few_cuda_twin_keep (FewStream *stream, const FewCudaTwin *place, const float *of, guint m,
                         guint k, gsize ld, gboolean alone);
/* Before few_cuda_ready, which forgets it: the rows, few_cuda_row (k) apart; NULL when there is
 * none of these. */
const void *few_cuda_twin_find (FewStream *stream, const float *of, guint m, guint k, gsize ld);
