/* SPDX-License-Identifier: MIT */
/* Matrix products over packed panels: the weights' side is stored [N/columns][K][columns] so
 * that the inner loop reads it in order; the other side is read in place. Row blocks of it
 * stay in L2 while the panels stream by. */
#include "backend/cpu/matmul.h"
#include "backend/cpu/passed.h"
#include "backend/cpu/quads.h"
#include "base/memory.h"
#include <string.h>

enum { MOST_TILE_ROWS = 32, MOST_COLUMNS = 32 }; /* of any level */

static FewTile
find_tile (const FewStream *stream, FewForm form)
{
  if (form == FEW_FORM_QUADS)
    return stream->quads->tile;
  return form == FEW_FORM_PAIRS ? stream->kernels->pairs : stream->kernels->tile;
}

/* Before and after the tiles of a thread: of m rows there are so many tiles, of nearly equal
 * height. */
static void
open_tiles (const FewTile *tile, guint m, guint tiles)
{
  if (tile->open)
    tile->open (m / tiles);
}

static void
close_tiles (const FewTile *tile)
{
  if (tile->close)
    tile->close ();
}

/* The epilogue of the tile at that row and column. */
static FewEpilogue
move_epilogue (const FewEpilogue *whole, guint row, gsize column)
{
  FewEpilogue e = *whole;
  if (e.bias)
    e.bias += column;
  if (e.residual)
    e.residual += row * e.ld_residual + column;
  if (e.row_steps)
    {
      e.row_steps += row;
      e.row_lows += row;
      e.column_scales += column;
      e.column_sums += column;
    }
  return e;
}

/* The tile's lines come by while it is multiplied: few of its rows lie side by side. */
static void
fetch_for_writing (float *y, gsize ldy, guint rows, guint width)
{
  enum { LINE = 64 / sizeof (float) };
  for (guint i = 0; i < rows; i++)
    for (guint j = 0; j < width; j += LINE)
      __builtin_prefetch (y + i * ldy + j, 1, 2);
}

/* The tile of a panel's part of K from k0 on. */
static void
run_tile (const FewProduct *p, guint panel, guint row0, guint row1, guint k0, guint part,
          const float *ahead, guint share, float *partial)
{
  gsize column = (gsize) panel * p->columns;
  FewEpilogue e = move_epilogue (&p->epilogue, row0, column);
  e.partial = partial;
  e.is_first = k0 == 0;
  e.is_last = k0 + part >= p->k;
  guint width = MIN (p->columns, p->n - (guint) column);
  float own[MOST_TILE_ROWS * MOST_COLUMNS];
  float *y = p->to ? own : p->y + row0 * p->ldy + column;
  if (e.is_last && !p->to)
    fetch_for_writing (y, p->ldy, row1 - row0, width);
  p->tile.run (row1 - row0, MIN (part, p->k - k0), p->x + row0 * p->ldx + k0, p->ldx,
               p->panels + column * p->k + (gsize) k0 * p->columns, ahead + (gsize) k0 * share,
               share, &e, y, p->to ? p->columns : p->ldy, width);
  for (guint row = row0; p->to && e.is_last && row < row1; row++)
    few_passed_put (p->stream, p->to, row, (guint) column, width, own + (row - row0) * p->columns);
}

