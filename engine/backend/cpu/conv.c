/* SPDX-License-Identifier: MIT */
/* Convolution. 1 × 1 is a product as it stands; 3 × 3 gathers its neighbourhoods into a matrix,
 * a chunk of output pixels at a time, unless Winograd's transform serves the shape better
 * (winograd.c). */
#include "backend/cpu/conv.h"
#include "backend/cpu/winograd.h"
#include <string.h>

enum { GATHER_ROWS = 28 };
static const gsize CHUNK_BYTES = 600000;

FewMatrix *
few_cpu_conv_new (FewBackend *backend, const FewConvShape *shape, FewGrade grade,
                  const float *weights_host, GError **error)
{
  GError *local = NULL;
  if (few_cpu_winograd_serves (shape)) /* large planes' nine taps cost most in bytes */
    grade = MIN (grade, FEW_GRADE_MIDDLE);
  FewMatrix *matrix = few_cpu_winograd_new (backend, shape, weights_host, &local);
  if (matrix || local)
    {
      if (local)
        g_propagate_error (error, local);
      return matrix;
    }
  guint k = shape->kernel * shape->kernel * shape->channels;
  if (shape->channels % 2 == 0)
    return few_cpu_matrix_new (backend, shape->out_channels, k, grade, weights_host, error);
  /* Of the three colours a few taps: rounded, no other picture's feature moves as far as that of
   * one in few colours (a cosine of 0.997), and they are the least of the work. */
  return few_cpu_packed_new (backend, FEW_FORM_FLOATS, shape->out_channels, k, weights_host, error);
}

typedef struct
{
  const FewConvShape *shape;
  guint channels; /* of the source, in floats: pairs when it was converted */
  guint out_h, out_w;
  const float *x;
  gsize ld_source; /* between pixels of x */
  guint first, count; /* output pixels of the chunk */
  float *rows; /* NULL where nothing is gathered */
  gsize ld;
  guint row, units; /* floats gathered a pixel; zeros follow up to so many */
} Gather;

static void
gather_rows (gpointer user, guint index, guint thread G_GNUC_UNUSED)
{
  const Gather *g = user;
  const FewConvShape *s = g->shape;
  int pad = (int) s->kernel / 2;
  for (guint i = index * GATHER_ROWS; i < MIN ((index + 1) * GATHER_ROWS, g->count); i++)
    {
      guint pixel = g->first + i;
      guint picture = pixel / (g->out_h * g->out_w);
      guint inside = pixel % (g->out_h * g->out_w);
      int y0 = (int) (inside / g->out_w * s->stride) - pad;
      int x0 = (int) (inside % g->out_w * s->stride) - pad;
      float *to = g->rows + i * g->ld;
      for (int ky = 0; ky < (int) s->kernel; ky++)
        for (int kx = 0; kx < (int) s->kernel; kx++, to += g->channels)
          {
            int yy = y0 + ky;
            int xx = x0 + kx;
            if (yy < 0 || xx < 0 || yy >= (int) s->height || xx >= (int) s->width)
              memset (to, 0, g->channels * sizeof (float));
            else
              memcpy (to,
                      g->x
                          + (((gsize) picture * s->height + (guint) yy) * s->width + (guint) xx)
                                * g->ld_source,
                      g->channels * sizeof (float));
          }
      if (g->units > g->row)
        memset (to, 0, (g->units - g->row) * sizeof (float));
    }
}

/* What becomes of the products of a convolution: y and what is added on the way. */
typedef struct
{
  const float *bias, *residual;
  FewActivation activation;
  float *y;
} Finish;

/* g->count pixels from g->first on, which lie as the product wants them where g->rows is NULL.
 * `weight`: in whose form the gathered rows are yet to be brought, or NULL. */
static void
convolve_chunk (FewStream *stream, Gather *g, FewProduct *p, const FewMatrix *weight,
                const Finish *f)
{
  gsize at = (gsize) g->first * p->n;
  p->m = g->count;
  p->x = g->x;
  p->ldx = g->ld_source;
  p->y = f->y + at;
  p->epilogue.bias = f->bias;
  p->epilogue.residual = f->residual ? f->residual + at : NULL;
  if (g->rows)
    {
      few_stream_run (stream, (g->count + GATHER_ROWS - 1) / GATHER_ROWS, gather_rows, g);
      p->x = g->rows;
      p->ldx = g->ld;
      if (weight)
        p->x = few_cpu_to_form (stream, weight, g->count, g->row, g->rows, g->ld, &p->ldx,
                                &p->epilogue);
    }
  if (p->x)
    few_cpu_product (stream, p);
}

void
few_cpu_conv (FewStream *stream, const FewConvShape *s, const float *x, const FewMatrix *weight,
              const float *bias, FewActivation activation, const float *residual, float *y)
{
  if (weight->winograd)
    {
      few_cpu_winograd (stream, s, x, weight, bias, activation, y);
      return;
    }
  Gather g = { .shape = s,
               .channels = s->channels,
               .out_h = (s->height + s->stride - 1) / s->stride,
               .out_w = (s->width + s->stride - 1) / s->stride,
               .x = x };
  guint pixels = s->batch * g.out_h * g.out_w;
  guint n = weight->n;
  guint k = weight->k;
  FewProduct p = { .n = n,
                   .k = few_form_units (weight->form, k),
                   .form = weight->form,
                   .panels = weight->panels,
                   .epilogue = { NULL, NULL, n, activation, 1, 1, residual != NULL },
                   .ldy = n };
  gboolean pointwise = s->kernel == 1 && s->stride == 1;
  /* Pairs of neighbouring channels can be gathered; bytes are of a gathered row and its range. */
  gboolean form_first = pointwise || weight->form == FEW_FORM_PAIRS;
  g.ld_source = s->channels;
  if (form_first)
    {
      g.x = few_cpu_to_form (stream, weight, s->batch * s->height * s->width, s->channels, x,
                             s->channels, &g.ld_source, &p.epilogue);
      if (!g.x)
        return;
      g.channels = pointwise ? p.k : s->channels / 2;
    }
  g.row = s->kernel * s->kernel * g.channels;
  g.units = form_first ? p.k : g.row;
  guint chunk = pixels;
  if (!pointwise)
    {
      g.ld = few_row_stride (g.units);
      chunk = (guint) MIN (MAX (CHUNK_BYTES * stream->threads / (g.ld * sizeof (float)),
                                2 * stream->kernels->tile.rows),
                           pixels);
      g.rows = few_scratch_get (stream, &stream->gathered, chunk * g.ld);
      if (!g.rows)
        return;
    }
  const Finish finish = { bias, residual, activation, y };
  for (g.first = 0; g.first < pixels; g.first += chunk)
    {
      g.count = MIN (chunk, pixels - g.first);
      convolve_chunk (stream, &g, &p, form_first ? NULL : weight, &finish);
    }
}
