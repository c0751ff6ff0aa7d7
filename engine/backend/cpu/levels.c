/* SPDX-License-Identifier: MIT */
/* Which of the kernels' instruction-set levels this processor runs. */
#include "backend/cpu/levels.h"

const FewKernels *
few_kernels_choose (const char *level)
{
  const FewKernels *best = NULL;
  /* never chosen unasked: its features differ */
  gboolean wants_bf16 = g_strcmp0 (level, "bf16") == 0;
  const struct
  {
    const FewKernels *kernels;
    gboolean runs;
  } known[] = {
#if defined __x86_64__
    { &few_kernels_bf16, wants_bf16 && __builtin_cpu_supports ("avx512bf16") },
    { &few_kernels_v4, __builtin_cpu_supports ("avx512f") && __builtin_cpu_supports ("avx512vl")
                           && __builtin_cpu_supports ("avx512bw")
                           && __builtin_cpu_supports ("avx512dq") },
    { &few_kernels_v3, __builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma") },
#endif
    { &few_kernels_base, TRUE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (known) && !best; i++)
    if (known[i].runs && (!level || g_str_equal (level, known[i].kernels->name)))
      best = known[i].kernels;
  return best;
}

const FewKernels *
few_kernels_best (void)
{
  return few_kernels_choose (NULL);
}
