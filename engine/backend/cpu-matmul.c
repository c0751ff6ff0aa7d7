/* Matrix products over packed panels: the weights' side is stored [N/columns][K][columns] so that the inner loop reads it
 * in order; the other side is read in place. Row blocks keep about 600 KB of it in L2 while the panels stream by. */
#include "cpu.h"
#include "../error.h"
#include <string.h>

static const gsize BLOCK_BYTES = 600000;

typedef struct
{
  const FewKernels *kernels;
  guint m, n, k;
  const float *x;
  gsize ldx;
  const float *panels;
  FewEpilogue epilogue;
  float *y;
  gsize ldy;
  guint row_blocks, panel_groups, group; /* panels a group */
} Product;

static void
product_block (gpointer user, guint index, guint thread G_GNUC_UNUSED)
{
  const Product *p = user;
  guint rows = p->kernels->tile_rows, columns = p->kernels->tile_columns, n_panels = (p->n + columns - 1) / columns;
  guint block = index / p->panel_groups, first = index % p->panel_groups * p->group, end = MIN (first + p->group, n_panels);
  /* Tiles of nearly equal height: 50 rows are 4 × 13 − 2, not 3 × 14 + 8. */
  guint tiles = (p->m + rows - 1) / rows;
  guint tile0 = (guint) ((guint64) tiles * block / p->row_blocks), tile1 = (guint) ((guint64) tiles * (block + 1) / p->row_blocks);
  /* Each tile fetches its share of the next panel: from memory it would cost a fifth of the product's time. */
  guint share = (columns + tile1 - tile0 - 1) / (tile1 - tile0);
  for (guint panel = first; panel < end; panel++)
    for (guint t = tile0; t < tile1; t++)
      {
        const float *ahead = p->panels + (panel + 1) * (gsize) p->k * columns + (t - tile0) * (gsize) share * p->k;
        guint row0 = (guint) ((guint64) p->m * t / tiles), row1 = (guint) ((guint64) p->m * (t + 1) / tiles);
        gsize column = (gsize) panel * columns;
        FewEpilogue e = p->epilogue;
        if (e.bias)
          e.bias += column;
        if (e.residual)
          e.residual += row0 * e.ld_residual + column;
        p->kernels->tile (row1 - row0, p->k, p->x + row0 * p->ldx, p->ldx, p->panels + panel * (gsize) p->k * columns, ahead, share, &e,
                          p->y + row0 * p->ldy + column, p->ldy, MIN (columns, p->n - (guint) column));
      }
}

static void
run_product (FewStream *stream, Product *p)
{
  guint columns = p->kernels->tile_columns, n_panels = (p->n + columns - 1) / columns;
  guint tiles = (p->m + p->kernels->tile_rows - 1) / p->kernels->tile_rows;
  guint rows_in_l2 = (guint) MAX (BLOCK_BYTES / (p->k * sizeof (float)), (gsize) p->kernels->tile_rows);
  p->row_blocks = MIN ((p->m + rows_in_l2 - 1) / rows_in_l2, tiles);
  p->group = n_panels;
  gboolean small = (guint64) p->m * p->n * p->k < 200000;
  if (stream->threads > 1 && !small)
    {
      /* Four pieces a thread level out what the machine's other work takes away. */
      guint wanted = 4 * stream->threads;
      p->group = MAX (1, n_panels * p->row_blocks / wanted);
      p->group = MIN (p->group, n_panels);
    }
  p->panel_groups = (n_panels + p->group - 1) / p->group;
  guint pieces = p->row_blocks * p->panel_groups;
  if (small)
    for (guint i = 0; i < pieces; i++)
      product_block (p, i, 0);
  else
    few_stream_run (stream, pieces, product_block, p);
}

FewMatrix *
few_cpu_matrix_new (FewBackend *backend, guint n, guint k, const float *weights_host, GError **error)
{
  const FewKernels *kernels = backend->stream->kernels;
  guint columns = kernels->tile_columns, n_panels = (n + columns - 1) / columns;
  float *panels = few_cpu_alloc (backend, (gsize) n_panels * columns * k, error);
  if (!panels)
    return NULL;
  FewMatrix *matrix = g_new (FewMatrix, 1);
  *matrix = (FewMatrix){ n, k, panels };
  for (guint row = 0; row < n; row++)
    {
      float *to = panels + (gsize) (row / columns) * k * columns + row % columns;
      const float *from = weights_host + (gsize) row * k;
      for (guint i = 0; i < k; i++)
        to[(gsize) i * columns] = from[i];
    }
  return matrix;
}

void
few_cpu_matrix_free (FewBackend *backend, FewMatrix *matrix)
{
  few_cpu_free (backend, matrix->panels);
  g_free (matrix);
}

void
few_cpu_linear (FewStream *stream, guint m, const float *x, gsize ldx, const FewMatrix *weight, const float *bias,
                FewActivation activation, const float *residual, gsize ld_residual, float *y, gsize ldy)
{
  Product p = { .kernels = stream->kernels, .m = m, .n = weight->n, .k = weight->k, .x = x, .ldx = ldx, .panels = weight->panels,
                .epilogue = { bias, residual, ld_residual, activation, 1, 1, FALSE }, .y = y, .ldy = ldy };
  run_product (stream, &p);
}

