/* SPDX-License-Identifier: MIT */
/* 3 × 3 convolution by Winograd's F(4×4, 3×3): tiles of 6 × 6 pixels become 36 points a channel,
 * 36 products over the channels replace the sum over nine taps, and each result becomes 4 × 4
 * pixels. A quarter of the multiplications for four times the weights: it pays where a layer has
 * many pixels and few channels. Rounding is some ten times the direct sum's and stays far below
 * what the features are compared with. */
#include "backend/cpu/winograd.h"
#include <string.h>

enum { POINTS = 36, OUT = 4, IN = 6, LEAST_PLANE = 14 };
/* points of a block before and after the products, together: they stay in L2 */
static const gsize BLOCK_BYTES = 800000;

/* G g Gᵀ of one 3 × 3 filter */
static void
transform_filter (const float *g, gsize stride, float out[POINTS])
{
  static const double G[IN][3] = { { 0.25, 0, 0 },
                                   { -1.0 / 6, -1.0 / 6, -1.0 / 6 },
                                   { -1.0 / 6, 1.0 / 6, -1.0 / 6 },
                                   { 1.0 / 24, 1.0 / 12, 1.0 / 6 },
                                   { 1.0 / 24, -1.0 / 12, 1.0 / 6 },
                                   { 0, 0, 1 } };
  double half[IN][3];
  for (int i = 0; i < IN; i++)
    for (int x = 0; x < 3; x++)
      half[i][x] =
          G[i][0] * g[x * stride] + G[i][1] * g[(3 + x) * stride] + G[i][2] * g[(6 + x) * stride];
  for (int i = 0; i < IN; i++)
    for (int j = 0; j < IN; j++)
      out[IN * i + j] =
          (float) (half[i][0] * G[j][0] + half[i][1] * G[j][1] + half[i][2] * G[j][2]);
}

typedef struct
{
  FewMatrix *matrix;
  guint columns; /* of a panel */
  const float *weights; /* [N, 9, C] */
} Packing;

static void
pack_filters (gpointer user, guint index, guint thread G_GNUC_UNUSED)
{
  const Packing *p = user;
  guint n = p->matrix->n;
  guint c = p->matrix->k;
  guint columns = p->columns;
  guint first = index * columns;
  guint width = MIN (columns, n - first);
  gsize point_floats = (gsize) (n + columns - 1) / columns * columns * c;
  float *to = p->matrix->panels + (gsize) first * c;
  /* neighbours of a panel's row one after the other: 36 lines are written at a time, not 36 ·
   * columns */
  for (guint i = 0; i < c; i++)
    for (guint j = 0; j < columns; j++)
      {
        float points[POINTS] = { 0 };
        if (j < width)
          transform_filter (p->weights + (gsize) (first + j) * 9 * c + i, c, points);
        for (guint k = 0; k < POINTS; k++)
          to[k * point_floats + (gsize) i * columns + j] = points[k];
      }
}

gboolean
few_cpu_winograd_serves (const FewConvShape *s)
{
  return s->kernel == 3 && s->stride == 1 && MIN (s->height, s->width) >= LEAST_PLANE
         && s->channels % 16 == 0 && s->out_channels % 16 == 0;
}

FewMatrix *
few_cpu_winograd_new (FewBackend *backend, const FewConvShape *s, const float *weights_host,
                      GError **error)
{
  const FewKernels *kernels = backend->stream->kernels;
  if (kernels->pairs_beat_winograd || !few_cpu_winograd_serves (s))
    return NULL;
  guint columns = kernels->tile_columns;
  guint n_panels = (s->out_channels + columns - 1) / columns;
  float *panels = few_panels_get (backend->stream->panels,
                                  (gsize) POINTS * n_panels * columns * s->channels, error);
  if (!panels)
    return NULL;
  FewMatrix *matrix = g_new0 (FewMatrix, 1);
  *matrix =
      (FewMatrix) { .n = s->out_channels, .k = s->channels, .winograd = TRUE, .panels = panels };
  Packing packing = { matrix, columns, weights_host };
  few_stream_run (backend->stream, n_panels, pack_filters, &packing);
  return matrix;
}

typedef struct
{
  FewStream *stream;
  const FewConvShape *s;
  guint across, down, tiles; /* of a picture, of a picture, of all */
  guint blocks;
  const float *x;
  const FewMatrix *weight;
  const float *bias;
  FewActivation activation;
  float *y;
  float *zeros; /* [C]: the border */
} Winograd;

