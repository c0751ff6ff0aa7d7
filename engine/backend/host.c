/* SPDX-License-Identifier: MIT */
/* Some of the CPU's kernels without the backend around them. */
#include "backend/host.h"
#include "backend/cpu/levels.h"

FewHost
few_host (void)
{
  const FewKernels *kernels = few_kernels_best ();
  return (FewHost) { kernels->largest_blend, kernels->index_of_largest_blend,
                     kernels->largest_blends, kernels->mark_blends, kernels->largest_magnitude };
}
