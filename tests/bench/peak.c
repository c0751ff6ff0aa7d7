/* SPDX-License-Identifier: MIT */
/* What this machine multiplies and adds at most, on all processors at once, in each precision that
 * it has instructions for: a loop of those instructions and nothing else.
 *
 *     bench-peak              the precisions, one a line, each with its instructions
 *     bench-peak PRECISION    answers each line "BATCH SECONDS" with GOP/s and a 0, as
 *       bench-forward does with pictures a second and MB; a multiply-add is two operations */
#include "backend/cpu/levels.h"
#include <stdio.h>
#if defined __x86_64__
#include <immintrin.h>
#endif

/* independent sums: enough to cover the latency of one, few enough for sixteen registers */
enum { CHAINS = 12, ROUNDS = 100000 };

typedef struct
{
  const char *precision, *instructions;
  gboolean runs;
  void (*loop) (void); /* ROUNDS · CHAINS times `operations` */
  double operations;
} PeakKind;

#if defined __x86_64__

/* Instructions as they are: a compiler would take what does not change out of the loop. */
#define PEAK_LOOP(name, isa, Vector, constraint, code)                                             \
  __attribute__ ((target (isa))) static void name (void)                                           \
  {                                                                                                \
    Vector sums[CHAINS] = { { 0 } };                                                               \
    Vector x = { 0 };                                                                              \
    Vector t;                                                                                      \
    Vector u;                                                                                      \
    for (int round = 0; round < ROUNDS; round++)                                                   \
      {                                                                                            \
        _Pragma ("GCC unroll 12") for (int i = 0; i < CHAINS; i++) __asm__ volatile (              \
            code : "+" constraint (sums[i]), "=&" constraint (t),                                  \
            "=&" constraint (u) : constraint (x));                                                 \
      }                                                                                            \
  }

/* Without VNNI bytes are multiplied to 16 bits, two such sums are added there and go on to 32:
 * three multiplications for 8 products a lane, as in the engine's kernel. */
#define BYTES                                                                                      \
  "vpmaddubsw %3, %3, %1\n vpmaddubsw %3, %3, %2\n vpaddw %2, %1, %1\n vpmaddwd %3, %1, %1\n"      \
  " vpaddd %1, %0, %0"

PEAK_LOOP (f32_sse, "sse2", __m128, "x", "movaps %3, %1\n mulps %3, %1\n addps %1, %0")
PEAK_LOOP (f32_avx2, "avx2,fma", __m256, "x", "vfmadd231ps %3, %3, %0")
PEAK_LOOP (f32_avx512, "avx512f", __m512, "v", "vfmadd231ps %3, %3, %0")
PEAK_LOOP (bf16_avx512, "avx512f,avx512bf16", __m512, "v", "vdpbf16ps %3, %3, %0")
PEAK_LOOP (int8_avx2, "avx2", __m256, "x", BYTES)
PEAK_LOOP (int8_avx512, "avx512bw", __m512, "v", BYTES)
PEAK_LOOP (int8_avxvnni, "avxvnni", __m256, "x", "%{vex%} vpdpbusd %3, %3, %0")
PEAK_LOOP (int8_vnni, "avx512f,avx512vnni", __m512, "v", "vpdpbusd %3, %3, %0")

/* Registers of 16 rows of 64 bytes; four sums cover the latency of one. */
static const struct
{
  guint8 palette, start_row, reserved[14];
  guint16 row_bytes[16];
  guint8 rows[16];
} tiles = { 1, 0, { 0 }, { 64, 64, 64, 64, 64, 64 }, { 16, 16, 16, 16, 16, 16 } };

#define PEAK_TILES(name, multiply)                                                                 \
  static void name (void)                                                                          \
  {                                                                                                \
    __asm__ volatile ("ldtilecfg %0" : : "m"(tiles));                                              \
    for (int round = 0; round < ROUNDS * CHAINS / 4; round++)                                      \
      __asm__ volatile (multiply                                                                   \
                        " %%tmm5, %%tmm4, %%tmm0\n" multiply " %%tmm5, %%tmm4, %%tmm1\n" multiply  \
                        " %%tmm5, %%tmm4, %%tmm2\n" multiply " %%tmm5, %%tmm4, %%tmm3" ::);        \
    __asm__ volatile ("tilerelease" ::);                                                           \
  }

PEAK_TILES (bf16_amx, "tdpbf16ps")
PEAK_TILES (int8_amx, "tdpbusd")

