/* SPDX-License-Identifier: MIT */
/* Which of the kernels' instruction-set levels this processor runs. */
#include "backend/cpu/levels.h"
#include <string.h>
#if defined __x86_64__
#include <cpuid.h>
#elif defined __aarch64__
#include <sys/auxv.h>
enum { DOT_PRODUCTS = 1 << 20 }; /* HWCAP_ASIMDDP */
#endif

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

#if defined __x86_64__
/* Compilers of this age do not all know its name. */
static gboolean
supports_avx_vnni (void)
{
  enum { AVX_VNNI = 1 << 4 };
  guint eax, ebx, ecx, edx;
  return __get_cpuid_count (7, 1, &eax, &ebx, &ecx, &edx) && (eax & AVX_VNNI) != 0;
}
#endif

/* name: NULL for the best */
static gboolean
choose_quads (const char *name, FewLevel *level)
{
#if defined __x86_64__
  const FewKernels *v3 = few_kernels_choose ("v3");
  const FewKernels *v4 = few_kernels_choose ("v4");
  gboolean vnni = __builtin_cpu_supports ("avx512vnni") != 0;
  gboolean avxvnni = supports_avx_vnni ();
#elif defined __aarch64__
  gboolean dots = (getauxval (AT_HWCAP) & DOT_PRODUCTS) != 0;
#endif
  const FewLevel known[] = {
#if defined __x86_64__
    { vnni ? v4 : NULL, &few_quads_vnni },
    { avxvnni ? v3 : NULL, &few_quads_avxvnni },
    { v4, &few_quads_v4 },
    { v3, &few_quads_v3 },
#elif defined __aarch64__
    { dots ? &few_kernels_base : NULL, &few_quads_dotprod },
#endif
    { &few_kernels_base, &few_quads_base },
  };
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (known[i].kernels && (!name || g_str_equal (name, known[i].quads->name)))
      {
        *level = known[i];
        return TRUE;
      }
  return FALSE;
}

gboolean
few_level_choose (const char *name, FewLevel *level)
{
  if (g_strcmp0 (name, "fast") == 0)
    name = few_kernels_choose ("bf16") ? "bf16" : "int8";
  if (g_strcmp0 (name, "int8") == 0)
    return choose_quads (NULL, level);
  if (name && g_str_has_prefix (name, "int8-"))
    return choose_quads (name + strlen ("int8-"), level);
  *level = (FewLevel) { few_kernels_choose (name), NULL };
  return level->kernels != NULL;
}
