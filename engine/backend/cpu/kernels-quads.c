/* SPDX-License-Identifier: MIT */
/* The product tile in bytes, unsigned × signed, with sums of 32 bits; and rows of floats to bytes.
 *
 * VNNI and aarch64's dot product add four products to a sum in one instruction. AVX2 and AVX-512
 * without VNNI have maddubs, which adds two products in 16 bits and saturates there. Four products
 * of bytes up to 255 stay within 16 bits where the weights of one sign sum to 128 at most: packed
 * so (quads.c), two results are added in 16 bits before they are widened, and nothing ever
 * saturates. That was 1.25 times as fast as widening each, and twice as fast as 16-bit factors,
 * whose panels are twice as large (measured on Zen 3). */
#include "backend/cpu/amx.h"
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

#if defined __AMX_INT8__
enum { MOST_ROWS = AMX_TILE_ROWS };
#else
enum { MOST_ROWS = TILE_ROWS };

INLINE IntVec
splat_quad (const float *p)
{
  gint32 quad;
  memcpy (&quad, p, sizeof quad);
  return quad - (IntVec) { 0 };
}

/* sum + Σ x · w over the four bytes of each lane, of AT_ONCE vectors each; x unsigned, w signed.
 * More than one at once where sums of 16 bits gain by it: elsewhere they would only take registers
 * from the tile. */
#if defined __AVX512VNNI__
enum { AT_ONCE = 1 };
INLINE IntVec
add_products (IntVec sum, const IntVec x[AT_ONCE], const IntVec w[AT_ONCE])
{
  return (IntVec) _mm512_dpbusd_epi32 ((__m512i) sum, (__m512i) x[0], (__m512i) w[0]);
}
#elif defined __AVX512BW__
enum { AT_ONCE = 2 };
INLINE IntVec
add_products (IntVec sum, const IntVec x[AT_ONCE], const IntVec w[AT_ONCE])
{
  __m512i twos = _mm512_add_epi16 (_mm512_maddubs_epi16 ((__m512i) x[0], (__m512i) w[0]),
                                   _mm512_maddubs_epi16 ((__m512i) x[1], (__m512i) w[1]));
  return sum + (IntVec) _mm512_madd_epi16 (twos, _mm512_set1_epi16 (1));
}
#elif defined __AVXVNNI__
enum { AT_ONCE = 1 };
INLINE IntVec
add_products (IntVec sum, const IntVec x[AT_ONCE], const IntVec w[AT_ONCE])
{
  return (IntVec) _mm256_dpbusd_avx_epi32 ((__m256i) sum, (__m256i) x[0], (__m256i) w[0]);
}
#elif defined __AVX2__
enum { AT_ONCE = 2 };
INLINE IntVec
add_products (IntVec sum, const IntVec x[AT_ONCE], const IntVec w[AT_ONCE])
{
  __m256i twos = _mm256_add_epi16 (_mm256_maddubs_epi16 ((__m256i) x[0], (__m256i) w[0]),
                                   _mm256_maddubs_epi16 ((__m256i) x[1], (__m256i) w[1]));
  return sum + (IntVec) _mm256_madd_epi16 (twos, _mm256_set1_epi16 (1));
}
#elif defined __ARM_FEATURE_DOTPROD
/* both signed: 128 less of x is 128 · Σ w less of the sum, which to_products adds again */
#define SUMS_LESS_128
enum { AT_ONCE = 1 };
INLINE IntVec
add_products (IntVec sum, const IntVec x[AT_ONCE], const IntVec w[AT_ONCE])
{
  int8x16_t turned = veorq_s8 ((int8x16_t) x[0], vdupq_n_s8 (-128));
  return (IntVec) vdotq_s32 ((int32x4_t) sum, turned, (int8x16_t) w[0]);
}
#else
#define ROW_BY_ROW /* no instructions to keep busy: twelve heights of this would be much code */
enum { AT_ONCE = 1 };
INLINE IntVec
add_products (IntVec sum, const IntVec x[AT_ONCE], const IntVec w[AT_ONCE])
{
#pragma GCC unroll 4
  for (int shift = 0; shift < 32; shift += 8)
    sum += ((x[0] >> shift) & 255) * ((w[0] << (24 - shift)) >> 24);
  return sum;
}
#endif

INLINE void
tile_of (const guint m, guint k, const float *a, gsize lda, const float *panel, const float *ahead,
         guint ahead_step, gint32 *sums)
{
  IntVec sum[TILE_ROWS][2];
#pragma GCC unroll 16
  for (guint i = 0; i < m; i++)
    sum[i][0] = sum[i][1] = (IntVec) { 0 };
  for (guint j = 0; j < k; j += AT_ONCE)
    {
      IntVec left[AT_ONCE];
      IntVec right[AT_ONCE];
#pragma GCC unroll 2
      for (guint u = 0; u < AT_ONCE; u++, panel += COLUMNS, ahead += ahead_step)
        {
          left[u] = load_quads (panel);
          right[u] = load_quads (panel + LANES);
          __builtin_prefetch (ahead, 0, 2);
        }
#pragma GCC unroll 16
      for (guint i = 0; i < m; i++)
        {
          IntVec x[AT_ONCE];
#pragma GCC unroll 2
          for (guint u = 0; u < AT_ONCE; u++)
            x[u] = splat_quad (a + i * lda + j + u);
          sum[i][0] = add_products (sum[i][0], x, left);
          sum[i][1] = add_products (sum[i][1], x, right);
        }
    }
#pragma GCC unroll 16
  for (guint i = 0; i < m; i++)
    memcpy (sums + i * COLUMNS, sum[i], sizeof sum[i]);
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

static void
tile (guint m, guint k, const float *a, gsize lda, const float *panel, const float *ahead,
      guint ahead_step, const FewEpilogue *e, float *c, gsize ldc, guint columns)
{
  gint32 own[MOST_ROWS * COLUMNS] __attribute__ ((aligned (VECTOR_BYTES)));
  gint32 *sums = e->partial ? (gint32 *) e->partial : own;
  float products[MOST_ROWS * COLUMNS] __attribute__ ((aligned (VECTOR_BYTES)));
#if defined __AMX_INT8__
  FEW_AMX_PRODUCT (_tile_dpbusd, m, k, a, lda, panel, ahead, ahead_step, e, sums);
  if (e->partial && !e->is_last)
    return;
#elif defined ROW_BY_ROW
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
#if defined __AMX_INT8__
  .tile = { MOST_ROWS, tile, few_amx_open, few_amx_close, AMX_PART, AMX_BLOCK_BYTES },
#else
  .tile = { MOST_ROWS, tile, NULL, NULL, 0, BLOCK_BYTES },
#endif
#if defined __AVX2__ && !defined __AVX512VNNI__ && !defined __AVXVNNI__
  .narrow = TRUE,
#endif
  .convert = convert,
};
