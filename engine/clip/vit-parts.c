/* SPDX-License-Identifier: MIT */
/* What each patch gives to a vision transformer's feature: Gandelsman, Efros & Steinhardt,
 * “Interpreting CLIP's Image Representation via Text-Based Decomposition”, ICLR 2024. The class
 * token behind the blocks is a sum of what every attention and every MLP added to it, and what an
 * attention added is a sum over the tokens that it looked at:
 *
 *   c_{l,t} = W_o · concat_h (softmax_t (q_h · k_{h,t} / √d) v_{h,t}),  q of the class token.
 *
 * With the mean and the deviation of the last norm held fixed, norm and projection are linear, so
 * that Σ_l c_{l,t} becomes patch t's direct part of the feature. Only the last blocks count, as in
 * the paper's maps: what earlier ones add hardly reaches the feature directly. What a patch gives
 * through other tokens, or through the MLPs, is not in its part. */
#include "base/memory.h"
#include "base/words.h"
#include "clip/vit.h"
#include <math.h>
#include <string.h>

enum { LAST_BLOCKS = 4 }; /* whose attention is looked at */

static const char WHAT[] = N_ ("the parts of a picture");

gboolean
few_vit_has_parts (const FewClipConfig *config)
{
  return config->vit.pool == FEW_POOL_CLASS && config->vision.rope_steps == 0
         && config->vit.registers == 0 && !config->vision.attention_norm
         && config->vision.norms == FEW_NORM_FIRST;
}

/* One pass: x [T, ld] and what stands beside it on the device; the same numbers on the host. */
typedef struct
{
  const FewVit *vit;
  const FewPass *pass;
  guint t, w;
  gsize ld, ld_qkv;
  float *x, *work;           /* device */
  float *normal, *qkv, *sum; /* [T, ld], [T, ld_qkv], [T, ld]: the sum over blocks of c_t */
  float *features;           /* [T, D], the first the whole feature */
  float *host_tokens, *host_qkv; /* [T, ld], [T, ld_qkv] */
  double *shares;                /* [T] of one head's attention */
} Parts;

static gboolean
take_memory (Parts *p, GError **error)
{
  const FewPass *pass = p->pass;
  guint d = pass->config->embed_dim;
  gsize n = p->t * p->ld;
  gsize n_qkv = p->t * p->ld_qkv;
  gsize n_work = few_transformer_workspace (&pass->config->vision, p->t);
  float *at = few_activations_get (pass->activations,
                                   3 * n + n_qkv + n_work + (gsize) p->t * (p->w + d), error);
  if (!at)
    return FALSE;
  p->x = at;
  p->normal = p->x + n;
  p->sum = p->normal + n;
  p->qkv = p->sum + n;
  p->work = p->qkv + n_qkv;
  p->features = p->work + n_work + (gsize) p->t * p->w;
  return TRUE;
}

/* host_tokens [t] = each head's value of token t, times the class token's attention to it */
static void
weigh_values (Parts *p)
{
  const FewTransformerConfig *c = &p->pass->config->vision;
  double scale = 1 / sqrt ((double) c->head_width);
  for (guint first = 0; first < p->w; first += c->head_width)
    {
      double largest = -G_MAXDOUBLE;
      double total = 0;
      for (guint t = 0; t < p->t; t++)
        {
          const float *key = p->host_qkv + t * p->ld_qkv + p->w + first;
          double dot = 0;
          for (guint j = 0; j < c->head_width; j++)
            dot += (double) p->host_qkv[first + j] * key[j];
          p->shares[t] = dot * scale;
          largest = MAX (largest, p->shares[t]);
        }
      for (guint t = 0; t < p->t; t++)
        total += p->shares[t] = exp (p->shares[t] - largest);
      for (guint t = 0; t < p->t; t++)
        {
          const float *value = p->host_qkv + t * p->ld_qkv + 2 * p->w + first;
          for (guint j = 0; j < c->head_width; j++)
            p->host_tokens[t * p->ld + first + j] = (float) (p->shares[t] / total * value[j]);
        }
    }
}

/* sum += c_l of block `index`, whose input is x */
static void
add_attention (Parts *p, guint index)
{
  const FewBackendOps *ops = p->pass->backend->ops;
  FewStream *stream = p->pass->stream;
  const FewBlock *block = &p->vit->transformer.blocks[index];
  ops->layer_norm (stream, p->t, p->w, p->x, p->ld, block->ln_1_weight, block->ln_1_bias,
                   p->pass->config->vision.ln_epsilon, p->normal, p->ld);
  ops->linear (stream, p->t, p->normal, p->ld, block->in_proj, block->in_proj_bias,
               FEW_ACTIVATION_NONE, NULL, 0, p->qkv, p->ld_qkv);
  ops->download (stream, p->host_qkv, p->qkv, p->t * p->ld_qkv);
  weigh_values (p);
  ops->upload (stream, p->normal, p->host_tokens, p->t * p->ld);
  ops->linear (stream, p->t, p->normal, p->ld, block->out_proj, NULL, FEW_ACTIVATION_NONE, p->sum,
               p->ld, p->sum, p->ld);
}

