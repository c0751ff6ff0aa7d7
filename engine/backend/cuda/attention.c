/* SPDX-License-Identifier: MIT */
/* Attention: in f16 and bf16 by one kernel where there is one (kernels-attention.cu). Otherwise by
 * batched products: heads are taken apart, scores = scale·q·kᵀ, softmax, times v, and put together
 * again; some sequences at a time, so that the scores of long ones do not fill the memory. */
#include "backend/cuda/attention.h"
#include "backend/cuda/memory.h"
#include "backend/cuda/products.h"
#include "backend/cuda/repeat.h"
#include "backend/cuda/twin.h"

static const gsize SCORE_BYTES = 64 << 20;
enum { MOST_PRODUCTS = 16384 }; /* a batch */

/* Sequences at a time */
static guint
find_chunk (guint heads, guint n, guint t, guint b)
{
  gsize fit = MIN (SCORE_BYTES / ((gsize) heads * n * t * sizeof (float)), MOST_PRODUCTS / heads);
  return (guint) CLAMP (fit, 1, b);
}

/* Queries of the own tokens, keys and values of all; in the products' type */
typedef struct
{
  void *q, *k, *v;
} Heads;

/* Takes rows of qkv apart, in one kernel; FALSE on failure. */
static gboolean
split_heads (FewStream *stream, const FewCudaHeads *h, const float *qkv, gsize ld,
             FewCudaPrecision type, Heads *out)
{
  gsize one = (gsize) h->b * h->heads * h->head_width * few_cuda_size (type);
  gsize t = h->p + h->s;
  out->q = few_cuda_scratch (stream, FEW_SCRATCH_Q, one * h->s);
  out->k = out->q ? few_cuda_scratch (stream, FEW_SCRATCH_K, one * t) : NULL;
  out->v = out->k ? few_cuda_scratch (stream, FEW_SCRATCH_V, one * t) : NULL;
  return out->v
         && few_cuda_did (
             stream,
             few_cuda_split_heads (stream->stream, h, 3, qkv, ld, type, out->q, out->k, out->v),
             "Taking heads apart");
}

/* The gradient of what attention gives, as its queries are; NULL on failure. */
static float *
split_slope (FewStream *stream, const FewCudaHeads *h, const float *d_out, gsize ld)
{
  float *slope = few_cuda_scratch (stream, FEW_SCRATCH_OUT,
                                   (gsize) h->b * h->heads * h->head_width * h->s * sizeof (float));
  if (!slope
      || !few_cuda_did (
          stream,
          few_cuda_split_heads (stream->stream, h, 1, d_out, ld, FEW_CUDA_F32, slope, NULL, NULL),
          "Taking heads apart"))
    return NULL;
  return slope;
}

/* scores [products, N, T] = scale · q [products, N, D] · kᵀ */
static float *
multiply_heads (FewStream *stream, FewScratchSlot slot, guint products, guint n, guint t, guint d,
                float scale, const void *q, const void *k, FewCudaPrecision type)
{
  float *scores = few_cuda_scratch (stream, slot, (gsize) products * n * t * sizeof (float));
  if (!scores)
    return NULL;
  few_cuda_product (stream, &(FewCudaProduct) { .transpose_b = TRUE,
                                                .type = type,
                                                .m = n,
                                                .n = t,
                                                .k = d,
                                                .scale = scale,
                                                .a = q,
                                                .lda = d,
                                                .b = k,
                                                .ldb = d,
                                                .c = scores,
                                                .ldc = t,
                                                .batch = products,
                                                .stride_a = (gsize) n * d,
                                                .stride_b = (gsize) t * d,
                                                .stride_c = (gsize) n * t });
  return stream->failed ? NULL : scores;
}

/* The softmax of scores [products, N, T], in the products' type; *ld: its rows' length. f32
 * stays in its place. */
static void *
weigh_values (FewStream *stream, guint products, guint n, guint t, gboolean causal, float *scores,
              FewCudaPrecision type, gsize *ld)
{
  gboolean narrow = few_cuda_is_narrow (type);
  *ld = narrow ? few_cuda_row (t) : t;
  void *weights =
      narrow ? few_cuda_scratch (stream, FEW_SCRATCH_WEIGHTS, (gsize) products * n * *ld * 2)
             : scores;
  if (!weights
      || !few_cuda_did (
          stream,
          few_cuda_softmax (stream->stream, products * n, n, t, causal, scores, type, weights, *ld),
          "A softmax"))
    return NULL;
  return weights;
}

