/* SPDX-License-Identifier: MIT */
/* Ops over flat memory: activations, optimisers, and what methods past the adapter need. */
#include "backend/cpu/elements.h"

typedef struct
{
  const FewKernels *kernels;
  gsize n, piece;
  FewActivation activation;
  const float *x;
  float *y;
} Elements;

static void
activate_piece (gpointer user, guint index, guint thread G_GNUC_UNUSED)
{
  const Elements *e = user;
  gsize at = index * e->piece;
  e->kernels->activate (MIN (e->piece, e->n - at), e->activation, e->x + at, e->y + at);
}

static void
activation_backward_piece (gpointer user, guint index, guint thread G_GNUC_UNUSED)
{
  const Elements *e = user;
  gsize at = index * e->piece;
  e->kernels->activation_backward (MIN (e->piece, e->n - at), e->activation, e->x + at, e->y + at);
}

static void
run_elements (FewStream *stream, FewPoolFunc func, gsize n, FewActivation activation,
              const float *x, float *y)
{
  /* a multiple of the widest vector, so that pieces do not change the arithmetic */
  Elements e = {
    stream->kernels, n, ((gsize) few_stream_rows (stream, (guint) (n / 16 + 1), 16)) * 16,
    activation,      x, y
  };
  few_stream_run (stream, (guint) ((n + e.piece - 1) / e.piece), func, &e);
}

void
few_cpu_activate (FewStream *stream, gsize n, FewActivation activation, const float *x, float *y)
{
  run_elements (stream, activate_piece, n, activation, x, y);
}

void
few_cpu_activation_backward (FewStream *stream, gsize n, FewActivation activation, const float *x,
                             float *gradient)
{
  run_elements (stream, activation_backward_piece, n, activation, x, gradient);
}

void
few_cpu_scatter_add_rows (FewStream *stream G_GNUC_UNUSED, guint m, guint w,
                          const guint32 *rows_host, const float *x, float *y, gsize ldy)
{
  for (guint i = 0; i < m; i++)
    for (guint j = 0; j < w; j++)
      y[rows_host[i] * ldy + j] += x[(gsize) i * w + j];
}

void
few_cpu_affinity (FewStream *stream, gsize n, float sharpness, float *x)
{
  stream->kernels->affinity (n, sharpness, x);
}

void
few_cpu_multiply (FewStream *stream, gsize n, float scale, const float *x, float *y)
{
  stream->kernels->multiply (n, scale, x, y);
}

void
few_cpu_add_scaled_rows (FewStream *stream G_GNUC_UNUSED, guint m, guint d, const float *strength,
                         const float *x, const float *target, float *y)
{
  for (guint i = 0; i < m; i++)
    for (gsize j = (gsize) i * d; j < (gsize) (i + 1) * d; j++)
      y[j] += strength[i] * (x[j] - (target ? target[j] : 0));
}

/* ---- optimisers: pieces of the flat weights */

typedef struct
{
  const FewKernels *kernels;
  const FewUpdate *update;
  gsize n;
  guint piece;
  const float *gradient;
  float *m, *v, *weights;
} Optimiser;

static void
adam_piece (gpointer user, guint index, guint thread G_GNUC_UNUSED)
{
  const Optimiser *o = user;
  gsize at = (gsize) index * o->piece;
  o->kernels->adam (MIN (o->piece, o->n - at), o->update, o->gradient + at, o->m + at, o->v + at,
                    o->weights + at);
}

static void
sgd_piece (gpointer user, guint index, guint thread G_GNUC_UNUSED)
{
  const Optimiser *o = user;
  gsize at = (gsize) index * o->piece;
  o->kernels->sgd (MIN (o->piece, o->n - at), o->update, o->gradient + at, o->m + at,
                   o->weights + at);
}

static void
run_optimiser (FewStream *stream, FewPoolFunc func, gsize n, const FewUpdate *update,
               const float *gradient, float *m, float *v, float *weights)
{
  Optimiser o = { stream->kernels, update, n, few_stream_rows (stream, (guint) n, 1),
                  gradient,        m,      v, weights };
  few_stream_run (stream, (guint) ((n + o.piece - 1) / o.piece), func, &o);
}

void
few_cpu_adam (FewStream *stream, gsize n, const FewUpdate *update, const float *gradient, float *m,
              float *v, float *weights)
{
  run_optimiser (stream, adam_piece, n, update, gradient, m, v, weights);
}

void
few_cpu_sgd (FewStream *stream, gsize n, const FewUpdate *update, const float *gradient,
             float *velocity, float *weights)
{
  run_optimiser (stream, sgd_piece, n, update, gradient, velocity, NULL, weights);
}
