/* SPDX-License-Identifier: MIT */
/* CLIP's ModifiedResNet (openai/CLIP model.py): three-convolution stem, anti-aliasing average
 * pools instead of strides, attention pooling. Batch norms are folded into the convolutions at
 * load. Activations are NHWC. */
#include "base/error.h"
#include "clip/shapes.h"
#include "clip/tower.h"
#include <math.h>

enum { STRIDE = 32, MOST_WIDTH = 512 }; /* pixels a position of the grid; channels of the stem */

typedef struct
{
  guint in, planes, stride;
  FewMatrix *conv1, *conv2, *conv3, *downsample; /* downsample NULL: identity */
  float *bias1, *bias2, *bias3, *downsample_bias;
} Bottleneck;

typedef struct
{
  FewMatrix *stem[3];
  float *stem_bias[3];
  guint n_blocks;
  Bottleneck *blocks;
  float *positions;
  FewMatrix *q, **k, **v, *c; /* k, v: one a head */
  float *q_bias, *v_bias, *c_bias;
} Resnet;

/* ---- config */

static gboolean
claims_open_clip (JsonObject *vision)
{
  JsonNode *layers = json_object_get_member (vision, "layers");
  return layers && JSON_NODE_HOLDS_ARRAY (layers);
}

static gint64
read_element (JsonArray *array, guint i)
{
  JsonNode *node = json_array_get_element (array, i);
  return JSON_NODE_HOLDS_VALUE (node) ? json_node_get_int (node) : 0;
}

static gboolean
read_open_clip (FewClipConfig *config, const FewVisionFields *vision, const char *path,
                const char **bad G_GNUC_UNUSED, GError **error)
{
  JsonArray *stages = json_object_get_array_member (vision->object, "layers");
  guint width = vision->width;
  gboolean complete = json_array_get_length (stages) == FEW_RESNET_STAGES;
  for (guint i = 0; i < FEW_RESNET_STAGES; i++)
    {
      gint64 n = complete ? read_element (stages, i) : 0;
      if (!few_clip_in_range (n, 1, FEW_MAX_LAYERS, "vision layers", path, error))
        return FALSE;
      config->resnet_layers[i] = (guint) n;
    }
  config->resnet_width = width;
  config->resnet_heads = width * 32 / vision->head_width;
  if (width % 2 == 0 && vision->image_size % STRIDE == 0 && config->resnet_heads > 0
      && width * 32 % config->resnet_heads == 0 && width <= MOST_WIDTH)
    return TRUE;
  few_fail (error, FORMAT, "%s: a ResNet of width %u, head width %u at %u pixels cannot be built.",
            path, width, vision->head_width, vision->image_size);
  return FALSE;
}

static gboolean
claims_weights (const FewWeights *weights)
{
  return few_weights_find (weights, "visual.attnpool.positional_embedding") != NULL;
}

static gboolean
read_weights (FewClipConfig *config, const FewWeights *weights)
{
  guint positions = few_shape_dim (weights, "visual.attnpool.positional_embedding", 0);
  guint width = few_shape_dim (weights, "visual.layer1.0.conv1.weight", 0);
  gboolean sane = width >= 2 && width % 2 == 0 && width <= MOST_WIDTH;
  for (guint i = 0; i < FEW_RESNET_STAGES; i++)
    {
      g_autofree char *stage = g_strdup_printf ("visual.layer%u.", i + 1);
      config->resnet_layers[i] = few_shape_count (weights, stage, ".conv1.weight");
      sane = sane && config->resnet_layers[i] > 0 && config->resnet_layers[i] <= FEW_MAX_LAYERS;
    }
  config->resnet_width = width;
  config->resnet_heads = width * 32 / 64;
  config->image_size = positions ? few_shape_root (positions - 1) * STRIDE : 0;
  return sane;
}

/* The readers have checked what the tower's file alone knows. */
static gboolean
check_config (FewClipConfig *config G_GNUC_UNUSED, const char *path G_GNUC_UNUSED,
              GError **error G_GNUC_UNUSED)
{
  return TRUE;
}

static char *
describe_resnet (const FewClipConfig *config)
{
  const guint *n = config->resnet_layers;
  return g_strdup_printf ("ModifiedResNet %u-%u-%u-%u, width %u, %u px", n[0], n[1], n[2], n[3],
                          config->resnet_width, config->image_size);
}