/* `whole` some sequences at a time */
static void
attend_by_products (FewStream *stream, const FewCudaHeads *whole, gboolean causal, const float *qkv,
                    gsize ld_qkv, float *out, gsize ld_out, const FewCudaTwin *twin)
{
  FewCudaPrecision type = stream->device->precision;
  guint s = whole->s;
  guint d = whole->head_width;
  guint t = whole->p + s;
  guint chunk = find_chunk (whole->heads, s, t, MAX (whole->b, 1));
  for (guint begin = 0; begin < whole->b && few_cuda_ready (stream); begin += chunk)
    {
      FewCudaHeads h = *whole;
      h.begin = begin;
      h.b = MIN (chunk, whole->b - begin);
      guint products = h.b * h.heads;
      gsize ld;
      Heads split;
      if (!split_heads (stream, &h, qkv, ld_qkv, type, &split))
        return;
      float *scores = multiply_heads (stream, FEW_SCRATCH_SCORES, products, s, t, d,
                                      1 / __builtin_sqrtf ((float) d), split.q, split.k, type);
      void *weights =
          scores ? weigh_values (stream, products, s, t, causal, scores, type, &ld) : NULL;
      float *sums = weights ? few_cuda_scratch (stream, FEW_SCRATCH_OUT,
                                                (gsize) products * s * d * sizeof (float))
                            : NULL;
      if (!sums)
        return;
      few_cuda_product (stream, &(FewCudaProduct) { .type = type,
                                                    .m = s,
                                                    .n = d,
                                                    .k = t,
                                                    .scale = 1,
                                                    .a = weights,
                                                    .lda = ld,
                                                    .b = split.v,
                                                    .ldb = d,
                                                    .c = sums,
                                                    .ldc = d,
                                                    .batch = products,
                                                    .stride_a = s * ld,
                                                    .stride_b = (gsize) t * d,
                                                    .stride_c = (gsize) s * d });
      if (!stream->failed)
        few_cuda_did (stream, few_cuda_merge_heads (stream->stream, &h, s, sums, out, ld_out, twin),
                      "Putting heads together");
    }
}

/* out of sequences of `s` own tokens behind `p` shared ones, for the own tokens */
static void
attend (FewStream *stream, guint p, guint b, guint s, guint heads, guint d, gboolean causal,
        const float *rotation, const float *qkv, gsize ld_qkv, float *out, gsize ld_out)
{
  gboolean passes_on = stream->passes_on && p == 0;
  FewCudaHeads whole = {
    .p = p, .s = s, .b = b, .heads = heads, .head_width = d, .rotation = rotation
  };
  if (!FEW_OP (stream, p, b, s, heads, d, (guint64) causal, FEW_AT (rotation), FEW_AT (qkv), ld_qkv,
               FEW_AT (out), ld_out)
      || !few_cuda_ready (stream))
    return;
  /* of shared tokens another call writes the rows */
  FewCudaTwin twin =
      few_cuda_twin_place (stream, FEW_SCRATCH_OPERAND, p == 0 ? b * s : 0, heads * d);
  if (stream->failed)
    return;
  if (stream->device->fused_attention && few_cuda_attend_takes (&whole, qkv, ld_qkv))
    few_cuda_did (stream,
                  few_cuda_attend (stream->stream, stream->device->precision, &whole, causal,
                                   1 / __builtin_sqrtf ((float) d), qkv, ld_qkv,
                                   passes_on ? NULL : out, ld_out, &twin),
                  "Attention");
  else
    attend_by_products (stream, &whole, causal, qkv, ld_qkv, out, ld_out, &twin);
  few_cuda_twin_keep (stream, &twin, out, b * s, heads * d, ld_out, passes_on);
}

void
few_cuda_attention (FewStream *stream, guint b, guint t, guint heads, guint head_width,
                    gboolean causal, const float *rotation, float *qkv, gsize ld_qkv, float *out,
                    gsize ld_out)
{
  attend (stream, 0, b, t, heads, head_width, causal, rotation, qkv, ld_qkv, out, ld_out);
}

void
few_cuda_shared_attention (FewStream *stream, guint p, guint b, guint s, guint heads,
                           guint head_width, const float *qkv, gsize ld_qkv, float *out,
                           gsize ld_out)
{
  stream->passes_on = FALSE; /* two ops in one */
  attend (stream, 0, 1, p, heads, head_width, TRUE, NULL, qkv, ld_qkv, out, ld_out);
  attend (stream, p, b, s, heads, head_width, TRUE, NULL, qkv, ld_qkv, out, ld_out);
}