static void
product_block (gpointer user, guint index, guint thread)
{
  const FewProduct *p = user;
  guint rows = p->tile.rows;
  guint columns = p->columns;
  guint n_panels = (p->n + columns - 1) / columns;
  guint block = index / p->panel_groups;
  guint first = index % p->panel_groups * p->group;
  guint end = MIN (first + p->group, n_panels);
  /* Tiles of nearly equal height: 50 rows are 4 × 13 − 2, not 3 × 14 + 8. */
  guint tiles = (p->m + rows - 1) / rows;
  guint tile0 = (guint) ((guint64) tiles * block / p->row_blocks);
  guint tile1 = (guint) ((guint64) tiles * (block + 1) / p->row_blocks);
  /* Each tile fetches its share of the next panel: from memory it would cost a fifth of the
   * product's time. */
  guint share = (columns + tile1 - tile0 - 1) / (tile1 - tile0);
  guint top = (guint) ((guint64) p->m * tile0 / tiles);
  guint bottom = (guint) ((guint64) p->m * tile1 / tiles);
  /* Of few tiles a panel is read too seldom to keep it. */
  gboolean in_parts = p->tile.part && p->k > p->tile.part && tile1 - tile0 > 2;
  guint part = in_parts ? p->tile.part : p->k;
  float *partial = NULL;
  if (in_parts)
    {
      partial = few_scratch_get (p->stream, &p->stream->scratch[thread],
                                 (gsize) (bottom - top) * columns);
      if (!partial)
        return;
    }
  open_tiles (&p->tile, p->m, tiles);
  for (guint panel = first; panel < end; panel++)
    for (guint k0 = 0; k0 < p->k; k0 += part)
      for (guint t = tile0; t < tile1; t++)
        {
          const float *ahead =
              p->panels + (panel + 1) * (gsize) p->k * columns + (t - tile0) * (gsize) share * p->k;
          guint row0 = (guint) ((guint64) p->m * t / tiles);
          guint row1 = (guint) ((guint64) p->m * (t + 1) / tiles);
          run_tile (p, panel, row0, row1, k0, part, ahead, share,
                    partial ? partial + (gsize) (row0 - top) * columns : NULL);
        }
  close_tiles (&p->tile);
}

/* Into how many groups the panels go: as few as make four pieces a thread, which level out what the
 * machine's other work takes away, and as many for each thread, or else the last piece of nine has
 * one thread wait for the other. */
static guint
choose_groups (guint n_panels, guint row_blocks, guint threads)
{
  guint groups = threads > 1 ? (4 * threads + row_blocks - 1) / row_blocks : 1;
  while (groups * row_blocks % threads != 0)
    groups++;
  return MIN (groups, n_panels);
}

void
few_cpu_product (FewStream *stream, FewProduct *p)
{
  p->stream = stream;
  p->columns = stream->kernels->tile_columns;
  p->tile = find_tile (stream, p->form);
  guint n_panels = (p->n + p->columns - 1) / p->columns;
  guint tiles = (p->m + p->tile.rows - 1) / p->tile.rows;
  guint rows_in_l2 = MAX ((guint) (p->tile.block_bytes / (p->k * sizeof (float))), p->tile.rows);
  p->row_blocks = MIN ((p->m + rows_in_l2 - 1) / rows_in_l2, tiles);
  gboolean small = (guint64) p->m * p->n * p->k < 200000;
  guint groups = small ? 1 : choose_groups (n_panels, p->row_blocks, stream->threads);
  p->group = (n_panels + groups - 1) / groups;
  p->panel_groups = (n_panels + p->group - 1) / p->group;
  guint pieces = p->row_blocks * p->panel_groups;
  if (small)
    for (guint i = 0; i < pieces; i++)
      product_block (p, i, 0);
  else
    few_stream_run (stream, pieces, product_block, p);
}

void
few_cpu_small_product (const FewKernels *kernels, gboolean pairs, guint m, guint n, guint k,
                       const float *a, gsize lda, const float *panels, float scale,
                       const float *bias, float *c, gsize ldc)
{
  const FewTile *tile = pairs ? &kernels->pairs : &kernels->tile;
  guint columns = kernels->tile_columns;
  guint tiles = (m + tile->rows - 1) / tile->rows;
  open_tiles (tile, m, tiles);
  for (guint column = 0; column < n; column += columns)
    for (guint t = 0; t < tiles; t++)
      {
        guint row0 = m * t / tiles;
        guint row1 = m * (t + 1) / tiles;
        FewEpilogue e = { .bias = bias ? bias + column : NULL, .scale = scale };
        const float *panel = panels + (gsize) column * k;
        tile->run (row1 - row0, k, a + row0 * lda, lda, panel, panel + (gsize) columns * k, columns,
                   &e, c + row0 * ldc + column, ldc, MIN (columns, n - column));
      }
  close_tiles (tile);
}

void
few_cpu_pack_panel (gboolean transposed, guint columns, guint panel, guint n, guint k,
                    const float *b, gsize ldb, float *panels)
{
  guint j0 = panel * columns;
  guint width = MIN (columns, n - j0);
  float *to = panels + (gsize) j0 * k;
  if (!transposed)
    for (guint i = 0; i < k; i++)
      {
        memcpy (to + (gsize) i * columns, b + i * ldb + j0, width * sizeof (float));
        memset (to + (gsize) i * columns + width, 0, (columns - width) * sizeof (float));
      }
  else
    for (guint i0 = 0; i0 < k; i0 += 16) /* a block of rows and columns that stays in L1 */
      for (guint j = 0; j < columns; j++)
        for (guint i = i0; i < MIN (i0 + 16, k); i++)
          to[(gsize) i * columns + j] = j < width ? b[(j0 + j) * ldb + i] : 0;
}

