/* SPDX-License-Identifier: MIT */
/* Products of dense matrices in double precision, blocked for the caches over a tile kernel of
 * the processor's level (Goto and van de Geijn, ACM TOMS 2008). */
#include "backend/dense-private.h"
#include <string.h>

enum { K_BLOCK = 256, N_BLOCK = 256, M_BLOCK = 168, LARGEST_TILE = 14 * 16 };
enum { FEW_LINES = 64 }; /* that are no more than a few tiles */

static FewDense *
new_with (const FewKernels *kernels, GError **error)
{
  g_autoptr (FewDense) dense = g_new0 (FewDense, 1);
  dense->kernels = kernels;
  guint rows = dense->kernels->double_rows;
  guint columns = dense->kernels->double_columns;
  g_assert (rows * columns <= LARGEST_TILE && N_BLOCK % columns == 0);
  dense->a = few_room_new (&dense->room, double, K_BLOCK, M_BLOCK + rows);
  dense->b = few_room_new (&dense->room, double, K_BLOCK, N_BLOCK);
  dense->tile = few_room_new (&dense->room, double, LARGEST_TILE, 1);
  dense->panel = few_room_new (&dense->room, double, FEW_DENSE_PANEL, FEW_DENSE_BLOCK);
  if (few_room_is_short (&dense->room, "multiplying matrices", error))
    return NULL;
  return g_steal_pointer (&dense);
}

FewDense *
few_dense_new (GError **error)
{
  return new_with (few_kernels_best (), error);
}

FewDense *
few_dense_new_for (const char *level)
{
  const FewKernels *kernels = few_kernels_choose (level);
  return kernels ? new_with (kernels, NULL) : NULL;
}

void
few_dense_free (FewDense *dense)
{
  few_room_clear (&dense->room);
  g_free (dense);
}

FewDense **
few_dense_new_each (FewPool *pool, GError **error)
{
  guint threads = few_pool_threads (pool);
  FewDense **dense = g_new0 (FewDense *, threads + 1);
  for (guint i = 0; i < threads; i++)
    if (!(dense[i] = few_dense_new (error)))
      {
        few_dense_free_each (dense);
        return NULL;
      }
  return dense;
}

void
few_dense_free_each (FewDense **dense)
{
  for (guint i = 0; dense && dense[i]; i++)
    few_dense_free (dense[i]);
  g_free (dense);
}

/* Lines `first` … `first + n` of the K entries from `at`, in groups of `width` lines that lie
 * beside each other, times scale; missing lines of the last group are zero. A line is a row of x,
 * or a column of it where `columns` is set. */
static void
pack_lines (const double *x, gsize ld, gboolean columns, guint first, guint n, guint at, guint k,
            guint width, double scale, double *packed)
{
  for (guint group = 0; group < n; group += width, packed += (gsize) k * width)
    {
      guint lines = MIN (width, n - group);
      if (lines < width)
        memset (packed, 0, (gsize) k * width * sizeof (double));
      if (columns)
        for (guint j = 0; j < k; j++)
          for (guint i = 0; i < lines; i++)
            packed[(gsize) j * width + i] = scale * x[(at + j) * ld + first + group + i];
      else
        for (guint i = 0; i < lines; i++)
          for (guint j = 0; j < k; j++)
            packed[(gsize) j * width + i] = scale * x[(first + group + i) * ld + at + j];
    }
}

static void
add_tile (const FewDense *dense, const double *tile, double *c, gsize ldc, guint rows,
          guint columns)
{
  guint width = dense->kernels->double_columns;
  for (guint i = 0; i < rows; i++)
    for (guint j = 0; j < columns; j++)
      c[i * ldc + j] += tile[(gsize) i * width + j];
}

/* A block of c, which begins at (row, column) and takes k entries from k0. */
typedef struct
{
  guint row, m, column, n, k0, k;
  /* rows of a, or columns of b, of whole tiles that are read where they stand; what is behind them
   * was packed */
  guint bare_rows, bare_columns;
} Block;

/* The tile at (i, j) of a block, c or one that is as large. */
static void
multiply_tile (const FewDense *dense, const FewDenseProduct *p, const Block *block, guint i,
               guint j, double *c, gsize ldc)
{
  const FewKernels *kernels = dense->kernels;
  const double *a = dense->a + (gsize) i * block->k;
  const double *b = dense->b + (gsize) j * block->k;
  if (i < block->bare_rows)
    kernels->double_tile_rows (block->k, p->a + (block->row + i) * p->lda + block->k0, p->lda, b, c,
                               ldc);
  else if (j < block->bare_columns)
    kernels->double_tile_columns (block->k, a, p->b + block->k0 * p->ldb + block->column + j,
                                  p->ldb, c, ldc);
  else
    kernels->double_tile (block->k, a, b, c, ldc);
}