/* ---- state */

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
load_attention_pool (Resnet *net, const FewClipConfig *config, FewLoader *loader)
{
  guint grid = config->image_size / STRIDE;
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

/* Three convolutions, the first of which halves the picture. */
static void
load_stem (Resnet *net, const FewClipConfig *config, FewLoader *loader)
{
  guint width = config->resnet_width;
  guint half = width / 2;
  guint side = config->image_size;
  const FewConvShape shapes[3] = { { 1, side, side, 3, 3, 2, half },
                                   { 1, side / 2, side / 2, half, 3, 1, half },
                                   { 1, side / 2, side / 2, half, 3, 1, width } };
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *conv = g_strdup_printf ("visual.conv%u.weight", i + 1);
      g_autofree char *norm = g_strdup_printf ("visual.bn%u", i + 1);
      net->stem[i] = few_load_conv (loader, &shapes[i], norm, &net->stem_bias[i], conv);
    }
}

static gpointer
load_resnet (const FewClipConfig *config, FewLoader *loader)
{
  Resnet *net = g_new0 (Resnet, 1);
  guint side = config->image_size / 4;
  guint channels = config->resnet_width;
  load_stem (net, config, loader);
  for (guint s = 0; s < FEW_RESNET_STAGES; s++)
    net->n_blocks += config->resnet_layers[s];
  net->blocks = g_new0 (Bottleneck, net->n_blocks);
  Bottleneck *block = net->blocks;
  loader->grade = FEW_GRADE_COARSE; /* the stem before and the pool behind are not */
  for (guint s = 0; s < FEW_RESNET_STAGES; s++)
    for (guint i = 0; i < config->resnet_layers[s] && !loader->error; i++, block++)
      {
        g_autofree char *prefix = g_strdup_printf ("visual.layer%u.%u.", s + 1, i);
        *block = (Bottleneck) { .in = channels,
                                .planes = config->resnet_width << s,
                                .stride = s > 0 && i == 0 ? 2 : 1 };
        load_bottleneck (block, loader, prefix, side,
                         block->stride > 1 || channels != 4 * block->planes);
        channels = 4 * block->planes;
        side /= block->stride;
      }
  loader->grade = FEW_GRADE_FINE;
  load_attention_pool (net, config, loader);
  return net;
}

static void
free_resnet (gpointer state)
{
  Resnet *net = state;
  g_free (net->k);
  g_free (net->v);
  g_free (net->blocks);
  g_free (net);
}

/* x [B, side, side, in] → y; scratch a, b. Returns the side after the block. */
static guint
forward_bottleneck (const Bottleneck *k, const FewBackendOps *ops, FewStream *stream, guint n,
                    guint side, const float *x, float *y, float *a, float *b)
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

/* Memory of one pass: the stem and the blocks take turns in four buffers; what the attention pool
 * needs lies behind them. */
typedef struct
{
  guint n, side; /* pictures; of the grid that x has */
  float *buffers[4];
  float *x; /* [N, side, side, C], in one of the first two */
  float *tokens, *pixels, *nhwc, *out;
} Workspace;

static gboolean
get_workspace (const FewPass *pass, guint n, Workspace *work, GError **error)
{
  const FewClipConfig *config = pass->config;
  guint r = config->image_size;
  guint half = r / 2;
  guint grid = r / STRIDE;
  gsize t = grid * grid + 1;
  gsize w = 32 * config->resnet_width;
  /* The widest activation is the first stage's output, (R/4)²·4·width, equal to the stem's
   * (R/2)²·width. */
  gsize slot = (gsize) n * half * half * MAX (config->resnet_width, 3) + 64;
  gsize n_pixels = (gsize) n * 3 * r * r;
  gsize tail = n * t * w + n * w * (2 + 2 * config->resnet_heads) + (gsize) n * config->embed_dim;
  float *base = few_activations_get (pass->activations, 4 * slot + tail + 2 * n_pixels, error);
  if (!base)
    return FALSE;
  *work = (Workspace) { .n = n,
                        .buffers = { base, base + slot, base + 2 * slot, base + 3 * slot },
                        .tokens = base + 4 * slot,
                        .pixels = base + 4 * slot + tail,
                        .nhwc = base + 4 * slot + tail + n_pixels };
  return TRUE;
}

static void
forward_stem (const Resnet *net, const FewPass *pass, Workspace *work)
{
  const FewBackendOps *ops = pass->backend->ops;
  FewStream *stream = pass->stream;
  guint n = work->n;
  guint r = pass->config->image_size;
  guint width = pass->config->resnet_width;
  guint half = r / 2;
  float **buffer = work->buffers;
  const FewConvShape stem[3] = { { n, r, r, 3, 3, 2, width / 2 },
                                 { n, half, half, width / 2, 3, 1, width / 2 },
                                 { n, half, half, width / 2, 3, 1, width } };
  ops->to_nhwc (stream, n, r, work->pixels, work->nhwc);
  ops->conv (stream, &stem[0], work->nhwc, net->stem[0], net->stem_bias[0], FEW_ACTIVATION_RELU,
             NULL, buffer[0]);
  ops->conv (stream, &stem[1], buffer[0], net->stem[1], net->stem_bias[1], FEW_ACTIVATION_RELU,
             NULL, buffer[1]);
  ops->conv (stream, &stem[2], buffer[1], net->stem[2], net->stem_bias[2], FEW_ACTIVATION_RELU,
             NULL, buffer[0]);
  ops->average_pool (stream, n, half, half, width, 2, buffer[0], buffer[1]);
  work->x = buffer[1];
  work->side = half / 2;
}