/* op(b) [K, N] → panels */
static void
pack_panels (gboolean transposed, guint n, guint k, const float *b, gsize ldb, guint columns, float *panels)
{
  for (guint j0 = 0; j0 < n; j0 += columns, panels += (gsize) k * columns)
    {
      guint width = MIN (columns, n - j0);
      if (!transposed)
        for (guint i = 0; i < k; i++)
          {
            memcpy (panels + (gsize) i * columns, b + i * ldb + j0, width * sizeof (float));
            memset (panels + (gsize) i * columns + width, 0, (columns - width) * sizeof (float));
          }
      else
        for (guint i0 = 0; i0 < k; i0 += 16)
          for (guint j = 0; j < columns; j++)
            for (guint i = i0; i < MIN (i0 + 16, k); i++)
              panels[(gsize) i * columns + j] = j < width ? b[(j0 + j) * ldb + i] : 0;
    }
}

void
few_cpu_gemm (FewStream *stream, gboolean transpose_a, gboolean transpose_b, guint m, guint n, guint k, float scale, const float *a,
              gsize lda, const float *b, gsize ldb, float beta, float *c, gsize ldc)
{
  guint columns = stream->kernels->tile_columns;
  gsize panel_floats = (gsize) ((n + columns - 1) / columns) * columns * k;
  gsize stride = few_row_stride (k);
  float *panels = few_scratch_get (&stream->shared, panel_floats + (transpose_a ? m * stride : 0));
  pack_panels (transpose_b, n, k, b, ldb, columns, panels);
  if (transpose_a)
    {
      float *rows = panels + panel_floats;
      for (guint i0 = 0; i0 < k; i0 += 16)
        for (guint j = 0; j < m; j++)
          for (guint i = i0; i < MIN (i0 + 16, k); i++)
            rows[j * stride + i] = a[i * lda + j];
      a = rows, lda = stride;
    }
  Product p = { .kernels = stream->kernels, .m = m, .n = n, .k = k, .x = a, .ldx = lda, .panels = panels,
                .epilogue = { NULL, beta != 0 ? c : NULL, ldc, FEW_ACTIVATION_NONE, scale, beta, FALSE }, .y = c, .ldy = ldc };
  run_product (stream, &p);
}

/* ---- convolution: blocks of output pixels gather their 3×3 neighbourhoods into a small matrix, then one product each */

enum { CONV_ROWS = 56 };

typedef struct
{
  FewStream *stream;
  const FewConvShape *s;
  guint out_h, out_w, pixels; /* output pixels of all pictures */
  const float *x;
  const FewMatrix *weight;
  const float *bias, *residual;
  FewActivation activation;
  float *y;
} Conv;

static void
gather (const Conv *conv, guint first, guint count, float *columns, gsize ld)
{
  const FewConvShape *s = conv->s;
  int pad = (int) s->kernel / 2;
  for (guint i = 0; i < count; i++)
    {
      guint pixel = first + i, picture = pixel / (conv->out_h * conv->out_w), inside = pixel % (conv->out_h * conv->out_w);
      int y0 = (int) (inside / conv->out_w * s->stride) - pad, x0 = (int) (inside % conv->out_w * s->stride) - pad;
      float *to = columns + i * ld;
      for (int ky = 0; ky < (int) s->kernel; ky++)
        for (int kx = 0; kx < (int) s->kernel; kx++, to += s->channels)
          {
            int yy = y0 + ky, xx = x0 + kx;
            if (yy < 0 || xx < 0 || yy >= (int) s->height || xx >= (int) s->width)
              memset (to, 0, s->channels * sizeof (float));
            else
              memcpy (to, conv->x + (((gsize) picture * s->height + (guint) yy) * s->width + (guint) xx) * s->channels,
                      s->channels * sizeof (float));
          }
    }
}

static void
conv_block (gpointer user, guint index, guint thread)
{
  const Conv *conv = user;
  const FewKernels *kernels = conv->stream->kernels;
  const FewConvShape *s = conv->s;
  guint first = index * CONV_ROWS, count = MIN (CONV_ROWS, conv->pixels - first), k = conv->weight->k, n = conv->weight->n;
  const float *rows;
  gsize ld;
  if (s->kernel == 1 && s->stride == 1)
    rows = conv->x + (gsize) first * s->channels, ld = s->channels;
  else
    {
      ld = few_row_stride (k);
      float *columns = few_scratch_get (&conv->stream->scratch[thread], CONV_ROWS * ld);
      gather (conv, first, count, columns, ld);
      rows = columns;
    }
  guint tiles = (count + kernels->tile_rows - 1) / kernels->tile_rows;
  for (guint column = 0; column < n; column += kernels->tile_columns)
    for (guint t = 0; t < tiles; t++)
      {
        guint row0 = count * t / tiles, row1 = count * (t + 1) / tiles;
        gsize at = (gsize) (first + row0) * n + column;
        FewEpilogue e = { conv->bias + column, conv->residual ? conv->residual + at : NULL, n, conv->activation, 1, 1, conv->residual != NULL };
        kernels->tile (row1 - row0, k, rows + row0 * ld, ld, conv->weight->panels + (gsize) column * k, conv->weight->panels + (gsize) (column + kernels->tile_columns) * k, kernels->tile_columns, &e, conv->y + at, n,
                       MIN (kernels->tile_columns, n - column));
      }
}

void
few_cpu_conv (FewStream *stream, const FewConvShape *shape, const float *x, const FewMatrix *weight, const float *bias,
              FewActivation activation, const float *residual, float *y)
{
  Conv conv = { .stream = stream, .s = shape, .out_h = (shape->height + shape->stride - 1) / shape->stride,
                .out_w = (shape->width + shape->stride - 1) / shape->stride, .x = x, .weight = weight, .bias = bias, .residual = residual,
                .activation = activation, .y = y };
  conv.pixels = shape->batch * conv.out_h * conv.out_w;
  few_stream_run (stream, (conv.pixels + CONV_ROWS - 1) / CONV_ROWS, conv_block, &conv);
}
