/* SPDX-License-Identifier: MIT */
/* Convolutions of each channel for itself, and gates of channels. A piece is a panel's width of
 * channels of a strip of rows: their input is copied once into a ring of rows with zeroes around,
 * in which pixels are neighbours. Rows of the whole tensor lie a power of two apart and would
 * push one another out of L1. */
#include "backend/cpu/depthwise.h"
#include "backend/cpu/stream.h"
#include <math.h>
#include <string.h>

enum { MOST_KERNEL = 9, STEP = 8 };

typedef struct
{
  FewStream *stream;
  const FewConvShape *shape;
  const float *x, *weights, *bias;
  FewActivation activation;
  float *y;
  guint out_h, out_w, panels, strips;
} Depthwise;

/* What a thread has of its panel: `columns` channels from `first` on, in memory columns wide. */
typedef struct
{
  guint first, columns, width; /* width: of a row of the ring, in pixels */
  float *weights, *bias, *ring;
} Panel;

static gsize
panel_floats (const Depthwise *d)
{
  const FewConvShape *s = d->shape;
  gsize width = s->width + s->kernel - 1;
  return (s->kernel * s->kernel + 1 + s->kernel * width) * d->stream->kernels->tile_columns;
}

/* columns output channels from `first` on; each channel of x is `multiplier` of them */
static void
copy_channels (const float *x, guint first, guint columns, guint multiplier, float *to)
{
  if (multiplier == 1 && columns % STEP == 0)
    for (guint j = 0; j < columns; j += STEP) /* of a size that the compiler knows */
      memcpy (to + j, x + first + j, STEP * sizeof (float));
  else if (multiplier == 1)
    memcpy (to, x + first, columns * sizeof (float));
  else if (multiplier == 2 && first % 2 == 0)
    for (guint j = 0; j < columns; j++)
      to[j] = x[first / 2 + j / 2];
  else
    for (guint j = 0; j < columns; j++)
      to[j] = x[(first + j) / multiplier];
}

static void
open_panel (const Depthwise *d, guint index, float *memory, Panel *panel)
{
  const FewConvShape *s = d->shape;
  guint wide = d->stream->kernels->tile_columns;
  guint taps = s->kernel * s->kernel;
  guint first = index * wide;
  guint columns = MIN (wide, s->out_channels - first);
  *panel = (Panel) { .first = first,
                     .columns = columns,
                     .width = s->width + s->kernel - 1,
                     .weights = memory,
                     .bias = memory + (gsize) taps * wide,
                     .ring = memory + (gsize) (taps + 1) * wide };
  memset (memory, 0, panel_floats (d) * sizeof (float));
  memcpy (panel->bias, d->bias + first, columns * sizeof (float));
  for (guint tap = 0; tap < taps; tap++)
    copy_channels (d->weights + (gsize) tap * s->out_channels, first, columns, 1,
                   panel->weights + (gsize) tap * wide);
}

/* Row `row` of a picture at its place in the ring; its edges stay zero. */
static void
fill_row (const Depthwise *d, const Panel *panel, const float *picture, guint row)
{
  const FewConvShape *s = d->shape;
  guint wide = d->stream->kernels->tile_columns;
  guint multiplier = s->out_channels / s->channels;
  const float *x = picture + (gsize) row * s->width * s->channels;
  float *to = panel->ring + ((gsize) (row % s->kernel) * panel->width + s->kernel / 2) * wide;
  for (guint i = 0; i < s->width; i++, x += s->channels, to += wide)
    copy_channels (x, panel->first, panel->columns, multiplier, to);
}

