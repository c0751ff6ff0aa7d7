/* SPDX-License-Identifier: MIT */
/* The product tile in bytes, unsigned × signed, with sums of 32 bits; and rows of floats to bytes.
 *
 * VNNI and aarch64's dot product add four products to a sum in one instruction. AVX2 and AVX-512
 * without VNNI have maddubs, which adds two products in 16 bits and saturates there. Four products
 * of bytes up to 255 stay within 16 bits where the weights of one sign sum to 128 at most: packed
 * so (quads.c), two results are added in 16 bits before they are widened, and nothing ever
 * saturates. That was 1.25 times as fast as widening each, and twice as fast as 16-bit factors,
 * whose panels are twice as large (measured on Zen 3). */
#include "backend/cpu/vector.h"
#include <math.h>
#if defined __AVX2__
#include <immintrin.h>
#elif defined __ARM_FEATURE_DOTPROD
#include <arm_neon.h>
#endif

typedef IntVec IntVecU __attribute__ ((aligned (4), may_alias));
typedef guint8 Bytes __attribute__ ((vector_size (VECTOR_BYTES / sizeof (float))));

INLINE IntVec
load_quads (gconstpointer p)
{
  return *(const IntVecU *) p;
}

INLINE IntVec
splat_quad (const float *p)
{
  gint32 quad;
  memcpy (&quad, p, sizeof quad);
  return quad - (IntVec) { 0 };
}

/* sum + Σ x · w over the four bytes of each lane, of two vectors each; x unsigned, w signed */
#if defined __AVX512VNNI__
INLINE IntVec
add_products (IntVec sum, IntVec x0, IntVec w0, IntVec x1, IntVec w1)
{
  __m512i first = _mm512_dpbusd_epi32 ((__m512i) sum, (__m512i) x0, (__m512i) w0);
  return (IntVec) _mm512_dpbusd_epi32 (first, (__m512i) x1, (__m512i) w1);
}
#elif defined __AVX512BW__
INLINE IntVec
add_products (IntVec sum, IntVec x0, IntVec w0, IntVec x1, IntVec w1)
{
  __m512i twos = _mm512_add_epi16 (_mm512_maddubs_epi16 ((__m512i) x0, (__m512i) w0),
                                   _mm512_maddubs_epi16 ((__m512i) x1, (__m512i) w1));
  return sum + (IntVec) _mm512_madd_epi16 (twos, _mm512_set1_epi16 (1));
}
#elif defined __AVXVNNI__
INLINE IntVec
add_products (IntVec sum, IntVec x0, IntVec w0, IntVec x1, IntVec w1)
{
  __m256i first = _mm256_dpbusd_avx_epi32 ((__m256i) sum, (__m256i) x0, (__m256i) w0);
  return (IntVec) _mm256_dpbusd_avx_epi32 (first, (__m256i) x1, (__m256i) w1);
}
#elif defined __AVX2__
INLINE IntVec
add_products (IntVec sum, IntVec x0, IntVec w0, IntVec x1, IntVec w1)
{
  __m256i twos = _mm256_add_epi16 (_mm256_maddubs_epi16 ((__m256i) x0, (__m256i) w0),
                                   _mm256_maddubs_epi16 ((__m256i) x1, (__m256i) w1));
  return sum + (IntVec) _mm256_madd_epi16 (twos, _mm256_set1_epi16 (1));
}
#elif defined __ARM_FEATURE_DOTPROD
/* both signed: 128 less of x is 128 · Σ w less of the sum, which to_products adds again */
#define SUMS_LESS_128
INLINE IntVec
add_products (IntVec sum, IntVec x0, IntVec w0, IntVec x1, IntVec w1)
{
  int8x16_t turn = vdupq_n_s8 (-128);
  int32x4_t first = vdotq_s32 ((int32x4_t) sum, veorq_s8 ((int8x16_t) x0, turn), (int8x16_t) w0);
  return (IntVec) vdotq_s32 (first, veorq_s8 ((int8x16_t) x1, turn), (int8x16_t) w1);
}
#else
#define ROW_BY_ROW /* no instructions to keep busy: twelve heights of this would be much code */
INLINE IntVec
add_products (IntVec sum, IntVec x0, IntVec w0, IntVec x1, IntVec w1)
{
#pragma GCC unroll 4
  for (int shift = 0; shift < 32; shift += 8)
    {
      sum += ((x0 >> shift) & 255) * ((w0 << (24 - shift)) >> 24);
      sum += ((x1 >> shift) & 255) * ((w1 << (24 - shift)) >> 24);
    }
  return sum;
}
#endif

/* Σ x · w of the floats that the bytes stand for, x = low + step · byte and w = scale · byte. */
static void
to_products (guint m, const gint32 *sums, const FewEpilogue *e, float *products)
{
  for (guint i = 0; i < m; i++)
    for (guint half = 0; half < COLUMNS; half += LANES)
      {
        IntVec sum = load_quads (sums + i * COLUMNS + half);
        IntVec of_weights = load_quads (e->column_sums + half);
#if defined SUMS_LESS_128
        sum += of_weights * 128;
#endif
        Vec product = e->row_steps[i] * __builtin_convertvector (sum, Vec)
                      + e->row_lows[i] * __builtin_convertvector (of_weights, Vec);
        store (products + i * COLUMNS + half, product * load (e->column_scales + half));
      }
}

