/* SPDX-License-Identifier: MIT */
/* The vectors of one instruction-set level, and the functions of them that several kernels need.
 * For kernel sources only: meson compiles each once a level. */
#pragma once
#include "backend/cpu/kernels-levelled.h"
#include <string.h>
#if defined __x86_64__
#include <immintrin.h>
#endif

#if defined __AVX512F__
#define VECTOR_BYTES 64
#define TILE_ROWS 14
#elif defined __AVX__
#define VECTOR_BYTES 32
#define TILE_ROWS 6
#elif defined __aarch64__
#define VECTOR_BYTES 16
#define TILE_ROWS 12
#else
#define VECTOR_BYTES 16
#define TILE_ROWS 6
#endif

/* near what fits in the L2 of a core, and above the 50 rows of ViT-B/32's hidden layer: of two
 * blocks each would read all weights */
enum { BLOCK_BYTES = 640000 };

enum { LANES = VECTOR_BYTES / sizeof (float), COLUMNS = 2 * LANES };

typedef float Vec __attribute__ ((vector_size (VECTOR_BYTES)));
typedef float VecU __attribute__ ((vector_size (VECTOR_BYTES), aligned (4), may_alias));
typedef gint32 IntVec __attribute__ ((vector_size (VECTOR_BYTES)));

#define INLINE static inline __attribute__ ((always_inline))

INLINE Vec
load (const float *p)
{
  return *(const VecU *) p;
}

INLINE void
store (float *p, Vec v)
{
  *(VecU *) p = v;
}

INLINE Vec
splat (float x)
{
  return x - (Vec) { 0 };
}

INLINE Vec
select_positive (Vec condition, Vec yes)
{
  return (Vec) ((IntVec) yes & (condition > 0));
}

/* the larger; NaN stays NaN */
INLINE Vec
at_least (Vec x, Vec floor)
{
#if defined __AVX512F__
  return (Vec) _mm512_max_ps ((__m512) floor, (__m512) x);
#elif defined __AVX__
  return (Vec) _mm256_max_ps ((__m256) floor, (__m256) x);
#elif defined __x86_64__
  return (Vec) _mm_max_ps ((__m128) floor, (__m128) x);
#else
  IntVec less = x < floor;
  return (Vec) (((IntVec) x & ~less) | ((IntVec) floor & less));
#endif
}

/* exp to about 1 ulp for |x| < 87, clamped outside: 2ⁿ · p(f), f in [−½, ½], degree 6. */
INLINE Vec
vec_exp (Vec x)
{
  x = at_least (x, splat (-87.0f));
  x = -at_least (-x, splat (-88.0f));
  Vec t = x * 1.44269504088896f;
  const float shifter = 12582912.0f; /* 1.5·2²³: adding it rounds to an integer */
  Vec n = (t + shifter) - shifter;
  Vec f = x - n * 0.693359375f - n * -2.12194440e-4f;
  Vec p = splat (1.0f / 720);
  p = p * f + 1.0f / 120;
  p = p * f + 1.0f / 24;
  p = p * f + 1.0f / 6;
  p = p * f + 0.5f;
  p = p * f + 1.0f;
  p = p * f + 1.0f;
  IntVec power = (__builtin_convertvector (n, IntVec) + 127) << 23;
  return p * (Vec) power;
}

/* Φ(x), the normal distribution, with the error function of Abramowitz and Stegun 7.1.26,
 * |error| ≤ 1.5e-7. */
INLINE Vec
vec_phi (Vec x)
{
  Vec z = x * 0.70710678118655f;
  Vec positive = at_least (z, -z);
  Vec t = 1.0f / (1.0f + 0.3275911f * positive);
  Vec p = splat (1.061405429f);
  p = p * t - 1.453152027f;
  p = p * t + 1.421413741f;
  p = p * t - 0.284496736f;
  p = p * t + 0.254829592f;
  Vec tail = 0.5f * p * t * vec_exp (-positive * positive); /* 1 − Φ(|x|) */
  IntVec negative = z < 0;
  return (Vec) (((IntVec) tail & negative) | ((IntVec) (1.0f - tail) & ~negative));
}

/* x Φ(x) = max (x, 0) − |x| (1 − Φ(|x|)) with the same error function, and exp (−x²/2) as 2ʸ: in
 * half the instructions, as activations follow every product. |error| ≤ 1e-7 |x| + 1e-7. */