/* Rows first … end of the output. */
static void
convolve_rows (const Depthwise *d, const Panel *panel, guint picture, guint first, guint end)
{
  const FewConvShape *s = d->shape;
  guint wide = d->stream->kernels->tile_columns;
  guint half = s->kernel / 2;
  const float *x = d->x + (gsize) picture * s->height * s->width * s->channels;
  float *y =
      d->y + ((gsize) picture * d->out_h + first) * d->out_w * s->out_channels + panel->first;
  guint filled = first * s->stride > half ? first * s->stride - half : 0;
  for (guint row = first; row < end; row++, y += (gsize) d->out_w * s->out_channels)
    {
      guint above =
          half > row * s->stride ? half - row * s->stride : 0; /* taps above the picture */
      guint top = row * s->stride + above - half;
      guint bottom = MIN (row * s->stride + half + 1, s->height);
      const float *rows[MOST_KERNEL];
      for (; filled < bottom; filled++)
        fill_row (d, panel, x, filled);
      for (guint i = top; i < bottom; i++)
        rows[i - top] = panel->ring + (gsize) (i % s->kernel) * panel->width * wide;
      d->stream->kernels->depthwise (d->out_w, s->kernel, s->stride, bottom - top, rows,
                                     panel->weights + (gsize) above * s->kernel * wide, panel->bias,
                                     d->activation, y, s->out_channels, panel->columns);
    }
}

static void
convolve_piece (gpointer user, guint index, guint thread)
{
  const Depthwise *d = user;
  guint strip = index % d->strips;
  guint panel_index = index / d->strips % d->panels;
  float *memory = few_scratch_get (d->stream, &d->stream->scratch[thread], panel_floats (d));
  Panel panel;
  if (!memory)
    return;
  open_panel (d, panel_index, memory, &panel);
  convolve_rows (d, &panel, index / d->strips / d->panels, d->out_h * strip / d->strips,
                 d->out_h * (strip + 1) / d->strips);
}

void
few_cpu_depthwise_conv (FewStream *stream, const FewConvShape *shape, const float *x,
                        const float *weights, const float *bias, FewActivation activation, float *y)
{
  g_assert (shape->kernel <= MOST_KERNEL && shape->kernel % 2 == 1);
  Depthwise d = { .stream = stream,
                  .shape = shape,
                  .x = x,
                  .weights = weights,
                  .bias = bias,
                  .activation = activation,
                  .y = y,
                  .out_h = (shape->height + shape->stride - 1) / shape->stride,
                  .out_w = (shape->width + shape->stride - 1) / shape->stride };
  guint columns = stream->kernels->tile_columns;
  d.panels = (shape->out_channels + columns - 1) / columns;
  guint whole = shape->batch * d.panels;
  /* four pieces a thread, but no strip so low that most of it is filling the ring */
  d.strips = MIN ((4 * stream->threads + whole - 1) / whole, (d.out_h + 7) / 8);
  few_stream_run (stream, whole * d.strips, convolve_piece, &d);
}

typedef struct
{
  FewStream *stream;
  guint pixels, channels, rows, pieces;
  const float *gates;
  float *x;
} Gating;

static void
gate_rows (gpointer user, guint index, guint thread G_GNUC_UNUSED)
{
  const Gating *g = user;
  guint picture = index / g->pieces;
  guint first = index % g->pieces * g->rows;
  const float *gates = g->gates + (gsize) picture * g->channels;
  float *x = g->x + ((gsize) picture * g->pixels + first) * g->channels;
  for (guint i = first; i < MIN (first + g->rows, g->pixels); i++, x += g->channels)
    g->stream->kernels->multiply (g->channels, 1, gates, x);
}

void
few_cpu_gate_channels (FewStream *stream, guint b, guint pixels, guint channels, const float *gates,
                       float *x)
{
  gsize n = (gsize) b * channels;
  float *opened = few_scratch_get (stream, &stream->gathered, n);
  if (!opened)
    return;
  for (gsize i = 0; i < n; i++)
    opened[i] = 1 / (1 + expf (-gates[i]));
  Gating g = { stream, pixels, channels, few_stream_rows (stream, pixels, channels), 0, opened, x };
  g.pieces = (pixels + g.rows - 1) / g.rows;
  few_stream_run (stream, b * g.pieces, gate_rows, &g);
}
