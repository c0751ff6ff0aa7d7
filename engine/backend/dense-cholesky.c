/* SPDX-License-Identifier: MIT */
/* Cholesky's factor, and what it solves: blocks of 32 columns, whose inverses make the rest
 * products, and of 256 around them, which these products take at once. */
#include "backend/dense-private.h"
#include <math.h>
#include <string.h>

gsize
few_dense_inverses (guint d)
{
  gsize blocks = (d + FEW_DENSE_BLOCK - 1) / FEW_DENSE_BLOCK;
  return blocks * FEW_DENSE_BLOCK * FEW_DENSE_BLOCK;
}

/* L of a block [n, n] in the place of its lower triangle, and the inverse of L */
static gboolean
factor_block (double *a, gsize ld, guint n, double *inverse)
{
  for (guint j = 0; j < n; j++)
    for (guint i = j; i < n; i++)
      {
        double sum = a[i * ld + j];
        for (guint l = 0; l < j; l++)
          sum -= a[i * ld + l] * a[j * ld + l];
        if (i == j && !(sum > 0 && isfinite (sum)))
          return FALSE;
        a[i * ld + j] = i == j ? sqrt (sum) : sum / a[j * ld + j];
      }
  memset (inverse, 0, FEW_DENSE_BLOCK * FEW_DENSE_BLOCK * sizeof (double));
  for (guint j = 0; j < n; j++)
    for (guint i = j; i < n; i++)
      {
        double sum = i == j ? 1 : 0;
        for (guint l = j; l < i; l++)
          sum -= a[i * ld + l] * inverse[l * FEW_DENSE_BLOCK + j];
        inverse[i * FEW_DENSE_BLOCK + j] = sum / a[i * ld + i];
      }
  return TRUE;
}

/* x [m, n], rows ld apart, times a block's inverse, or its transpose */
static void
divide_columns (FewDense *dense, const double *inverse, gboolean transpose, double *x, gsize ld,
                guint m, guint n)
{
  for (guint first = 0; first < m; first += FEW_DENSE_PANEL)
    {
      guint rows = MIN (FEW_DENSE_PANEL, m - first);
      double *band = x + (gsize) first * ld;
      for (guint i = 0; i < rows; i++)
        memcpy (dense->panel + (gsize) i * n, band + (gsize) i * ld, n * sizeof (double));
      FewDenseProduct divide = { .m = rows,
                                 .n = n,
                                 .k = n,
                                 .scale = 1,
                                 .a = dense->panel,
                                 .lda = n,
                                 .b = inverse,
                                 .ldb = FEW_DENSE_BLOCK,
                                 .transpose_b = transpose,
                                 .c = band,
                                 .ldc = ld };
      few_dense_product (dense, &divide);
    }
}

/* few_dense_factor where rows are ld apart */
static gboolean
factor (FewDense *dense, double *a, gsize ld, guint d, double *inverses)
{
  for (guint at = 0; at < d; at += FEW_DENSE_BLOCK, inverses += FEW_DENSE_BLOCK * FEW_DENSE_BLOCK)
    {
      guint n = MIN (FEW_DENSE_BLOCK, d - at);
      guint below = d - at - n;
      double *block = a + at * ld + at;
      double *under = block + n * ld;
      FewDenseProduct left = { .m = d - at,
                               .n = n,
                               .k = at,
                               .scale = -1,
                               .beta = 1,
                               .a = a + at * ld,
                               .lda = ld,
                               .b = a + at * ld,
                               .ldb = ld,
                               .transpose_b = TRUE,
                               .c = block,
                               .ldc = ld };
      if (at > 0)
        few_dense_product (dense, &left);
      if (!factor_block (block, ld, n, inverses))
        return FALSE;
      if (below > 0)
        divide_columns (dense, inverses, TRUE, under, ld, below, n);
    }
  return TRUE;
}

gboolean
few_dense_factor (FewDense *dense, double *a, guint d, double *inverses)
{
  return factor (dense, a, d, d, inverses);
}

/* L [d, d], rows ld apart, and the inverses of its blocks */
typedef struct
{
  const double *l;
  gsize ld;
  const double *inverses;
  guint d;
} Factor;

/* Of a factor, what solves for columns at … at + n alone. */
static Factor
take_part (const Factor *f, guint at, guint n)
{
  return (Factor) { f->l + at * f->ld + at, f->ld, f->inverses + (gsize) at * FEW_DENSE_BLOCK, n };
}

/* x [m, d], rows ld apart → z of z Lᵀ = x, `step` columns at once; wide steps are made of narrow
 * ones, whose blocks have inverses. */