INLINE Vec
vec_gelu (Vec x)
{
  Vec positive = at_least (x, -x);
  Vec t = 1.0f / (1.0f + 0.231641888f * positive); /* 0.3275911/√2 */
  Vec p = splat (0.5307027145f);
  p = p * t - 0.7265760135f;
  p = p * t + 0.7107068705f;
  p = p * t - 0.142248368f;
  p = p * t + 0.127414796f;
  Vec y = at_least (positive * positive * -0.72134752f, splat (-100.0f)); /* ½ log₂ e */
  const float shifter = 12582912.0f; /* 1.5·2²³: adding it rounds to an integer */
  Vec shifted = y + shifter;
  Vec f = y - (shifted - shifter);
  Vec q = splat (0.0013264727f); /* 2ᶠ, f in [−½, ½] */
  q = q * f + 0.0096715127f;
  q = q * f + 0.0555073374f;
  q = q * f + 0.2402224208f;
  q = q * f + 0.6931469776f;
  q = q * f + 1.0f;
  Vec power = (Vec) ((IntVec) q + ((IntVec) shifted << 23));
  return at_least (x, splat (0.0f)) - positive * (p * t * power);
}

INLINE Vec
activate (Vec x, FewActivation activation)
{
  switch (activation)
    {
    case FEW_ACTIVATION_RELU:
      return select_positive (x, x);
    case FEW_ACTIVATION_GELU:
      return vec_gelu (x);
    case FEW_ACTIVATION_QUICK_GELU:
      return x / (1.0f + vec_exp (x * -1.702f));
    case FEW_ACTIVATION_TANH_GELU: /* ½ (1 + tanh (u)) = σ (2u) */
      return x / (1.0f + vec_exp (x * (-1.5957691216f - 0.0713548162726f * x * x)));
    case FEW_ACTIVATION_SILU:
      return x / (1.0f + vec_exp (-x));
    default:
      return x;
    }
}

/* Vec sum [m][2] with its epilogue → c. The sums are copied, so that those of the loop before can
 * stay in registers; the epilogue is one function: inlined in each height it costs minutes of a
 * compiler. */
INLINE void
store_tile (const guint m, Vec sum[TILE_ROWS][2], const FewEpilogue *e, float *c, gsize ldc,
            guint columns)
{
  float done[TILE_ROWS * COLUMNS] __attribute__ ((aligned (VECTOR_BYTES)));
#pragma GCC unroll 16
  for (guint i = 0; i < m; i++)
    {
      store (done + i * COLUMNS, sum[i][0]);
      store (done + i * COLUMNS + LANES, sum[i][1]);
    }
  FEW_LEVELLED (finish_tile) (m, done, e, c, ldc, columns);
}

/* `call (n)` with the constant n that equals m: the compiler makes one kernel a height. */
#if TILE_ROWS == 14
#define MORE_HEIGHTS(call)                                                                         \
  HEIGHT (7, call)                                                                                 \
  HEIGHT (8, call)                                                                                 \
  HEIGHT (9, call)                                                                                 \
  HEIGHT (10, call) HEIGHT (11, call) HEIGHT (12, call) HEIGHT (13, call) HEIGHT (14, call)
#elif TILE_ROWS == 12
#define MORE_HEIGHTS(call)                                                                         \
  HEIGHT (7, call)                                                                                 \
  HEIGHT (8, call) HEIGHT (9, call) HEIGHT (10, call) HEIGHT (11, call) HEIGHT (12, call)
#else
#define MORE_HEIGHTS(call)
#endif
#define HEIGHT(n, call)                                                                            \
  case n:                                                                                          \
    call (n);                                                                                      \
    break;
#define SWITCH_HEIGHT(m, call)                                                                     \
  switch (m)                                                                                       \
    {                                                                                              \
      HEIGHT (1, call)                                                                             \
      HEIGHT (2, call)                                                                             \
      HEIGHT (3, call) HEIGHT (4, call) HEIGHT (5, call) HEIGHT (6, call) MORE_HEIGHTS (call)      \
    }

INLINE float
sum_of (Vec v)
{
  float sum = 0;
  for (guint i = 0; i < LANES; i++)
    sum += v[i];
  return sum;
}
