/* SPDX-License-Identifier: MIT */
/* CLIP's ModifiedResNet (openai/CLIP model.py): three-convolution stem, anti-aliasing average
 * pools instead of strides, attention pooling. Batch norms are folded into the convolutions at
 * load. Activations are NHWC. */
#include "clip/vision.h"
#include <fewshot/model.h>
#include <math.h>

typedef struct
{
  guint in, planes, stride;
  FewMatrix *conv1, *conv2, *conv3, *downsample; /* downsample NULL: identity */
  float *bias1, *bias2, *bias3, *downsample_bias;
} Bottleneck;

struct FewResnet
{
  FewMatrix *stem[3];
  float *stem_bias[3];
  guint n_blocks;
  Bottleneck *blocks;
  float *positions;
  FewMatrix *q, **k, **v, *c; /* k, v: one a head */
  float *q_bias, *v_bias, *c_bias;
};

static void
load_bottleneck (Bottleneck *block, FewLoader *loader, const char *prefix, guint side,
                 gboolean has_downsample)
{
  g_autofree char *c1 = g_strconcat (prefix, "conv1.weight", NULL);
  g_autofree char *n1 = g_strconcat (prefix, "bn1", NULL);
  g_autofree char *c2 = g_strconcat (prefix, "conv2.weight", NULL);
  g_autofree char *n2 = g_strconcat (prefix, "bn2", NULL);
  g_autofree char *c3 = g_strconcat (prefix, "conv3.weight", NULL);
  g_autofree char *n3 = g_strconcat (prefix, "bn3", NULL);
  g_autofree char *cd = g_strconcat (prefix, "downsample.0.weight", NULL);
  g_autofree char *nd = g_strconcat (prefix, "downsample.1", NULL);
  guint p = block->planes;
  guint out = side / block->stride;
  block->conv1 = few_load_conv (loader, &(FewConvShape) { 1, side, side, block->in, 1, 1, p }, n1,
                                &block->bias1, c1);
  block->conv2 =
      few_load_conv (loader, &(FewConvShape) { 1, side, side, p, 3, 1, p }, n2, &block->bias2, c2);
  block->conv3 = few_load_conv (loader, &(FewConvShape) { 1, out, out, p, 1, 1, 4 * p }, n3,
                                &block->bias3, c3);
  if (has_downsample)
    block->downsample =
        few_load_conv (loader, &(FewConvShape) { 1, out, out, block->in, 1, 1, 4 * p }, nd,
                       &block->downsample_bias, cd);
}

/* The attention pool has one query, so keys and values need no projection of every token. With q
 * the projected query of a head and Wk, Wv [head_width, W] its projections: q·(Wk x + bk) = (Wkᵀ
 * q)·x + constant, and the softmax ignores the constant; Σ p (Wv x + bv) = Wv (Σ p x) + bv. */
static void
load_attention_pool (FewResnet *net, const FewClipConfig *config, FewLoader *loader)
{
  guint grid = config->image_size / 32;
  guint w = 32 * config->resnet_width;
  guint heads = config->resnet_heads;
  guint width = w / heads;
  net->positions =
      few_load_table (loader, (gsize) grid * grid + 1, w, "visual.attnpool.positional_embedding");
  net->q = few_load_matrix (loader, w, w, FALSE, "visual.attnpool.q_proj.weight");
  net->q_bias = few_load_vector (loader, w, "visual.attnpool.q_proj.bias");
  net->k = few_load_heads (loader, heads, width, w, TRUE, "visual.attnpool.k_proj.weight");
  net->v = few_load_heads (loader, heads, width, w, FALSE, "visual.attnpool.v_proj.weight");
  net->v_bias = few_load_vector (loader, w, "visual.attnpool.v_proj.bias");
  net->c = few_load_matrix (loader, config->embed_dim, w, FALSE, "visual.attnpool.c_proj.weight");
  net->c_bias = few_load_vector (loader, config->embed_dim, "visual.attnpool.c_proj.bias");
}