INLINE void
tile_of (const guint m, guint k, const float *a, gsize lda, const float *panel, const float *ahead,
         guint ahead_step, gint32 *sums)
{
  IntVec sum[TILE_ROWS][2];
#pragma GCC unroll 16
  for (guint i = 0; i < m; i++)
    sum[i][0] = sum[i][1] = (IntVec) { 0 };
  for (guint j = 0; j < k; j += 2, panel += 2 * COLUMNS, ahead += 2 * ahead_step)
    {
      IntVec left[2] = { load_quads (panel), load_quads (panel + COLUMNS) };
      IntVec right[2] = { load_quads (panel + LANES), load_quads (panel + COLUMNS + LANES) };
      __builtin_prefetch (ahead, 0, 2);
      __builtin_prefetch (ahead + ahead_step, 0, 2);
#pragma GCC unroll 16
      for (guint i = 0; i < m; i++)
        {
          IntVec x0 = splat_quad (a + i * lda + j);
          IntVec x1 = splat_quad (a + i * lda + j + 1);
          sum[i][0] = add_products (sum[i][0], x0, left[0], x1, left[1]);
          sum[i][1] = add_products (sum[i][1], x0, right[0], x1, right[1]);
        }
    }
#pragma GCC unroll 16
  for (guint i = 0; i < m; i++)
    memcpy (sums + i * COLUMNS, sum[i], sizeof sum[i]);
}

static void
tile (guint m, guint k, const float *a, gsize lda, const float *panel, const float *ahead,
      guint ahead_step, const FewEpilogue *e, float *c, gsize ldc, guint columns)
{
  gint32 sums[TILE_ROWS * COLUMNS];
  float products[TILE_ROWS * COLUMNS];
#if defined ROW_BY_ROW
  for (guint i = 0; i < m; i++)
    tile_of (1, k, a + i * lda, lda, panel, ahead, ahead_step, sums + i * COLUMNS);
#else
#define CALL(n) tile_of (n, k, a, lda, panel, ahead, ahead_step, sums)
  SWITCH_HEIGHT (m, CALL)
#undef CALL
#endif
  to_products (m, sums, e, products);
  FEW_LEVELLED (finish_tile) (m, products, e, c, ldc, columns);
}

/* (x − low) · inverse, in 0 … 255, rounded to even. The compiler must not make one instruction of
 * the product and the sum that rounds it: levels with and without it would differ. */
INLINE Bytes
round_to_bytes (Vec x, float low, float inverse)
{
  const float shifter = 12582912.0f; /* 1.5·2²³: the sum's low bits are the integer */
  Vec scaled = (x - low) * inverse;
#if defined __x86_64__
  __asm__ ("" : "+x"(scaled));
#elif defined __aarch64__
  __asm__ ("" : "+w"(scaled));
#else
  __asm__ ("" : "+m"(scaled));
#endif
  return __builtin_convertvector ((IntVec) (scaled + shifter) & 255, Bytes);
}

/* the smallest and the largest of x [n], n ≥ 1; FALSE when one is not finite */
INLINE gboolean
find_range (gsize n, const float *x, float *low, float *high)
{
  Vec least = splat (x[0]);
  Vec most = least;
  Vec odd = { 0 }; /* NaN once x was NaN or infinite */
  float rest = 0;
  gsize i;
  for (i = 0; i + LANES <= n; i += LANES)
    {
      Vec v = load (x + i);
      IntVec less = v < least;
      least = (Vec) (((IntVec) v & less) | ((IntVec) least & ~less));
      most = at_least (v, most);
      odd += v * 0;
    }
  *low = least[0];
  *high = most[0];
  for (guint j = 1; j < LANES; j++)
    {
      *low = least[j] < *low ? least[j] : *low;
      *high = most[j] > *high ? most[j] : *high;
    }
  for (; i < n; i++)
    {
      *low = x[i] < *low ? x[i] : *low;
      *high = x[i] > *high ? x[i] : *high;
      rest += x[i] * 0;
    }
  return sum_of (odd) + rest == 0;
}

static void
convert (gsize n, const float *x, float *quads, float *step, float *low)
{
  float high;
  gboolean finite = find_range (n, x, low, &high);
  float range = high - *low;
  gboolean wild = !finite || range > 1e30f;
  gboolean flat = wild || range < 1e-30f;
  float inverse = flat ? 0 : 255 / range;
  *step = flat ? 0 : range / 255;
  if (wild)
    *low = NAN; /* as f32 would have it: it must not become a number again */
  guint8 *to = (guint8 *) quads;
  float from = wild ? 0 : *low;
  gsize i;
  for (i = 0; i + LANES <= n; i += LANES)
    {
      Bytes bytes = round_to_bytes (load (x + i), from, inverse);
      memcpy (to + i, &bytes, sizeof bytes);
    }
  gsize padded = (n + 7) / 8 * 8;
  if (i == padded)
    return;
  float last[LANES + 8] = { 0 };
  for (gsize j = i; j < n; j++)
    last[j - i] = x[j];
  for (gsize at = 0; i + at < padded; at += LANES)
    {
      Bytes bytes = round_to_bytes (load (last + at), from, inverse);
      memcpy (to + i + at, &bytes, MIN (sizeof bytes, padded - i - at));
    }
}

const FewQuadKernels FEW_KERNELS = {
  .name = FEW_LEVEL,
  .tile = tile,
#if defined __AVX2__ && !defined __AVX512VNNI__ && !defined __AVXVNNI__
  .narrow = TRUE,
#endif
  .convert = convert,
};
