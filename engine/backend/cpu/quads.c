/* SPDX-License-Identifier: MIT */
/* Products of bytes. Weights are symmetric with a scale a column (output channel), rounded when
 * they are loaded; a row of the other side is 256 steps from its smallest to its largest value,
 * found when it is multiplied. So no row depends on another, and a picture's feature not on the
 * pictures beside it. */
#include "backend/cpu/quads.h"
#include "base/magnitude.h"
#include <math.h>
#include <string.h>

enum { MOST_K = 65536, LARGEST = 127, GROUP_SUM = 128 };

gboolean
few_cpu_fits_quads (guint k)
{
  return k <= MOST_K;
}

/* The scale of one column. The kernels of AVX2 want the weights of one sign in each group of four
 * that they add in 16 bits, 0, 1, 4, 5 and 2, 3, 6, 7 of eight, to sum to GROUP_SUM at most;
 * rounding may add a half to each of four. Of normally distributed weights that costs less than a
 * bit, as four large ones are seldom neighbours: no more than 7 bits a weight would, which is
 * what such kernels are given elsewhere. */
static float
find_scale (const float *w, guint k, gboolean narrow)
{
  float largest = few_largest_magnitude (w, k);
  float group = 0;
  if (!isfinite (largest))
    return largest;
  for (guint first = 0; narrow && first < k; first += 8)
    {
      float sums[2][2] = { { 0 } };
      for (guint i = first; i < MIN (first + 8, k); i++)
        sums[i / 2 % 2][w[i] < 0] += fabsf (w[i]);
      for (guint half = 0; half < 2; half++)
        group = MAX (group, MAX (sums[half][0], sums[half][1]));
    }
  return MAX (largest / LARGEST, group / (GROUP_SUM - 2));
}

typedef struct
{
  FewStream *stream;
  FewMatrix *matrix;
  guint columns; /* of a panel */
  gboolean narrow;
  const float *weights; /* [N, K] */
} Packing;

/* w [k] in steps of `scale`, to the nearest; returns their sum. */
static gint32
round_column (const float *w, guint k, float scale, gint8 *bytes)
{
  const float shifter = 12582912.0f; /* 1.5·2²³: the sum's low bits are the integer */
  gint32 sum = 0;
  for (guint i = 0; i < k; i++)
    {
      float shifted = w[i] / scale + shifter;
      guint32 bits;
      memcpy (&bits, &shifted, sizeof bits);
      bytes[i] = (gint8) (bits & 0xff);
    }
  for (guint i = 0; i < k; i++)
    sum += bytes[i];
  return sum;
}

static void
pack_panel (gpointer user, guint index, guint thread)
{
  const Packing *p = user;
  FewMatrix *matrix = p->matrix;
  guint columns = p->columns;
  guint k = matrix->k;
  guint quads = few_form_units (FEW_FORM_QUADS, k);
  guint first = index * columns;
  float *to = matrix->panels + (gsize) first * quads;
  float *column = few_scratch_get (p->stream, &p->stream->scratch[thread], quads);
  if (!column)
    return;
  for (guint j = 0; j < columns; j++)
    {
      const float *w = p->weights + (gsize) (first + j) * k;
      float scale = first + j < matrix->n ? find_scale (w, k, p->narrow) : 0;
      gboolean told = scale > 0 && isfinite (scale);
      memset (column, 0, quads * sizeof *column);
      matrix->scales[first + j] = scale;
      matrix->sums[first + j] = told ? round_column (w, k, scale, (gint8 *) column) : 0;
      for (guint i = 0; i < quads; i++)
        memcpy (to + (gsize) i * columns + j, column + i, sizeof *column);
    }
}

FewMatrix *
few_cpu_quads_new (FewBackend *backend, guint n, guint k, const float *weights_host, GError **error)
{
  guint columns = backend->stream->kernels->tile_columns;
  gsize n_panels = (n + columns - 1) / columns;
  gsize floats = n_panels * columns * few_form_units (FEW_FORM_QUADS, k);
  float *panels = few_panels_get (backend->stream->panels, floats + 2 * n_panels * columns, error);
  if (!panels)
    return NULL;
  FewMatrix *matrix = g_new0 (FewMatrix, 1);
  *matrix = (FewMatrix) { .n = n,
                          .k = k,
                          .form = FEW_FORM_QUADS,
                          .panels = panels,
                          .scales = panels + floats,
                          .sums = (gint32 *) (panels + floats + n_panels * columns) };
  Packing packing = { backend->stream, matrix, columns, backend->stream->quads->narrow,
                      weights_host };
  few_stream_run (backend->stream, (guint) n_panels, pack_panel, &packing);
  return matrix;
}

float
few_cpu_quads_at (const FewMatrix *matrix, guint columns, guint column, guint i)
{
  guint first = column / columns * columns;
  const gint8 *panel =
      (const gint8 *) (matrix->panels + (gsize) first * few_form_units (FEW_FORM_QUADS, matrix->k));
  gint8 byte = panel[((gsize) (i / 4) * columns + column - first) * 4 + i % 4];
  return byte * matrix->scales[column];
}

typedef struct
{
  const FewQuadKernels *kernels;
  guint m, k, rows;
  const float *x;
  gsize ldx;
  float *quads;
  gsize ld_quads;
  float *steps, *lows;
} Conversion;

static void
convert_rows (gpointer user, guint index, guint thread G_GNUC_UNUSED)
{
  const Conversion *c = user;
  for (guint i = index * c->rows; i < MIN ((index + 1) * c->rows, c->m); i++)
    c->kernels->convert (c->k, c->x + i * c->ldx, c->quads + i * c->ld_quads, c->steps + i,
                         c->lows + i);
}

const float *
few_cpu_to_quads (FewStream *stream, guint m, guint k, const float *x, gsize ldx, gsize *ld_quads,
                  FewEpilogue *epilogue)
{
  *ld_quads = few_row_stride (few_form_units (FEW_FORM_QUADS, k));
  guint rows = few_stream_rows (stream, m, k);
  float *quads = few_scratch_get (stream, &stream->packed, m * (*ld_quads + 2));
  if (!quads)
    return NULL;
  float *steps = quads + m * *ld_quads;
  Conversion c = { stream->quads, m, k, rows, x, ldx, quads, *ld_quads, steps, steps + m };
  few_stream_run (stream, (m + rows - 1) / rows, convert_rows, &c);
  epilogue->row_steps = steps;
  epilogue->row_lows = steps + m;
  return quads;
}
