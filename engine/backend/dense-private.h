/* SPDX-License-Identifier: MIT */
/* What the files of dense matrices share. */
#pragma once
#include "backend/cpu/levels.h"
#include "backend/dense.h"
#include "base/memory.h"

enum { FEW_DENSE_PANEL = 512 }; /* rows */

struct FewDense
{
  const FewKernels *kernels;
  double *a, *b;           /* blocks of the operands in the kernel's layout */
  double *tile;            /* one tile of c, where c has not room for a whole one */
  double *panel;           /* [FEW_DENSE_PANEL, FEW_DENSE_BLOCK] of the factor */
  FewRoom room;            /* what all these stand in */
};

/* Of m rows, those that one call of a pool takes: whole tiles, so that a tile's sums are the same
 * however many threads there are. Each call packs the other operand for itself: few a thread, and
 * some more where one is shorter than another. */
guint few_dense_band (FewPool *pool, const FewDense *dense, guint m, gboolean alike);