/* x [k] in pairs, and zeros for what there is more of them */
void
few_cpu_to_whole_pairs (const FewKernels *kernels, guint k, const float *x, float *pairs)
{
  guint filled = (k + 1) / 2;
  kernels->to_pairs (k, x, pairs);
  memset (pairs + filled, 0, (few_form_units (FEW_FORM_PAIRS, k) - filled) * sizeof (float));
}

/* ---- x in pairs: converted once, before the product */

typedef struct
{
  const FewKernels *kernels;
  guint k;
  const float *x;
  gsize ldx;
  float *pairs;
  gsize ld_pairs;
  guint m, rows;
} Conversion;

static void
convert_rows (gpointer user, guint index, guint thread G_GNUC_UNUSED)
{
  const Conversion *c = user;
  for (guint i = index * c->rows; i < MIN ((index + 1) * c->rows, c->m); i++)
    few_cpu_to_whole_pairs (c->kernels, c->k, c->x + i * c->ldx, c->pairs + i * c->ld_pairs);
}

static const float *
to_pairs (FewStream *stream, guint m, guint k, const float *x, gsize ldx, gsize *ld_pairs)
{
  *ld_pairs = few_row_stride (few_form_units (FEW_FORM_PAIRS, k));
  guint rows = few_stream_rows (stream, m, k);
  float *pairs = few_scratch_get (stream, &stream->packed, m * *ld_pairs);
  Conversion c = { stream->kernels, k, x, ldx, pairs, *ld_pairs, m, rows };
  if (pairs)
    few_stream_run (stream, (m + rows - 1) / rows, convert_rows, &c);
  return pairs;
}

const float *
few_cpu_to_form (FewStream *stream, const FewMatrix *weight, guint m, guint k, const float *x,
                 gsize ldx, gsize *ld, FewEpilogue *epilogue)
{
  *ld = ldx;
  epilogue->column_scales = weight->scales;
  epilogue->column_sums = weight->sums;
  const FewPassed *passed = few_passed_take (stream, x, k, weight->form);
  if (passed)
    {
      *ld = passed->ld;
      epilogue->row_steps = passed->steps;
      epilogue->row_lows = passed->lows;
      return passed->memory.memory;
    }
  if (weight->form == FEW_FORM_PAIRS)
    return to_pairs (stream, m, k, x, ldx, ld);
  if (weight->form == FEW_FORM_FLOATS)
    return x;
  return few_cpu_to_quads (stream, m, k, x, ldx, ld, epilogue);
}

void
few_cpu_linear (FewStream *stream, guint m, const float *x, gsize ldx, const FewMatrix *weight,
                const float *bias, FewActivation activation, const float *residual,
                gsize ld_residual, float *y, gsize ldy)
{
  FewProduct p = { .m = m,
                   .n = weight->n,
                   .k = few_form_units (weight->form, weight->k),
                   .form = weight->form,
                   .panels = weight->panels,
                   .epilogue = { bias, residual, ld_residual, activation, 1, 1, FALSE },
                   .y = y,
                   .ldy = ldy };
  p.x = few_cpu_to_form (stream, weight, m, weight->k, x, ldx, &p.ldx, &p.epilogue);
  p.to = few_passed_begin (stream, m, weight->n, y, stream->kernels->tile_columns);
  if (p.x)
    few_cpu_product (stream, &p);
}

/* ---- one matrix a group (an attention head): each group is one piece */

typedef struct
{
  FewStream *stream;
  guint m;
  const float *x;
  gsize ldx;
  FewMatrix *const *weights;
  const float *bias;
  float *y;
  gsize ldy;
} Groups;