/* What a block gave, [rows, c], for tests. */
static void
tap_block (const FewPass *pass, guint index, const float *x, guint rows, guint c)
{
  g_autofree float *host = g_new (float, (gsize) rows *c);
  g_autofree char *name = g_strdup_printf ("visual.%u", index);
  pass->backend->ops->download (pass->stream, host, x, (gsize) rows * c);
  pass->tap (pass->tap_user, name, host, rows, c);
}

static void
forward_blocks (const Resnet *net, const FewPass *pass, Workspace *work)
{
  float *x = work->x;
  float *y = work->buffers[0];
  for (guint i = 0; i < net->n_blocks; i++)
    {
      work->side = forward_bottleneck (&net->blocks[i], pass->backend->ops, pass->stream, work->n,
                                       work->side, x, y, work->buffers[2], work->buffers[3]);
      float *swap = x;
      x = y;
      y = swap;
      if (pass->tap)
        tap_block (pass, i, x, work->n * work->side * work->side, 4 * net->blocks[i].planes);
    }
  work->x = x;
}

/* The mean of the grid is the query. */
static void
pool_tokens (const Resnet *net, const FewPass *pass, Workspace *work)
{
  const FewBackendOps *ops = pass->backend->ops;
  const FewClipConfig *config = pass->config;
  FewStream *stream = pass->stream;
  guint n = work->n;
  guint grid = config->image_size / STRIDE;
  guint t = grid * grid + 1;
  guint w = 32 * config->resnet_width;
  guint heads = config->resnet_heads;
  float *tokens = work->tokens;
  gsize all_heads = (gsize) heads * w;
  float *query = tokens + (gsize) n * t * w;
  float *head_queries = query + (gsize) n * w;
  float *head_means = head_queries + n * all_heads;
  float *pooled = head_means + n * all_heads;
  float *out = pooled + (gsize) n * w;
  ops->assemble_tokens (stream, n, t, w, NULL, work->x, w, net->positions, tokens, w);
  ops->linear (stream, n, tokens, (gsize) t * w, net->q, net->q_bias, FEW_ACTIVATION_NONE, NULL, 0,
               query, w);
  ops->grouped_linear (stream, heads, n, query, w, net->k, NULL, head_queries, all_heads);
  guint head_width = w / heads;
  ops->pool_attention (stream, n, t, w, heads, 1 / sqrtf ((float) head_width), head_queries, tokens,
                       head_means);
  ops->grouped_linear (stream, heads, n, head_means, all_heads, net->v, net->v_bias, pooled, w);
  ops->linear (stream, n, pooled, w, net->c, net->c_bias, FEW_ACTIVATION_NONE, NULL, 0, out,
               config->embed_dim);
  work->out = out;
}

static void
run_whole (gconstpointer state, const FewPass *pass, guint b G_GNUC_UNUSED, gpointer memory)
{
  forward_stem (state, pass, memory);
  forward_blocks (state, pass, memory);
  pool_tokens (state, pass, memory);
}

static gboolean
forward_resnet (gconstpointer state, const FewPass *pass, guint b, const float *pixels,
                float *features, GError **error)
{
  const FewBackendOps *ops = pass->backend->ops;
  guint r = pass->config->image_size;
  Workspace work;
  if (!get_workspace (pass, b, &work, error))
    return FALSE;
  ops->upload (pass->stream, work.pixels, pixels, (gsize) b * 3 * r * r);
  few_pass_repeat (state, pass, b, run_whole, &work);
  ops->download (pass->stream, features, work.out, (gsize) b * pass->config->embed_dim);
  return ops->check (pass->stream, error);
}

const FewTower few_resnet_tower = {
  .name = "ResNet",
  .claims_open_clip = claims_open_clip,
  .read_open_clip = read_open_clip,
  .claims_weights = claims_weights,
  .read_weights = read_weights,
  .check_config = check_config,
  .describe = describe_resnet,
  .load = load_resnet,
  .free = free_resnet,
  .forward = forward_resnet,
  .graph = few_resnet_graph,
};
