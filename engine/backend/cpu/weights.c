/* SPDX-License-Identifier: MIT */
/* Constant weights: which form a matrix gets, and how it is packed and unpacked. */
#include "backend/cpu/matmul.h"
#include "backend/cpu/quads.h"
#include "base/memory.h"
#include <string.h>

typedef struct
{
  FewStream *stream;
  FewMatrix *matrix;
  const float *weights; /* [N, K] */
} Packing;

static void
pack_panel (gpointer user, guint index, guint thread G_GNUC_UNUSED)
{
  const Packing *p = user;
  const FewMatrix *matrix = p->matrix;
  few_cpu_pack_panel (TRUE, p->stream->kernels->tile_columns, index, matrix->n, matrix->k,
                      p->weights, matrix->k, matrix->panels);
}

static void
pack_panel_of_pairs (gpointer user, guint index, guint thread)
{
  const Packing *p = user;
  const FewKernels *kernels = p->stream->kernels;
  guint columns = kernels->tile_columns;
  guint n = p->matrix->n;
  guint k = p->matrix->k;
  guint pairs = few_form_units (FEW_FORM_PAIRS, k);
  guint first = index * columns;
  guint width = MIN (columns, n - first);
  float *row = few_scratch_get (p->stream, &p->stream->scratch[thread], pairs);
  float *to = p->matrix->panels + (gsize) first * pairs;
  if (!row)
    return;
  if (width < columns)
    memset (to, 0, (gsize) pairs * columns * sizeof (float));
  for (guint j = 0; j < width; j++)
    {
      few_cpu_to_whole_pairs (kernels, k, p->weights + (gsize) (first + j) * k, row);
      for (guint i = 0; i < pairs; i++)
        to[(gsize) i * columns + j] = row[i];
    }
}

FewMatrix *
few_cpu_packed_new (FewBackend *backend, FewForm form, guint n, guint k, const float *weights_host,
                    GError **error)
{
  if (form == FEW_FORM_QUADS)
    return few_cpu_quads_new (backend, n, k, weights_host, error);
  guint columns = backend->stream->kernels->tile_columns;
  guint n_panels = (n + columns - 1) / columns;
  gsize floats = (gsize) n_panels * columns * few_form_units (form, k);
  float *panels = few_panels_get (backend->stream->panels, floats, error);
  if (!panels)
    return NULL;
  FewMatrix *matrix = g_new0 (FewMatrix, 1);
  *matrix = (FewMatrix) { .n = n, .k = k, .form = form, .panels = panels };
  Packing packing = { backend->stream, matrix, weights_host };
  few_stream_run (backend->stream, n_panels,
                  form == FEW_FORM_PAIRS ? pack_panel_of_pairs : pack_panel, &packing);
  return matrix;
}

static FewForm
choose_form (const FewStream *stream, guint k, FewGrade grade)
{
  gboolean in_bytes = stream->quads != NULL;
  if (in_bytes && grade == FEW_GRADE_COARSE && few_cpu_fits_quads (k))
    return FEW_FORM_QUADS;
  gboolean in_floats = !stream->kernels->pairs.run || (in_bytes && grade == FEW_GRADE_FINE);
  return in_floats ? FEW_FORM_FLOATS : FEW_FORM_PAIRS;
}

FewMatrix *
few_cpu_matrix_new (FewBackend *backend, guint n, guint k, FewGrade grade,
                    const float *weights_host, GError **error)
{
  return few_cpu_packed_new (backend, choose_form (backend->stream, k, grade), n, k, weights_host,
                             error);
}

static float
weight_at (const FewMatrix *weight, guint columns, guint column, guint i)
{
  guint first = column / columns * columns;
  guint j = column - first;
  if (weight->form == FEW_FORM_QUADS)
    return few_cpu_quads_at (weight, columns, column, i);
  const float *panel =
      weight->panels + (gsize) first * few_form_units (weight->form, weight->k) + j;
  if (weight->form == FEW_FORM_FLOATS)
    return panel[(gsize) i * columns];
  const guint16 *pair = (const guint16 *) (panel + (gsize) (i / 2) * columns);
  guint32 bits = (guint32) pair[i % 2] << 16;
  float value;
  memcpy (&value, &bits, sizeof value);
  return value;
}

/* Unpacks one panel at a time to rows of the transpose. */
FewMatrix *
few_cpu_matrix_transposed (FewBackend *backend, const FewMatrix *weight, GError **error)
{
  guint columns = backend->stream->kernels->tile_columns;
  guint n = weight->n;
  guint k = weight->k;
  g_autofree float *rows = few_try_floats (k, n, "a matrix of the model", error);
  if (!rows)
    return NULL;
  for (guint first = 0; first < n; first += columns)
    {
      guint width = MIN (columns, n - first);
      for (guint i = 0; i < k; i++)
        for (guint j = 0; j < width; j++)
          rows[(gsize) i * n + first + j] = weight_at (weight, columns, first + j, i);
    }
  return few_cpu_matrix_new (backend, k, n, FEW_GRADE_FINE, rows, error);
}

void
few_cpu_matrix_free (FewBackend *backend, FewMatrix *matrix)
{
  few_panels_give_back (backend->stream->panels, matrix->panels);
  g_free (matrix);
}
