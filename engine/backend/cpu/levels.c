/* SPDX-License-Identifier: MIT */
/* Which of the kernels' instruction-set levels this processor runs. */
#include "backend/cpu/levels.h"
#include <string.h>
#if defined __x86_64__
#include <cpuid.h>
#if defined __linux__
#include <sys/syscall.h>
#include <unistd.h>
#endif
#elif defined __aarch64__
#include <sys/auxv.h>
enum { DOT_PRODUCTS = 1 << 20 }; /* HWCAP_ASIMDDP */
#endif

#if defined __x86_64__
/* Compilers of this age do not all know the names. */
static gboolean
has_feature (guint leaf, guint subleaf, guint cpuid[4], guint which, guint bits)
{
  return __get_cpuid_count (leaf, subleaf, &cpuid[0], &cpuid[1], &cpuid[2], &cpuid[3])
         && (cpuid[which] & bits) == bits;
}

static gboolean
supports_avx_vnni (void)
{
  enum { EAX = 0, AVX_VNNI = 1 << 4 };
  guint cpuid[4];
  return has_feature (7, 1, cpuid, EAX, AVX_VNNI);
}

/* AMX with products of both kinds. Linux gives a process the registers, which make its threads'
 * saved state 8 KB larger, when it asks for them. */
static gboolean
supports_amx (void)
{
#if defined __linux__
  enum { EDX = 3, AMX_BF16 = 1 << 22, AMX_TILE = 1 << 24, AMX_INT8 = 1 << 25 };
  enum { REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 }; /* ARCH_REQ_XCOMP_PERM */
  guint cpuid[4];
  return has_feature (7, 0, cpuid, EDX, AMX_BF16 | AMX_TILE | AMX_INT8)
         && syscall (SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
#else
  return FALSE;
#endif
}
#endif

/* Products in bfloat16 are never chosen unasked: features differ. */
static gboolean
answers_to (const FewKernels *kernels, const char *level)
{
  gboolean bf16 = kernels->pairs.run != NULL;
  if (!level)
    return !bf16;
  return g_str_equal (level, kernels->name) || (bf16 && g_str_equal (level, "bf16"));
}

const FewKernels *
few_kernels_choose (const char *level)
{
  const FewKernels *best = NULL;
#if defined __x86_64__
  gboolean wants_bf16 = level && g_str_has_prefix (level, "bf16");
  gboolean bf16 = wants_bf16 && __builtin_cpu_supports ("avx512bf16");
  gboolean wants_amx = bf16 && !g_str_equal (level, "bf16-avx512");
#endif
  const struct
  {
    const FewKernels *kernels;
    gboolean runs;
  } known[] = {
#if defined __x86_64__
    { &few_kernels_amx, wants_amx && supports_amx () },
    { &few_kernels_bf16, bf16 },
    { &few_kernels_v4, __builtin_cpu_supports ("avx512f") && __builtin_cpu_supports ("avx512vl")
                           && __builtin_cpu_supports ("avx512bw")
                           && __builtin_cpu_supports ("avx512dq") },
    { &few_kernels_v3, __builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma") },
#endif
    { &few_kernels_base, TRUE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (known) && !best; i++)
    if (known[i].runs && answers_to (known[i].kernels, level))
      best = known[i].kernels;
  return best;
}

const FewKernels *
few_kernels_best (void)
{
  return few_kernels_choose (NULL);
}

/* name: NULL for the best */
static gboolean
choose_quads (const char *name, FewLevel *level)
{
#if defined __x86_64__
  const FewKernels *v3 = few_kernels_choose ("v3");
  const FewKernels *v4 = few_kernels_choose ("v4");
  const FewKernels *bf16 = few_kernels_choose ("bf16-avx512");
  gboolean wants_amx = !name || g_str_equal (name, "amx");
  const FewKernels *amx = wants_amx ? few_kernels_choose ("bf16-amx") : NULL;
  gboolean vnni = __builtin_cpu_supports ("avx512vnni") != 0;
  gboolean avxvnni = supports_avx_vnni ();
#elif defined __aarch64__
  gboolean dots = (getauxval (AT_HWCAP) & DOT_PRODUCTS) != 0;
#endif
  const FewLevel known[] = {
#if defined __x86_64__
    /* Beside bytes at this rate a few products of floats would be half of the time. */
    { vnni ? amx : NULL, &few_quads_amx },
    { vnni ? bf16 : NULL, &few_quads_vnni },
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