/* c [m, n] += the block's product */
static void
multiply_blocks (const FewDense *dense, const FewDenseProduct *p, const Block *block)
{
  guint rows = dense->kernels->double_rows;
  guint columns = dense->kernels->double_columns;
  for (guint j = 0; j < block->n; j += columns)
    for (guint i = 0; i < block->m; i += rows)
      {
        double *c = p->c + (block->row + i) * p->ldc + block->column + j;
        if (p->lower && block->column + j > block->row + MIN (i + rows, block->m) - 1)
          continue;
        if (i + rows <= block->m && j + columns <= block->n)
          multiply_tile (dense, p, block, i, j, c, p->ldc);
        else
          {
            memset (dense->tile, 0, (gsize) rows * columns * sizeof (double));
            multiply_tile (dense, p, block, i, j, dense->tile, columns);
            add_tile (dense, dense->tile, c, p->ldc, MIN (rows, block->m - i),
                      MIN (columns, block->n - j));
          }
      }
}

static void
scale_rows (const FewDenseProduct *p)
{
  for (guint i = 0; i < p->m; i++)
    {
      double *row = p->c + i * p->ldc;
      if (p->beta == 0)
        memset (row, 0, p->n * sizeof (double));
      else
        for (guint j = 0; j < p->n; j++)
          row[j] *= p->beta;
    }
}

/* Rows `from` … `to` of the product. What only a few tiles read is not packed for them: that would
 * cost as much as they do. */
static void
multiply_rows (FewDense *dense, const FewDenseProduct *p, guint from, guint to)
{
  guint rows = dense->kernels->double_rows;
  guint columns = dense->kernels->double_columns;
  guint m_block = M_BLOCK / rows * rows;
  gboolean bare_a = !p->transpose_a && p->n <= FEW_LINES;
  gboolean bare_b = !bare_a && !p->transpose_b && p->m <= FEW_LINES;
  for (guint k0 = 0; k0 < p->k; k0 += K_BLOCK)
    for (guint n0 = 0; n0 < p->n; n0 += N_BLOCK)
      {
        guint k = MIN (K_BLOCK, p->k - k0);
        guint n = MIN (N_BLOCK, p->n - n0);
        guint n_bare = bare_b ? n / columns * columns : 0;
        if (p->lower && n0 >= to)
          break;
        pack_lines (p->b, p->ldb, !p->transpose_b, n0 + n_bare, n - n_bare, k0, k, columns,
                    bare_a ? p->scale : 1, dense->b + (gsize) n_bare * k);
        for (guint m0 = from; m0 < to; m0 += m_block)
          {
            guint m = MIN (m_block, to - m0);
            guint m_bare = bare_a ? m / rows * rows : 0;
            const Block block = { m0, m, n0, n, k0, k, m_bare, n_bare };
            if (p->lower && n0 >= m0 + m)
              continue;
            pack_lines (p->a, p->lda, p->transpose_a, m0 + m_bare, m - m_bare, k0, k, rows,
                        bare_a ? 1 : p->scale, dense->a + (gsize) m_bare * k);
            multiply_blocks (dense, p, &block);
          }
      }
}

void
few_dense_product (FewDense *dense, const FewDenseProduct *product)
{
  if (product->beta != 1)
    scale_rows (product);
  multiply_rows (dense, product, 0, product->m);
}

guint
few_dense_band (FewPool *pool, const FewDense *dense, guint m, gboolean alike)
{
  guint rows = dense->kernels->double_rows;
  guint wanted = MAX (m / ((alike ? 1 : 4) * few_pool_threads (pool)), 1);
  return (wanted + rows - 1) / rows * rows;
}

typedef struct
{
  FewDense *const *dense;
  const FewDenseProduct *product;
  guint band;
} Shared;

static void
multiply_band (gpointer user, guint index, guint thread)
{
  const Shared *shared = user;
  guint from = index * shared->band;
  multiply_rows (shared->dense[thread], shared->product, from,
                 MIN (from + shared->band, shared->product->m));
}

void
few_dense_product_shared (FewPool *pool, FewDense *const *dense, const FewDenseProduct *product)
{
  Shared shared = { dense, product, few_dense_band (pool, dense[0], product->m, !product->lower) };
  if (product->beta != 1)
    scale_rows (product);
  few_pool_run (pool, (product->m + shared.band - 1) / shared.band, multiply_band, &shared);
}

void
few_dense_mirror (double *a, guint d)
{
  for (guint i = 0; i < d; i++)
    for (guint j = 0; j < i; j++)
      a[(gsize) j * d + i] = a[(gsize) i * d + j];
}

double
few_dense_softmax (const FewDense *dense, guint n, double *row)
{
  return dense->kernels->double_softmax (n, row);
}