/* queries and tokens, rows of W floats, in two bytes each, rows ld apart; FALSE on failure */
static gboolean
narrow_operands (FewStream *stream, guint n_queries, guint n_tokens, guint w, gsize ld,
                 const void **queries, const void **tokens)
{
  FewCudaPrecision type = stream->device->precision;
  const float *q = *queries;
  const float *x = *tokens;
  void *q_narrow = few_cuda_scratch (stream, FEW_SCRATCH_Q, (gsize) n_queries * ld * 2);
  void *x_narrow = few_cuda_scratch (stream, FEW_SCRATCH_K, (gsize) n_tokens * ld * 2);
  if (!q_narrow || !x_narrow
      || !few_cuda_did (stream,
                        few_cuda_copy_rows (stream->stream, n_queries, w, q, w, type, q_narrow, ld),
                        "Converting queries")
      || !few_cuda_did (stream,
                        few_cuda_copy_rows (stream->stream, n_tokens, w, x, w, type, x_narrow, ld),
                        "Converting tokens"))
    return FALSE;
  *queries = q_narrow;
  *tokens = x_narrow;
  return TRUE;
}

void
few_cuda_pool_attention (FewStream *stream, guint b, guint t, guint w, guint heads, float scale,
                         const float *queries, const float *x, float *out)
{
  FewCudaPrecision type = stream->device->precision;
  gboolean narrow = few_cuda_is_narrow (type);
  gsize ld = narrow ? few_cuda_row (w) : w;
  gsize ld_weights;
  const void *q = queries;
  const void *tokens = x;
  if (!FEW_OP (stream, b, t, w, heads, few_cuda_bits (scale), FEW_AT (queries), FEW_AT (x),
               FEW_AT (out))
      || !few_cuda_ready (stream))
    return;
  if (narrow && !narrow_operands (stream, b * heads, b * t, w, ld, &q, &tokens))
    return;
  float *scores =
      few_cuda_scratch (stream, FEW_SCRATCH_SCORES, (gsize) b * heads * t * sizeof (float));
  if (!scores)
    return;
  few_cuda_product (stream, &(FewCudaProduct) { .transpose_b = TRUE,
                                                .type = type,
                                                .m = heads,
                                                .n = t,
                                                .k = w,
                                                .scale = scale,
                                                .a = q,
                                                .lda = ld,
                                                .b = tokens,
                                                .ldb = ld,
                                                .c = scores,
                                                .ldc = t,
                                                .batch = b,
                                                .stride_a = heads * ld,
                                                .stride_b = t * ld,
                                                .stride_c = (gsize) heads * t });
  void *weights =
      stream->failed ? NULL : weigh_values (stream, b, heads, t, FALSE, scores, type, &ld_weights);
  if (weights)
    few_cuda_product (stream, &(FewCudaProduct) { .type = type,
                                                  .m = heads,
                                                  .n = w,
                                                  .k = t,
                                                  .scale = 1,
                                                  .a = weights,
                                                  .lda = ld_weights,
                                                  .b = tokens,
                                                  .ldb = ld,
                                                  .c = out,
                                                  .ldc = w,
                                                  .batch = b,
                                                  .stride_a = heads * ld_weights,
                                                  .stride_b = t * ld,
                                                  .stride_c = (gsize) heads * w });
}

/* ---- the way back, all in f32. The weights P are made again.
 *
 *   dV = Pᵀ·dO,  dP = dO·Vᵀ,  dS = P ⊙ (dP − rowsum (P ⊙ dP)),  dQ = scale·dS·K,  dK =
 *     scale·dSᵀ·Q */

/* c [products, M, N] = scale · op (a) · b */
static float *
multiply_back (FewStream *stream, FewScratchSlot slot, guint products, gboolean transpose_a,
               guint m, guint n, guint k, float scale, const float *a, const float *b)
{
  float *c = few_cuda_scratch (stream, slot, (gsize) products * m * n * sizeof (float));
  if (!c)
    return NULL;
  few_cuda_product (stream, &(FewCudaProduct) { .transpose_a = transpose_a,
                                                .m = m,
                                                .n = n,
                                                .k = k,
                                                .scale = scale,
                                                .a = a,
                                                .lda = transpose_a ? m : k,
                                                .b = b,
                                                .ldb = n,
                                                .c = c,
                                                .ldc = n,
                                                .batch = products,
                                                .stride_a = (gsize) m * k,
                                                .stride_b = (gsize) k * n,
                                                .stride_c = (gsize) m * n });
  return stream->failed ? NULL : c;
}

