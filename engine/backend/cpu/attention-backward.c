/* SPDX-License-Identifier: MIT */
/* Attention on the way back. Nothing of the way there is kept but q, k and v: the weights P =
 * softmax (scale·QKᵀ) are made again.
 *
 *   dV = Pᵀ·dO,  dP = dO·Vᵀ,  dS = P ⊙ (dP − rowsum (P ⊙ dP)),  dQ = scale·dS·K,  dK =
 *     scale·dSᵀ·Q */
#include "backend/cpu/attention.h"
#include "backend/cpu/matmul.h"
#include <math.h>
#include <string.h>

typedef struct
{
  FewStream *stream;
  guint p, b, s, heads, head_width;
  gboolean causal;
  const float *qkv, *d_out;
  gsize ld_qkv, ld_d_out;
  float *d_qkv;
  gsize ld_d_qkv;
} Backward;

/* Scratch of one sequence: t tokens, the last n of them queries. */
typedef struct
{
  float *q, *d_out, *d_q;                 /* [n, d] */
  float *k, *v, *d_k, *d_v;               /* [t, d] */
  float *weights, *d_weights, *turned;    /* [n, t], [n, t], [t, n] */
  float *panels;
} Scratch;

/* q is NULL where there is no room. */
static Scratch
scratch_of (const Backward *a, guint thread, guint n, guint t)
{
  guint columns = a->stream->kernels->tile_columns;
  guint d = a->head_width;
  gsize rows = (gsize) n * d;
  gsize keys = (gsize) t * d;
  gsize cells = (gsize) n * t;
  gsize panels = (gsize) (MAX (t, d) + columns) * MAX (t, d);
  float *memory = few_scratch_get (a->stream, &a->stream->scratch[thread],
                                   3 * rows + 4 * keys + 3 * cells + panels);
  Scratch s = { .q = memory };
  if (!memory)
    return s;
  s.d_out = s.q + rows;
  s.d_q = s.d_out + rows;
  s.k = s.d_q + rows;
  s.v = s.k + keys;
  s.d_k = s.v + keys;
  s.d_v = s.d_k + keys;
  s.weights = s.d_v + keys;
  s.d_weights = s.weights + cells;
  s.turned = s.d_weights + cells;
  s.panels = s.turned + cells;
  return s;
}

/* c [m, n] = scale · a [m, k] · op (b), op (b) [k, n] */
static void
product (const FewKernels *kernels, float *panels, gboolean transpose_b, guint m, guint n, guint k,
         float scale, const float *a, const float *b, float *c)
{
  guint columns = kernels->tile_columns;
  for (guint panel = 0; panel * columns < n; panel++)
    few_cpu_pack_panel (transpose_b, columns, panel, n, k, b, transpose_b ? k : n, panels);
  few_cpu_small_product (kernels, FALSE, m, n, k, a, k, panels, scale, NULL, c, n);
}

static void
turn (guint n, guint t, const float *from, float *to)
{
  for (guint i = 0; i < n; i++)
    for (guint j = 0; j < t; j++)
      to[(gsize) j * n + i] = from[(gsize) i * t + j];
}

static void
back (const FewKernels *kernels, const Scratch *s, guint n, guint t, guint d, gboolean causal)
{
  float scale = 1 / sqrtf ((float) d);
  product (kernels, s->panels, TRUE, n, t, d, scale, s->q, s->k, s->weights);
  product (kernels, s->panels, TRUE, n, t, d, 1, s->d_out, s->v, s->d_weights);
  for (guint i = 0; i < n; i++)
    {
      float *weights = s->weights + (gsize) i * t;
      float *d_weights = s->d_weights + (gsize) i * t;
      kernels->softmax (causal ? t - n + i + 1 : t, t, weights);
      float along = kernels->dot (t, weights, d_weights);
      for (guint j = 0; j < t; j++)
        d_weights[j] = weights[j] * (d_weights[j] - along);
    }
  turn (n, t, s->weights, s->turned);
  product (kernels, s->panels, FALSE, t, d, n, 1, s->turned, s->d_out, s->d_v);
  product (kernels, s->panels, FALSE, n, d, t, scale, s->d_weights, s->k, s->d_q);
  turn (n, t, s->d_weights, s->turned);
  product (kernels, s->panels, FALSE, t, d, n, scale, s->turned, s->q, s->d_k);
}

/* The sequence whose own n tokens begin at row `first`, behind p shared ones at row 0, in one
 * head. */
static void
back_sequence (const Backward *a, guint thread, guint head, guint p, guint n, gsize first)
{
  guint d = a->head_width;
  guint width = a->heads * d;
  guint t = p + n;
  Scratch s = scratch_of (a, thread, n, t);
  if (!s.q)
    return;
  const float *qkv = a->qkv + head * d;
  float *d_qkv = a->d_qkv + head * d;
  for (guint i = 0; i < t; i++)
    {
      gsize row = i < p ? i : first + i - p;
      memcpy (s.k + (gsize) i * d, qkv + row * a->ld_qkv + width, d * sizeof (float));
      memcpy (s.v + (gsize) i * d, qkv + row * a->ld_qkv + 2 * width, d * sizeof (float));
      if (i < p)
        continue;
      memcpy (s.q + (gsize) (i - p) * d, qkv + row * a->ld_qkv, d * sizeof (float));
      memcpy (s.d_out + (gsize) (i - p) * d, a->d_out + row * a->ld_d_out + head * d,
              d * sizeof (float));
    }
  back (a->stream->kernels, &s, n, t, d, a->causal);
  for (guint i = 0; i < p; i++)
    for (guint j = 0; j < d; j++)
      {
        d_qkv[i * a->ld_d_qkv + width + j] += s.d_k[(gsize) i * d + j];
        d_qkv[i * a->ld_d_qkv + 2 * width + j] += s.d_v[(gsize) i * d + j];
      }
  for (guint i = p; i < t; i++)
    {
      float *row = d_qkv + (first + i - p) * a->ld_d_qkv;
      memcpy (row, s.d_q + (gsize) (i - p) * d, d * sizeof (float));
      memcpy (row + width, s.d_k + (gsize) i * d, d * sizeof (float));
      memcpy (row + 2 * width, s.d_v + (gsize) i * d, d * sizeof (float));
    }
}

static void
one_sequence (gpointer user, guint index, guint thread)
{
  const Backward *a = user;
  back_sequence (a, thread, index % a->heads, 0, a->s, (gsize) (index / a->heads) * a->s);
}

/* The shared beginning gathers from all sequences, one after another, so that the sum has one
 * order. */
static void
one_head (gpointer user, guint head, guint thread)
{
  const Backward *a = user;
  back_sequence (a, thread, head, 0, a->p, 0);
  for (guint i = 0; i < a->b; i++)
    back_sequence (a, thread, head, a->p, a->s, a->p + (gsize) i * a->s);
}

void
few_cpu_shared_attention_backward (FewStream *stream, guint p, guint b, guint s, guint heads,
                                   guint head_width, gboolean causal, const float *qkv,
                                   gsize ld_qkv, const float *d_out, gsize ld_d_out, float *d_qkv,
                                   gsize ld_d_qkv)
{
  Backward a = { stream, p,     b,      s,        heads, head_width, causal,
                 qkv,    d_out, ld_qkv, ld_d_out, d_qkv, ld_d_qkv };
  if (p == 0)
    few_stream_run (stream, b * heads, one_sequence, &a);
  else
    few_stream_run (stream, heads, one_head, &a);
}
