/* SPDX-License-Identifier: MIT */
/* Convolutions of each channel for itself, a row of pixels a piece, and gates of channels. */
#include "backend/cpu/depthwise.h"
#include "backend/cpu/stream.h"
#include <math.h>

enum { MOST_TAPS = 81 };

typedef struct
{
  const FewKernels *kernels;
  const FewConvShape *shape;
  const float *x, *weights, *bias;
  FewActivation activation;
  float *y;
} Depthwise;

/* One row of output pixels; taps beyond the edge are zero and left out. */
static void
convolve_row (gpointer user, guint index, guint thread G_GNUC_UNUSED)
{
  const Depthwise *d = user;
  const FewConvShape *s = d->shape;
  guint out_h = (s->height + s->stride - 1) / s->stride;
  guint out_w = (s->width + s->stride - 1) / s->stride;
  const float *picture = d->x + (gsize) (index / out_h) * s->height * s->width * s->channels;
  float *y = d->y + (gsize) index * out_w * s->out_channels;
  const float *from[MOST_TAPS];
  const float *weights[MOST_TAPS];
  for (guint ox = 0; ox < out_w; ox++, y += s->out_channels)
    {
      guint taps = 0;
      for (guint tap = 0; tap < s->kernel * s->kernel; tap++)
        {
          /* below zero wraps around and is large */
          guint row = index % out_h * s->stride + tap / s->kernel - s->kernel / 2;
          guint column = ox * s->stride + tap % s->kernel - s->kernel / 2;
          if (row >= s->height || column >= s->width)
            continue;
          from[taps] = picture + ((gsize) row * s->width + column) * s->channels;
          weights[taps++] = d->weights + (gsize) tap * s->out_channels;
        }
      d->kernels->depthwise (s->out_channels, s->out_channels / s->channels, taps, from, weights,
                             d->bias, d->activation, y);
    }
}

void
few_cpu_depthwise_conv (FewStream *stream, const FewConvShape *shape, const float *x,
                        const float *weights, const float *bias, FewActivation activation, float *y)
{
  g_assert (shape->kernel * shape->kernel <= MOST_TAPS);
  Depthwise d = { stream->kernels, shape, x, weights, bias, activation, y };
  guint out_h = (shape->height + shape->stride - 1) / shape->stride;
  few_stream_run (stream, shape->batch * out_h, convolve_row, &d);
}

void
few_cpu_gate_channels (FewStream *stream G_GNUC_UNUSED, guint b, guint pixels, guint channels,
                       const float *gates, float *x)
{
  for (guint picture = 0; picture < b; picture++, gates += channels)
    for (guint c = 0; c < channels; c++)
      {
        float gate = 1 / (1 + expf (-gates[c]));
        float *at = x + (gsize) picture * pixels * channels + c;
        for (guint i = 0; i < pixels; i++)
          at[(gsize) i * channels] *= gate;
      }
}
