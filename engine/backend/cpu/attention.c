/* SPDX-License-Identifier: MIT */
/* Attention: keys and values are packed once a piece, then blocks of queries pass over them. */
#include "backend/cpu/attention.h"
#include "backend/cpu/matmul.h"
#include "backend/cpu/passed.h"
#include <math.h>
#include <string.h>

enum { QUERY_ROWS = 42 };

static gsize
attend_floats (const FewKernels *kernels, guint t, guint d)
{
  guint columns = kernels->tile_columns;
  gsize padded = (t + columns - 1) / columns * columns;
  gsize padded_d = (d + columns - 1) / columns * columns;
  return padded * d + padded_d * t + QUERY_ROWS * few_row_stride (padded);
}

/* out [n, d] = softmax (scale · q [n, d] · kᵀ) · v, k and v [t, d]; when causal, the queries are
 * the last n of t tokens and see none behind themselves. memory: attend_floats. */
static void
attend_heads (const FewKernels *kernels, float *memory, guint n, guint t, guint d, gboolean causal,
              float scale, const float *q, gsize ldq, const float *k, const float *v, gsize ld,
              float *out, gsize ld_out)
{
  guint columns = kernels->tile_columns;
  guint padded = (t + columns - 1) / columns * columns;
  guint padded_d = (d + columns - 1) / columns * columns;
  gsize ld_scores = few_row_stride (padded);
  float *keys = memory;
  float *values = keys + (gsize) padded * d;
  float *scores = values + (gsize) padded_d * t;
  for (guint panel = 0; panel < padded / columns; panel++)
    few_cpu_pack_panel (TRUE, columns, panel, t, d, k, ld, keys);
  for (guint panel = 0; panel < padded_d / columns; panel++)
    few_cpu_pack_panel (FALSE, columns, panel, d, t, v, ld, values);
  for (guint row = 0; row < n; row += QUERY_ROWS)
    {
      guint m = MIN (QUERY_ROWS, n - row);
      few_cpu_small_product (kernels, FALSE, m, padded, d, q + row * ldq, ldq, keys, scale, NULL,
                             scores, ld_scores);
      for (guint i = 0; i < m; i++)
        kernels->softmax (causal ? t - n + row + i + 1 : t, t, scores + i * ld_scores);
      few_cpu_small_product (kernels, FALSE, m, d, t, scores, ld_scores, values, 1, NULL,
                             out + row * ld_out, ld_out);
    }
}

typedef struct
{
  FewStream *stream;
  guint t, heads, head_width;
  gboolean causal;
  const float *qkv;
  gsize ld_qkv;
  float *out;
  gsize ld_out;
  FewPassed *to; /* gets the rows instead of out; or NULL */
} Attention;

static void
attention_head (gpointer user, guint index, guint thread)
{
  const Attention *a = user;
  guint t = a->t;
  guint d = a->head_width;
  guint width = a->heads * d;
  const float *q = a->qkv + (gsize) (index / a->heads) * t * a->ld_qkv + index % a->heads * d;
  float *out = a->out + (gsize) (index / a->heads) * t * a->ld_out + index % a->heads * d;
  gsize ld_out = a->ld_out;
  gsize working = attend_floats (a->stream->kernels, t, d);
  float *memory = few_scratch_get (a->stream, &a->stream->scratch[thread],
                                   working + (a->to ? (gsize) t * d : 0));
  if (!memory)
    return;
  if (a->to)
    {
      out = memory + working;
      ld_out = d;
    }
  attend_heads (a->stream->kernels, memory, t, t, d, a->causal, 1 / sqrtf ((float) d), q, a->ld_qkv,
                q + width, q + 2 * width, a->ld_qkv, out, ld_out);
  for (guint i = 0; a->to && i < t; i++)
    few_passed_put (a->stream, a->to, index / a->heads * t + i, index % a->heads * d, d,
                    out + (gsize) i * d);
}

typedef struct
{
  guint t, heads, head_width;
  const float *table;
  float *x;
  gsize ldx;
} Rotation;

static void
rotate_token (gpointer user, guint index, guint thread G_GNUC_UNUSED)
{
  const Rotation *r = user;
  const float *turn = r->table + (gsize) (index % r->t) * r->head_width;
  float *x = r->x + index * r->ldx;
  for (guint h = 0; h < r->heads; h++, x += r->head_width)
    for (guint i = 0; i + 1 < r->head_width; i += 2)
      {
        float first = x[i];
        x[i] = first * turn[i] - x[i + 1] * turn[i + 1];
        x[i + 1] = x[i + 1] * turn[i] + first * turn[i + 1];
      }
}