static void
product_group (gpointer user, guint index, guint thread)
{
  const Groups *g = user;
  const FewMatrix *weight = g->weights[index];
  const FewKernels *kernels = g->stream->kernels;
  guint k = weight->k;
  const float *x = g->x + (gsize) index * k;
  gsize ldx = g->ldx;
  gsize at = (gsize) index * weight->n;
  gboolean in_pairs = weight->form == FEW_FORM_PAIRS;
  if (in_pairs)
    {
      guint pairs = few_form_units (weight->form, k);
      float *converted =
          few_scratch_get (g->stream, &g->stream->scratch[thread], (gsize) g->m * pairs);
      if (!converted)
        return;
      for (guint i = 0; i < g->m; i++)
        few_cpu_to_whole_pairs (kernels, k, x + i * ldx, converted + (gsize) i * pairs);
      x = converted;
      ldx = k = pairs;
    }
  few_cpu_small_product (kernels, in_pairs, g->m, weight->n, k, x, ldx, weight->panels, 1,
                         g->bias ? g->bias + at : NULL, g->y + at, g->ldy);
}

void
few_cpu_grouped_linear (FewStream *stream, guint groups, guint m, const float *x, gsize ldx,
                        FewMatrix *const *weights, const float *bias, float *y, gsize ldy)
{
  Groups g = { stream, m, x, ldx, weights, bias, y, ldy };
  few_stream_run (stream, groups, product_group, &g);
}

/* ---- products of training: both sides change, b is packed each time */

typedef struct
{
  gboolean transpose_b;
  guint m, n, k, columns, panels_a_piece, rows_a_piece;
  const float *a, *b;
  gsize lda, ldb, ld_rows;
  float *panels, *rows;
} Operands;

static void
pack_b (gpointer user, guint index, guint thread G_GNUC_UNUSED)
{
  const Operands *o = user;
  guint n_panels = (o->n + o->columns - 1) / o->columns;
  for (guint panel = index * o->panels_a_piece;
       panel < MIN ((index + 1) * o->panels_a_piece, n_panels); panel++)
    few_cpu_pack_panel (o->transpose_b, o->columns, panel, o->n, o->k, o->b, o->ldb, o->panels);
}

/* a [K, M] → rows [M, K] */
static void
transpose_a (gpointer user, guint index, guint thread G_GNUC_UNUSED)
{
  const Operands *o = user;
  guint first = index * o->rows_a_piece;
  guint end = MIN (first + o->rows_a_piece, o->m);
  for (guint i0 = 0; i0 < o->k; i0 += 16)
    for (guint j = first; j < end; j++)
      for (guint i = i0; i < MIN (i0 + 16, o->k); i++)
        o->rows[j * o->ld_rows + i] = o->a[i * o->lda + j];
}

void
few_cpu_gemm (FewStream *stream, gboolean transpose_left, gboolean transpose_right, guint m,
              guint n, guint k, float scale, const float *a, gsize lda, const float *b, gsize ldb,
              float beta, float *c, gsize ldc)
{
  guint columns = stream->kernels->tile_columns;
  guint n_panels = (n + columns - 1) / columns;
  gsize panel_floats = (gsize) n_panels * columns * k;
  Operands o = { .transpose_b = transpose_right,
                 .m = m,
                 .n = n,
                 .k = k,
                 .columns = columns,
                 .a = a,
                 .b = b,
                 .lda = lda,
                 .ldb = ldb,
                 .ld_rows = few_row_stride (k) };
  o.panels = few_scratch_get (stream, &stream->packed,
                              panel_floats + (transpose_left ? m * o.ld_rows : 0));
  if (!o.panels)
    return;
  o.rows = o.panels + panel_floats;
  o.panels_a_piece = few_stream_rows (stream, n_panels, (gsize) columns * k);
  few_stream_run (stream, (n_panels + o.panels_a_piece - 1) / o.panels_a_piece, pack_b, &o);
  if (transpose_left)
    {
      o.rows_a_piece = few_stream_rows (stream, m, k);
      few_stream_run (stream, (m + o.rows_a_piece - 1) / o.rows_a_piece, transpose_a, &o);
      a = o.rows;
      lda = o.ld_rows;
    }
  FewProduct p = { .m = m,
                   .n = n,
                   .k = k,
                   .x = a,
                   .ldx = lda,
                   .panels = o.panels,
                   .epilogue = { NULL, beta != 0 ? c : NULL, ldc, FEW_ACTIVATION_NONE, scale, beta,
                                 FALSE },
                   .y = c,
                   .ldy = ldc };
  few_cpu_product (stream, &p);
}