static void
solve_forward (FewDense *dense, const Factor *f, guint step, double *x, gsize ld, guint m)
{
  for (guint at = 0; at < f->d; at += step)
    {
      guint n = MIN (step, f->d - at);
      const Factor part = take_part (f, at, n);
      FewDenseProduct before = { .m = m,
                                 .n = n,
                                 .k = at,
                                 .scale = -1,
                                 .beta = 1,
                                 .a = x,
                                 .lda = ld,
                                 .b = f->l + at * f->ld,
                                 .ldb = f->ld,
                                 .transpose_b = TRUE,
                                 .c = x + at,
                                 .ldc = ld };
      if (at > 0)
        few_dense_product (dense, &before);
      if (step > FEW_DENSE_BLOCK)
        solve_forward (dense, &part, FEW_DENSE_BLOCK, x + at, ld, m);
      else
        divide_columns (dense, part.inverses, TRUE, x + at, ld, m, n);
    }
}

/* z → x of x L = z */
static void
solve_back (FewDense *dense, const Factor *f, guint step, double *x, gsize ld, guint m)
{
  guint steps = (f->d + step - 1) / step;
  for (guint i = steps; i-- > 0;)
    {
      guint at = i * step;
      guint n = MIN (step, f->d - at);
      guint behind = f->d - at - n;
      const Factor part = take_part (f, at, n);
      FewDenseProduct after = { .m = m,
                                .n = n,
                                .k = behind,
                                .scale = -1,
                                .beta = 1,
                                .a = x + at + n,
                                .lda = ld,
                                .b = f->l + (at + n) * f->ld + at,
                                .ldb = f->ld,
                                .c = x + at,
                                .ldc = ld };
      if (behind > 0)
        few_dense_product (dense, &after);
      if (step > FEW_DENSE_BLOCK)
        solve_back (dense, &part, FEW_DENSE_BLOCK, x + at, ld, m);
      else
        divide_columns (dense, part.inverses, FALSE, x + at, ld, m, n);
    }
}

void
few_dense_solve (FewDense *dense, const double *l, const double *inverses, guint d, double *x,
                 guint m)
{
  const Factor f = { l, d, inverses, d };
  solve_forward (dense, &f, FEW_DENSE_WIDE, x, d, m);
  solve_back (dense, &f, FEW_DENSE_WIDE, x, d, m);
}

/* ---- on several threads */

/* Rows that are solved for. */
typedef struct
{
  FewDense *const *dense;
  const Factor *factor;
  double *x;
  gsize ld;
  guint m, band;
  gboolean forward_only;
} Solving;

static void
solve_band (gpointer user, guint index, guint thread)
{
  const Solving *solving = user;
  FewDense *dense = solving->dense[thread];
  guint from = index * solving->band;
  guint m = MIN (solving->band, solving->m - from);
  double *x = solving->x + from * solving->ld;
  solve_forward (dense, solving->factor, FEW_DENSE_WIDE, x, solving->ld, m);
  if (!solving->forward_only)
    solve_back (dense, solving->factor, FEW_DENSE_WIDE, x, solving->ld, m);
}

static void
solve_rows (FewPool *pool, Solving *solving)
{
  solving->band = few_dense_band (pool, solving->dense[0], solving->m, TRUE);
  few_pool_run (pool, (solving->m + solving->band - 1) / solving->band, solve_band, solving);
}

gboolean
few_dense_factor_shared (FewPool *pool, FewDense *const *dense, double *a, guint d,
                         double *inverses, GCancellable *cancellable)
{
  for (guint at = 0; at < d && !g_cancellable_is_cancelled (cancellable); at += FEW_DENSE_WIDE)
    {
      guint n = MIN (FEW_DENSE_WIDE, d - at);
      guint below = d - at - n;
      double *own = inverses + (gsize) at * FEW_DENSE_BLOCK;
      double *block = a + (gsize) at * d + at;
      const Factor f = { block, d, own, n };
      FewDenseProduct left = { .m = d - at,
                               .n = n,
                               .k = at,
                               .scale = -1,
                               .beta = 1,
                               .a = a + (gsize) at * d,
                               .lda = d,
                               .b = a + (gsize) at * d,
                               .ldb = d,
                               .transpose_b = TRUE,
                               .c = block,
                               .ldc = d };
      if (at > 0)
        few_dense_product_shared (pool, dense, &left);
      if (!factor (dense[0], block, d, n, own))
        return FALSE;
      Solving rows = { dense, &f, block + (gsize) n * d, d, below, 0, TRUE };
      if (below > 0)
        solve_rows (pool, &rows);
    }
  return !g_cancellable_is_cancelled (cancellable);
}

void
few_dense_solve_shared (FewPool *pool, FewDense *const *dense, const double *l,
                        const double *inverses, guint d, double *x, guint m)
{
  const Factor f = { l, d, inverses, d };
  Solving rows = { dense, &f, x, d, m, 0, FALSE };
  if (m > 0)
    solve_rows (pool, &rows);
}