void
few_cpu_attention (FewStream *stream, guint b, guint t, guint heads, guint head_width,
                   gboolean causal, const float *rotation, float *qkv, gsize ld_qkv, float *out,
                   gsize ld_out)
{
  Rotation turned = { t, 2 * heads, head_width, rotation, qkv, ld_qkv }; /* queries and keys */
  Attention a = { stream, t, heads, head_width, causal, qkv, ld_qkv, out, ld_out, NULL };
  a.to = few_passed_begin (stream, b * t, heads * head_width, out, head_width);
  if (rotation)
    few_stream_run (stream, b * t, rotate_token, &turned);
  few_stream_run (stream, b * heads, attention_head, &a);
}

typedef struct
{
  FewStream *stream;
  guint t, w, heads;
  float scale;
  const float *queries, *x;
  float *out;
} PoolAttention;

static void
pool_picture (gpointer user, guint index, guint thread)
{
  const PoolAttention *p = user;
  gsize block = (gsize) p->heads * p->w;
  const float *tokens = p->x + (gsize) index * p->t * p->w;
  float *memory = few_scratch_get (p->stream, &p->stream->scratch[thread],
                                   attend_floats (p->stream->kernels, p->t, p->w));
  if (memory)
    attend_heads (p->stream->kernels, memory, p->heads, p->t, p->w, FALSE, p->scale,
                  p->queries + index * block, p->w, tokens, tokens, p->w, p->out + index * block,
                  p->w);
}

void
few_cpu_pool_attention (FewStream *stream, guint b, guint t, guint w, guint heads, float scale,
                        const float *queries, const float *x, float *out)
{
  PoolAttention p = { stream, t, w, heads, scale, queries, x, out };
  few_stream_run (stream, b, pool_picture, &p);
}

/* ---- sequences with a shared beginning: its keys and values are copied in front of each one's
 * own */

typedef struct
{
  FewStream *stream;
  guint p, s, heads, head_width;
  const float *qkv;
  gsize ld_qkv;
  float *out;
  gsize ld_out;
} SharedAttention;

static void
shared_attention_head (gpointer user, guint index, guint thread)
{
  const SharedAttention *a = user;
  const FewKernels *kernels = a->stream->kernels;
  guint p = a->p;
  guint d = a->head_width;
  guint width = a->heads * d;
  guint sequence = index / a->heads;
  const float *shared = a->qkv + index % a->heads * d;
  float *out = a->out + index % a->heads * d;
  float scale = 1 / sqrtf ((float) d);
  float *memory =
      few_scratch_get (a->stream, &a->stream->scratch[thread],
                       attend_floats (kernels, p + a->s, d) + 2 * (gsize) (p + a->s) * d);
  if (!memory)
    return;
  if (sequence == 0) /* the shared beginning itself */
    {
      attend_heads (kernels, memory, p, p, d, TRUE, scale, shared, a->ld_qkv, shared + width,
                    shared + 2 * width, a->ld_qkv, out, a->ld_out);
      return;
    }
  gsize first = p + (gsize) (sequence - 1) * a->s;
  float *keys = memory + attend_floats (kernels, p + a->s, d);
  float *values = keys + (gsize) (p + a->s) * d;
  for (guint i = 0; i < p + a->s; i++)
    {
      const float *row = shared + (i < p ? i : first + i - p) * a->ld_qkv;
      memcpy (keys + (gsize) i * d, row + width, d * sizeof (float));
      memcpy (values + (gsize) i * d, row + 2 * width, d * sizeof (float));
    }
  attend_heads (kernels, memory, a->s, p + a->s, d, TRUE, scale, shared + first * a->ld_qkv,
                a->ld_qkv, keys, values, d, out + first * a->ld_out, a->ld_out);
}

void
few_cpu_shared_attention (FewStream *stream, guint p, guint b, guint s, guint heads,
                          guint head_width, const float *qkv, gsize ld_qkv, float *out,
                          gsize ld_out)
{
  SharedAttention a = { stream, p, s, heads, head_width, qkv, ld_qkv, out, ld_out };
  few_stream_run (stream, (b + 1) * heads, shared_attention_head, &a);
}