FewResnet *
few_resnet_load (const FewClipConfig *config, FewLoader *loader)
{
  FewResnet *net = g_new0 (FewResnet, 1);
  guint width = config->resnet_width;
  guint half = width / 2;
  guint side = config->image_size;
  const guint in[3] = { 3, half, half };
  const guint out[3] = { half, half, width };
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *conv = g_strdup_printf ("visual.conv%u.weight", i + 1);
      g_autofree char *norm = g_strdup_printf ("visual.bn%u", i + 1);
      FewConvShape shape = {
        1, i == 0 ? side : side / 2, i == 0 ? side : side / 2, in[i], 3, i == 0 ? 2 : 1, out[i]
      };
      net->stem[i] = few_load_conv (loader, &shape, norm, &net->stem_bias[i], conv);
    }
  side /= 4;
  for (guint s = 0; s < FEW_RESNET_STAGES; s++)
    net->n_blocks += config->resnet_layers[s];
  net->blocks = g_new0 (Bottleneck, net->n_blocks);
  Bottleneck *block = net->blocks;
  guint channels = width;
  for (guint s = 0; s < FEW_RESNET_STAGES; s++)
    for (guint i = 0; i < config->resnet_layers[s] && !loader->error; i++, block++)
      {
        g_autofree char *prefix = g_strdup_printf ("visual.layer%u.%u.", s + 1, i);
        *block = (Bottleneck) { .in = channels,
                                .planes = width << s,
                                .stride = s > 0 && i == 0 ? 2 : 1 };
        load_bottleneck (block, loader, prefix, side,
                         block->stride > 1 || channels != 4 * block->planes);
        channels = 4 * block->planes;
        side /= block->stride;
      }
  load_attention_pool (net, config, loader);
  return net;
}

void
few_resnet_free (FewResnet *net)
{
  g_free (net->k);
  g_free (net->v);
  g_free (net->blocks);
  g_free (net);
}

/* x [B, side, side, in] → y; scratch a, b. Returns the side after the block. */
static guint
bottleneck (const Bottleneck *k, const FewBackendOps *ops, FewStream *stream, guint n, guint side,
            const float *x, float *y, float *a, float *b)
{
  FewConvShape one = { n, side, side, k->in, 1, 1, k->planes };
  FewConvShape three = { n, side, side, k->planes, 3, 1, k->planes };
  ops->conv (stream, &one, x, k->conv1, k->bias1, FEW_ACTIVATION_RELU, NULL, a);
  ops->conv (stream, &three, a, k->conv2, k->bias2, FEW_ACTIVATION_RELU, NULL, b);
  const float *narrow = b;
  const float *identity = x;
  float *spare = a;
  guint out = side / k->stride;
  if (k->stride > 1)
    {
      ops->average_pool (stream, n, side, side, k->planes, k->stride, b, a);
      narrow = a;
      spare = b;
    }
  if (k->downsample)
    {
      const float *from = x;
      if (k->stride > 1)
        {
          ops->average_pool (stream, n, side, side, k->in, k->stride, x, spare);
          from = spare;
        }
      FewConvShape shape = { n, out, out, k->in, 1, 1, 4 * k->planes };
      ops->conv (stream, &shape, from, k->downsample, k->downsample_bias, FEW_ACTIVATION_NONE, NULL,
                 y);
      identity = y;
    }
  FewConvShape last = { n, out, out, k->planes, 1, 1, 4 * k->planes };
  ops->conv (stream, &last, narrow, k->conv3, k->bias3, FEW_ACTIVATION_RELU, identity, y);
  return out;
}