/* the widest of a precision first */
static const PeakKind *
list_kinds (gsize *n)
{
  static PeakKind kinds[] = {
    { "f32", "AVX-512", FALSE, f32_avx512, 32 },
    { "f32", "AVX2", FALSE, f32_avx2, 16 },
    { "f32", "SSE", TRUE, f32_sse, 8 },
    { "bf16", "AMX", FALSE, bf16_amx, 16384 },
    { "bf16", "AVX512_BF16", FALSE, bf16_avx512, 64 },
    { "int8", "AMX", FALSE, int8_amx, 32768 },
    { "int8", "AVX512_VNNI", FALSE, int8_vnni, 128 },
    { "int8", "AVX_VNNI", FALSE, int8_avxvnni, 64 },
    { "int8", "AVX-512", FALSE, int8_avx512, 256 },
    { "int8", "AVX2", FALSE, int8_avx2, 128 },
  };
  kinds[0].runs = __builtin_cpu_supports ("avx512f") != 0;
  kinds[1].runs = __builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma");
  kinds[3].runs = kinds[5].runs = few_kernels_choose ("bf16-amx") != NULL; /* and may use it */
  kinds[4].runs = __builtin_cpu_supports ("avx512bf16") != 0;
  kinds[6].runs = __builtin_cpu_supports ("avx512vnni") != 0;
  kinds[7].runs = FALSE; /* set below where the compiler knows the name */
  kinds[8].runs = __builtin_cpu_supports ("avx512bw") != 0;
  kinds[9].runs = __builtin_cpu_supports ("avx2") != 0;
#if __GNUC__ >= 12
  kinds[7].runs = __builtin_cpu_supports ("avxvnni") != 0;
#endif
  *n = G_N_ELEMENTS (kinds);
  return kinds;
}

#else

typedef float Vec __attribute__ ((vector_size (16)));

static void
f32_portable (void)
{
  Vec sums[CHAINS] = { { 0 } };
  Vec x = { 1, 1, 1, 1 };
  for (int round = 0; round < ROUNDS; round++)
#pragma GCC unroll 12
    for (int i = 0; i < CHAINS; i++)
      sums[i] = sums[i] * x + x;
  for (int i = 0; i < CHAINS; i++)
    __asm__ volatile ("" : : "m"(sums[i]));
}

static const PeakKind *
list_kinds (gsize *n)
{
  static const PeakKind kinds[] = { { "f32", "128 bits", TRUE, f32_portable, 8 } };
  *n = G_N_ELEMENTS (kinds);
  return kinds;
}

#endif

static const PeakKind *
find_kind (const char *precision)
{
  gsize n;
  const PeakKind *kinds = list_kinds (&n);
  for (gsize i = 0; i < n; i++)
    if (kinds[i].runs && g_str_equal (kinds[i].precision, precision))
      return &kinds[i];
  return NULL;
}

static void
print_kinds (void)
{
  static const char *const precisions[] = { "f32", "bf16", "int8" };
  for (gsize i = 0; i < G_N_ELEMENTS (precisions); i++)
    {
      const PeakKind *kind = find_kind (precisions[i]);
      if (kind)
        g_print ("%s %s\n", kind->precision, kind->instructions);
    }
}

typedef struct
{
  const PeakKind *kind;
  double seconds, rate;
} Share;

static gpointer
measure_share (gpointer data)
{
  Share *share = data;
  double done = 0;
  double spent = 0;
  gint64 start = g_get_monotonic_time ();
  while (spent < share->seconds)
    {
      share->kind->loop ();
      done += share->kind->operations * ROUNDS * CHAINS;
      spent = (double) (g_get_monotonic_time () - start) / 1e6;
    }
  share->rate = done / spent / 1e9;
  return NULL;
}

static double
measure_peak (const PeakKind *kind, double seconds)
{
  guint n = g_get_num_processors ();
  g_autofree Share *shares = g_new (Share, n);
  g_autofree GThread **threads = g_new (GThread *, n);
  double total = 0;
  for (guint i = 0; i < n; i++)
    {
      shares[i] = (Share) { kind, seconds, 0 };
      threads[i] = g_thread_new ("peak", measure_share, &shares[i]);
    }
  for (guint i = 0; i < n; i++)
    {
      g_thread_join (threads[i]);
      total += shares[i].rate;
    }
  return total;
}

int
main (int argc, char **argv)
{
  if (argc < 2)
    {
      print_kinds ();
      return 0;
    }
  const PeakKind *kind = find_kind (argv[1]);
  if (!kind)
    {
      g_printerr ("This processor has no instructions for %s.\n", argv[1]);
      return 1;
    }
  guint batch;
  double seconds;
  while (scanf ("%u %lf", &batch, &seconds) == 2)
    {
      g_print ("%.4f 0\n", measure_peak (kind, seconds));
      fflush (stdout);
    }
  return 0;
}
