/* SPDX-License-Identifier: MIT */
/* The product tile in bfloat16: AVX512_BF16 multiplies pairs and sums in f32, AMX does so 16 by 16
 * by 16. GNU C's vectors cannot say either. */
#include "backend/cpu/amx.h"
#include "backend/cpu/kernels-levelled.h"
#include "backend/cpu/vector.h"
#include <immintrin.h>

#if defined __AMX_BF16__

void
FEW_LEVELLED (tile_pairs) (guint m, guint k, const float *a, gsize lda, const float *panel,
                           const float *ahead, guint ahead_step, const FewEpilogue *e, float *c,
                           gsize ldc, guint columns)
{
  float own[AMX_TILE_ROWS * AMX_COLUMNS] __attribute__ ((aligned (64)));
  float *sums = e->partial ? e->partial : own;
  FEW_AMX_PRODUCT (_tile_dpbf16ps, m, k, a, lda, panel, ahead, ahead_step, e, sums);
  if (!e->partial || e->is_last)
    FEW_LEVELLED (finish_tile) (m, sums, e, c, ldc, columns);
}

#else

INLINE void
tile_of (const guint m, guint k, const float *a, gsize lda, const float *panel, const float *ahead,
         guint ahead_step, const FewEpilogue *e, float *c, gsize ldc, guint columns)
{
  Vec sum[TILE_ROWS][2];
#pragma GCC unroll 16
  for (guint i = 0; i < m; i++)
    sum[i][0] = sum[i][1] = (Vec) { 0 };
  for (guint j = 0; j < k; j++, panel += COLUMNS, ahead += ahead_step)
    {
      __m512bh left = (__m512bh) _mm512_loadu_ps (panel);
      __m512bh right = (__m512bh) _mm512_loadu_ps (panel + LANES);
      __builtin_prefetch (ahead, 0, 2);
#pragma GCC unroll 16
      for (guint i = 0; i < m; i++)
        {
          __m512bh x = (__m512bh) _mm512_set1_ps (a[i * lda + j]);
          sum[i][0] = (Vec) _mm512_dpbf16_ps ((__m512) sum[i][0], x, left);
          sum[i][1] = (Vec) _mm512_dpbf16_ps ((__m512) sum[i][1], x, right);
        }
    }
  store_tile (m, sum, e, c, ldc, columns);
}

void
FEW_LEVELLED (tile_pairs) (guint m, guint k, const float *a, gsize lda, const float *panel,
                           const float *ahead, guint ahead_step, const FewEpilogue *e, float *c,
                           gsize ldc, guint columns)
{
#define CALL(n) tile_of (n, k, a, lda, panel, ahead, ahead_step, e, c, ldc, columns)
  SWITCH_HEIGHT (m, CALL)
#undef CALL
}

#endif

void
FEW_LEVELLED (to_pairs) (gsize n, const float *x, float *pairs)
{
  gsize i;
  for (i = 0; i + 16 <= n; i += 16)
    _mm256_storeu_si256 ((gpointer) (pairs + i / 2),
                         (__m256i) _mm512_cvtneps_pbh (_mm512_loadu_ps (x + i)));
  if (i < n)
    {
      float rest[16] = { 0 };
      float out[8];
      memcpy (rest, x + i, (n - i) * sizeof (float));
      _mm256_storeu_si256 ((gpointer) out, (__m256i) _mm512_cvtneps_pbh (_mm512_loadu_ps (rest)));
      memcpy (pairs + i / 2, out, (n - i + 1) / 2 * sizeof (float));
    }
}