static void
gather_tile (const Winograd *w, guint tile, float *points, gsize plane)
{
  const FewConvShape *s = w->s;
  guint picture = tile / (w->across * w->down);
  guint inside = tile % (w->across * w->down);
  int y0 = (int) (inside / w->across) * OUT - 1;
  int x0 = (int) (inside % w->across) * OUT - 1;
  const float *pixels[POINTS];
  for (int y = 0; y < IN; y++)
    for (int x = 0; x < IN; x++)
      {
        gboolean outside =
            y0 + y < 0 || x0 + x < 0 || y0 + y >= (int) s->height || x0 + x >= (int) s->width;
        gsize at = ((gsize) picture * s->height + (gsize) (y0 + y)) * s->width + (gsize) (x0 + x);
        pixels[IN * y + x] = outside ? w->zeros : w->x + at * s->channels;
      }
  w->stream->kernels->winograd_input (s->channels, pixels, points, plane);
}

static void
scatter_tile (const Winograd *w, guint tile, const float *points, gsize plane)
{
  const FewConvShape *s = w->s;
  guint n = s->out_channels;
  guint picture = tile / (w->across * w->down);
  guint inside = tile % (w->across * w->down);
  guint y0 = inside / w->across * OUT;
  guint x0 = inside % w->across * OUT;
  float *y = w->y + (((gsize) picture * s->height + y0) * s->width + x0) * n;
  w->stream->kernels->winograd_output (n, points, plane, w->bias, w->activation,
                                       MIN (OUT, s->height - y0), MIN (OUT, s->width - x0), y,
                                       (gsize) s->width * n, n);
}

static void
winograd_block (gpointer user, guint index, guint thread)
{
  const Winograd *w = user;
  const FewKernels *kernels = w->stream->kernels;
  guint c = w->s->channels;
  guint n = w->s->out_channels;
  guint columns = kernels->tile_columns;
  guint first = (guint) ((guint64) w->tiles * index / w->blocks);
  guint count = (guint) ((guint64) w->tiles * (index + 1) / w->blocks) - first;
  gsize point_floats = (gsize) (n + columns - 1) / columns * columns * c;
  /* The extra line keeps the 36 planes off one another's cache sets. */
  gsize in_plane = (gsize) count * c + 16;
  gsize out_plane = (gsize) count * n + 16;
  float *in =
      few_scratch_get (w->stream, &w->stream->scratch[thread], POINTS * (in_plane + out_plane));
  if (!in)
    return;
  float *out = in + POINTS * in_plane;
  for (guint i = 0; i < count; i++)
    gather_tile (w, first + i, in + (gsize) i * c, in_plane);
  for (guint k = 0; k < POINTS; k++)
    few_cpu_small_product (kernels, FALSE, count, n, c, in + k * in_plane, c,
                           w->weight->panels + k * point_floats, 1, NULL, out + k * out_plane, n);
  for (guint i = 0; i < count; i++)
    scatter_tile (w, first + i, out + (gsize) i * n, out_plane);
}

void
few_cpu_winograd (FewStream *stream, const FewConvShape *s, const float *x, const FewMatrix *weight,
                  const float *bias, FewActivation activation, float *y)
{
  Winograd w = { .stream = stream,
                 .s = s,
                 .across = (s->width + OUT - 1) / OUT,
                 .down = (s->height + OUT - 1) / OUT,
                 .x = x,
                 .weight = weight,
                 .bias = bias,
                 .activation = activation,
                 .y = y };
  w.tiles = s->batch * w.across * w.down;
  float *zeros = few_scratch_get (stream, &stream->gathered, s->channels);
  if (!zeros)
    return;
  w.zeros = memset (zeros, 0, s->channels * sizeof (float));
  /* Whole register tiles where possible; at least two, or the weights are read more often than
   * multiplied. */
  guint rows = stream->kernels->tile.rows;
  guint fit = (guint) (BLOCK_BYTES / (POINTS * sizeof (float) * (s->channels + s->out_channels)));
  guint block = MAX (fit / rows, 2) * rows;
  w.blocks = (w.tiles + block - 1) / block;
  w.blocks = MIN ((w.blocks + stream->threads - 1) / stream->threads * stream->threads, w.tiles);
  few_stream_run (stream, w.blocks, winograd_block, &w);
}