gboolean
few_resnet_forward (const FewResnet *net, const FewClipConfig *config, FewBackend *backend,
                    FewStream *stream, FewActivations *activations, guint n, const float *pixels,
                    float *features, FewTapFunc tap, gpointer tap_user, GError **error)
{
  const FewBackendOps *ops = backend->ops;
  guint r = config->image_size;
  guint width = config->resnet_width;
  guint half = r / 2;
  guint grid = r / 32;
  guint t = grid * grid + 1;
  guint w = 32 * width;
  /* The widest activation is the first stage's output, (R/4)²·4·width, equal to the stem's
   * (R/2)²·width. */
  gsize slot = (gsize) n * half * half * MAX (width, 3) + 64;
  gsize n_pixels = (gsize) n * 3 * r * r;
  guint heads = config->resnet_heads;
  gsize tail = (gsize) n * t * w + (gsize) n * w * (2 + 2 * heads) + (gsize) n * config->embed_dim;
  float *base = few_activations_get (activations, 4 * slot + tail + 2 * n_pixels, error);
  if (!base)
    return FALSE;
  float *buffer[4] = { base, base + slot, base + 2 * slot, base + 3 * slot };
  float *tokens = base + 4 * slot;
  float *planes = tokens + tail;
  float *input = planes + n_pixels;

  ops->upload (stream, planes, pixels, n_pixels);
  ops->to_nhwc (stream, n, r, planes, input);
  FewConvShape stem[3] = { { n, r, r, 3, 3, 2, width / 2 },
                           { n, half, half, width / 2, 3, 1, width / 2 },
                           { n, half, half, width / 2, 3, 1, width } };
  ops->conv (stream, &stem[0], input, net->stem[0], net->stem_bias[0], FEW_ACTIVATION_RELU, NULL,
             buffer[0]);
  ops->conv (stream, &stem[1], buffer[0], net->stem[1], net->stem_bias[1], FEW_ACTIVATION_RELU,
             NULL, buffer[1]);
  ops->conv (stream, &stem[2], buffer[1], net->stem[2], net->stem_bias[2], FEW_ACTIVATION_RELU,
             NULL, buffer[0]);
  ops->average_pool (stream, n, half, half, width, 2, buffer[0], buffer[1]);
  float *x = buffer[1];
  float *y = buffer[0];
  guint side = half / 2;
  for (guint i = 0; i < net->n_blocks; i++)
    {
      side = bottleneck (&net->blocks[i], ops, stream, n, side, x, y, buffer[2], buffer[3]);
      float *swap = x;
      x = y;
      y = swap;
      if (tap)
        {
          guint rows = n * side * side;
          guint c = 4 * net->blocks[i].planes;
          g_autofree float *host = g_new (float, (gsize) rows *c);
          g_autofree char *name = g_strdup_printf ("visual.%u", i);
          ops->download (stream, host, x, (gsize) rows * c);
          tap (tap_user, name, host, rows, c);
        }
    }
  /* Attention pool: the mean of the grid is the query. */
  gsize all_heads = (gsize) heads * w;
  float *query = tokens + (gsize) n * t * w;
  float *head_queries = query + (gsize) n * w;
  float *head_means = head_queries + n * all_heads;
  float *pooled = head_means + n * all_heads;
  float *out = pooled + (gsize) n * w;
  ops->assemble_tokens (stream, n, t, w, NULL, x, w, net->positions, tokens, w);
  ops->linear (stream, n, tokens, (gsize) t * w, net->q, net->q_bias, FEW_ACTIVATION_NONE, NULL, 0,
               query, w);
  ops->grouped_linear (stream, heads, n, query, w, net->k, NULL, head_queries, all_heads);
  ops->pool_attention (stream, n, t, w, heads, 1 / sqrtf ((float) (w / heads)), head_queries,
                       tokens, head_means);
  ops->grouped_linear (stream, heads, n, head_means, all_heads, net->v, net->v_bias, pooled, w);
  ops->linear (stream, n, pooled, w, net->c, net->c_bias, FEW_ACTIVATION_NONE, NULL, 0, out,
               config->embed_dim);
  ops->download (stream, features, out, (gsize) n * config->embed_dim);
  return ops->check (stream, error);
}