/* From the tokens after block `start` to those after the last. */
static void
run_blocks (Parts *p, guint start)
{
  const FewPass *pass = p->pass;
  const FewBackendOps *ops = pass->backend->ops;
  guint layers = p->vit->transformer.config.layers;
  ops->upload (pass->stream, p->x, p->host_tokens, p->t * p->ld);
  ops->clear (pass->stream, p->sum, p->t * p->ld);
  FewTransformer one = p->vit->transformer;
  one.config.layers = 1;
  for (guint i = start; i < layers; i++)
    {
      one.blocks = p->vit->transformer.blocks + i;
      add_attention (p, i);
      few_transformer_forward (&one, ops, pass->stream, 1, p->t, FALSE, p->x, p->work, "visual",
                               NULL, NULL);
    }
}

/* The rows of host_tokens, sums c_t, as the last norm makes them with the mean and the deviation
 * that the class token has: its mean goes by each row's own, as norms are linear but for these. */
static void
norm_parts (Parts *p, const float *token, const float *gain)
{
  double mean = 0;
  double square = 0;
  for (guint j = 0; j < p->w; j++)
    mean += token[j];
  mean /= p->w;
  for (guint j = 0; j < p->w; j++)
    square += (token[j] - mean) * (token[j] - mean);
  double inverse = 1 / sqrt (square / p->w + (double) p->pass->config->vision.ln_epsilon);
  for (guint t = 0; t < p->t; t++)
    {
      float *row = p->host_tokens + t * p->ld;
      double own = 0;
      for (guint j = 0; j < p->w; j++)
        own += row[j];
      own /= p->w;
      for (guint j = 0; j < p->w; j++)
        row[j] = (float) ((row[j] - own) * inverse * gain[j]);
    }
}

/* features [1 + P, D] of x, behind the blocks, and the sum */
static gboolean
finish_parts (Parts *p, float *features, GError **error)
{
  const FewPass *pass = p->pass;
  const FewBackendOps *ops = pass->backend->ops;
  guint d = pass->config->embed_dim;
  g_autofree float *token = few_try_floats (2, p->w, WHAT, error);
  if (!token)
    return FALSE;
  few_vit_head (p->vit, pass, 1, p->x, p->ld, p->work, p->features);
  ops->download (pass->stream, features, p->features, d);
  ops->download (pass->stream, token, p->x, p->w);
  ops->download (pass->stream, token + p->w, p->vit->ln_post_weight, p->w);
  ops->download (pass->stream, p->host_tokens, p->sum, p->t * p->ld);
  norm_parts (p, token, token + p->w);
  if (p->vit->projection)
    {
      ops->upload (pass->stream, p->normal, p->host_tokens, p->t * p->ld);
      ops->linear (pass->stream, p->t, p->normal, p->ld, p->vit->projection, NULL,
                   FEW_ACTIVATION_NONE, NULL, 0, p->features, d);
      ops->download (pass->stream, features + d, p->features + d, (gsize) (p->t - 1) * d);
    }
  else
    for (guint t = 1; t < p->t; t++)
      memcpy (features + (gsize) t * d, p->host_tokens + t * p->ld, d * sizeof *features);
  for (guint t = 1; t < p->t; t++)
    for (guint j = 0; j < d; j++)
      features[(gsize) t * d + j] = features[j] - features[(gsize) t * d + j];
  return ops->check (pass->stream, error);
}

gboolean
few_vit_parts (gconstpointer state, const FewPass *pass, const float *pixels, float *features,
               GError **error)
{
  const FewVit *vit = state;
  guint layers = vit->transformer.config.layers;
  g_auto (FewRoom) room = { 0 };
  Parts p = {
    .vit = vit, .pass = pass, .t = few_vit_tokens (pass->config), .w = pass->config->vision.width
  };
  p.ld = few_row_stride (p.w);
  p.ld_qkv = few_row_stride (3 * (gsize) p.w);
  p.host_tokens = few_room_new (&room, float, p.t, p.ld);
  p.host_qkv = few_room_new (&room, float, p.t, p.ld_qkv);
  p.shares = few_room_new (&room, double, p.t, 1);
  guint start = layers - MIN (layers, LAST_BLOCKS);
  if (few_room_is_short (&room, WHAT, error)
      || !few_vit_tokens_after (state, pass, 1, start, pixels, p.host_tokens, error)
      || !take_memory (&p, error))
    return FALSE;
  run_blocks (&p, start);
  return finish_parts (&p, features, error);
}
