/* Attention, one (picture, head) a piece: keys and values are packed once, then blocks of queries pass over them. */
#include "cpu.h"
#include <math.h>
#include <string.h>

enum { QUERY_ROWS = 42 };

typedef struct
{
  FewStream *stream;
  guint t, heads, head_width;
  gboolean causal;
  const float *qkv;
  gsize ld_qkv;
  float *out;
  gsize ld_out;
} Attention;

static void
multiply (const FewKernels *kernels, guint m, guint n, guint k, const float *a, gsize lda, const float *panels, float scale, float *c, gsize ldc)
{
  FewEpilogue e = { .scale = scale };
  guint tiles = (m + kernels->tile_rows - 1) / kernels->tile_rows;
  for (guint column = 0; column < n; column += kernels->tile_columns)
    for (guint t = 0; t < tiles; t++)
      {
        guint row0 = m * t / tiles, row1 = m * (t + 1) / tiles;
        kernels->tile (row1 - row0, k, a + row0 * lda, lda, panels + (gsize) column * k, panels + (gsize) column * k, 0, &e, c + row0 * ldc + column, ldc,
                       MIN (kernels->tile_columns, n - column));
      }
}

static void
attention_head (gpointer user, guint index, guint thread)
{
  const Attention *a = user;
  const FewKernels *kernels = a->stream->kernels;
  guint columns = kernels->tile_columns, t = a->t, d = a->head_width, width = a->heads * d;
  guint padded = (t + columns - 1) / columns * columns, padded_d = (d + columns - 1) / columns * columns;
  gsize ld_scores = few_row_stride (padded);
  const float *q = a->qkv + (gsize) (index / a->heads) * t * a->ld_qkv + index % a->heads * d, *k = q + width, *v = k + width;
  float *out = a->out + (gsize) (index / a->heads) * t * a->ld_out + index % a->heads * d;

  float *keys = few_scratch_get (&a->stream->scratch[thread], (gsize) padded * d + (gsize) padded_d * t + QUERY_ROWS * ld_scores);
  float *values = keys + (gsize) padded * d, *scores = values + (gsize) padded_d * t;
  for (guint j0 = 0; j0 < padded; j0 += columns)
    for (guint j = 0; j < columns; j++)
      for (guint i = 0; i < d; i++)
        keys[(gsize) j0 * d + i * columns + j] = j0 + j < t ? k[(j0 + j) * a->ld_qkv + i] : 0;
  for (guint j0 = 0; j0 < padded_d; j0 += columns)
    for (guint i = 0; i < t; i++)
      {
        guint n = MIN (columns, d - MIN (j0, d));
        float *to = values + (gsize) j0 * t + (gsize) i * columns;
        memcpy (to, v + i * a->ld_qkv + j0, n * sizeof (float));
        memset (to + n, 0, (columns - n) * sizeof (float));
      }
  float scale = 1 / sqrtf ((float) d);
  for (guint row = 0; row < t; row += QUERY_ROWS)
    {
      guint m = MIN (QUERY_ROWS, t - row);
      multiply (kernels, m, padded, d, q + row * a->ld_qkv, a->ld_qkv, keys, scale, scores, ld_scores);
      for (guint i = 0; i < m; i++)
        kernels->softmax (a->causal ? row + i + 1 : t, t, scores + i * ld_scores);
      multiply (kernels, m, d, t, scores, ld_scores, values, 1, out + row * a->ld_out, a->ld_out);
    }
}

void
few_cpu_attention (FewStream *stream, guint b, guint t, guint heads, guint head_width, gboolean causal, const float *qkv,
                   gsize ld_qkv, float *out, gsize ld_out)
{
  Attention a = { stream, t, heads, head_width, causal, qkv, ld_qkv, out, ld_out };
  few_stream_run (stream, b * heads, attention_head, &a);
}

void
few_cpu_pool_attention (FewStream *stream, guint b, guint t, guint heads, guint head_width, const float *q, const float *k,
                        const float *v, float *out)
{
  guint width = heads * head_width;
  float scale = 1 / sqrtf ((float) head_width), *scores = few_scratch_get (&stream->scratch[0], t);
  for (guint i = 0; i < b * heads; i++)
    {
      guint picture = i / heads, head = i % heads;
      const float *query = q + (gsize) picture * width + head * head_width;
      for (guint j = 0; j < t; j++)
        {
          const float *key = k + ((gsize) picture * t + j) * width + head * head_width;
          float sum = 0;
          for (guint x = 0; x < head_width; x++)
            sum += query[x] * key[x];
          scores[j] = sum * scale;
        }
      stream->kernels->softmax (t, t, scores);
      float *to = out + (gsize) picture * width + head * head_width;
      memset (to, 0, head_width * sizeof (float));
      for (guint j = 0; j < t; j++)
        {
          const float *value = v + ((gsize) picture * t + j) * width + head * head_width;
          for (guint x = 0; x < head_width; x++)
            to[x] += scores[j] * value[x];
        }
    }
}