static void
write_back (FewStream *stream, FewCudaHeads heads, guint part, guint n, const float *gradient,
            float *d_qkv, gsize ld)
{
  heads.part = part;
  if (!gradient
      || !few_cuda_did (stream,
                        few_cuda_merge_heads (stream->stream, &heads, n, gradient, d_qkv, ld,
                                              &(FewCudaTwin) { NULL, 0, FEW_CUDA_F32 }),
                        "Putting heads together"))
    return;
  if (heads.p > 0 && n > heads.s)
    few_cuda_did (stream, few_cuda_add_shared_heads (stream->stream, &heads, gradient, d_qkv, ld),
                  "Adding up shared tokens");
}

static void
attend_backward (FewStream *stream, guint p, guint b, guint s, guint heads, guint d,
                 gboolean causal, const float *qkv, gsize ld_qkv, const float *d_out,
                 gsize ld_d_out, float *d_qkv, gsize ld_d_qkv)
{
  guint t = p + s;
  guint chunk = find_chunk (heads, s, t, MAX (b, 1));
  float scale = 1 / __builtin_sqrtf ((float) d);
  for (guint begin = 0; begin < b && few_cuda_ready (stream); begin += chunk)
    {
      FewCudaHeads h = {
        .p = p, .s = s, .begin = begin, .b = MIN (chunk, b - begin), .heads = heads, .head_width = d
      };
      guint products = h.b * heads;
      gsize ld;
      Heads split;
      if (!split_heads (stream, &h, qkv, ld_qkv, FEW_CUDA_F32, &split))
        return;
      float *slope = split_slope (stream, &h, d_out, ld_d_out);
      float *weights = slope ? multiply_heads (stream, FEW_SCRATCH_SCORES, products, s, t, d, scale,
                                               split.q, split.k, FEW_CUDA_F32)
                             : NULL;
      float *d_scores = NULL;
      if (weights && weigh_values (stream, products, s, t, causal, weights, FEW_CUDA_F32, &ld))
        d_scores = multiply_heads (stream, FEW_SCRATCH_WEIGHTS, products, s, t, d, 1, slope,
                                   split.v, FEW_CUDA_F32);
      float *d_v = d_scores ? multiply_back (stream, FEW_SCRATCH_DV, products, TRUE, t, d, s, 1,
                                             weights, slope)
                            : NULL;
      if (!d_v
          || !few_cuda_did (
              stream,
              few_cuda_softmax_backward (stream->stream, products * s, t, weights, d_scores),
              "A softmax's way back"))
        return;
      float *d_q = multiply_back (stream, FEW_SCRATCH_DQ, products, FALSE, s, d, t, scale, d_scores,
                                  split.k);
      float *d_k = d_q ? multiply_back (stream, FEW_SCRATCH_DK, products, TRUE, t, d, s, scale,
                                        d_scores, split.q)
                       : NULL;
      if (!d_k)
        return;
      write_back (stream, h, 0, s, d_q, d_qkv, ld_d_qkv);
      write_back (stream, h, 1, t, d_k, d_qkv, ld_d_qkv);
      write_back (stream, h, 2, t, d_v, d_qkv, ld_d_qkv);
    }
}

void
few_cuda_shared_attention_backward (FewStream *stream, guint p, guint b, guint s, guint heads,
                                    guint head_width, gboolean causal, const float *qkv,
                                    gsize ld_qkv, const float *d_out, gsize ld_d_out, float *d_qkv,
                                    gsize ld_d_qkv)
{
  if (!FEW_OP (stream, p, b, s, heads, head_width, (guint64) causal, FEW_AT (qkv), ld_qkv,
               FEW_AT (d_out), ld_d_out, FEW_AT (d_qkv), ld_d_qkv))
    return;
  if (p > 0) /* the shared beginning as a sequence of its own; the others add to it */
    attend_backward (stream, 0, 1, p, heads, head_width, causal, qkv, ld_qkv, d_out, ld_d_out,
                     d_qkv, ld_d_qkv);
  attend_backward (stream, p, b, s, heads, head_width, causal, qkv, ld_qkv, d_out, ld_d_out, d_qkv,
                   ld_d_qkv);
}
