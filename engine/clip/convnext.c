/* SPDX-License-Identifier: MIT */
/* ConvNeXt (Liu et al., CVPR 2022) as timm has it inside open_clip: patches of 4 × 4, four stages
 * of x += γ · fc2 (gelu (fc1 (norm (depthwise x)))) with a norm and a halving between them; the
 * mean, a norm, a projection. NHWC throughout. */
#include "base/error.h"
#include "base/json.h"
#include "clip/convnext.h"
#include "clip/shapes.h"
#include "clip/squares.h"
#include "clip/tower.h"

enum { STAGES = FEW_CONVNEXT_STAGES, KERNEL = FEW_CONVNEXT_KERNEL, STEM = FEW_CONVNEXT_STEM };

typedef struct
{
  float *depthwise, *depthwise_bias, *norm_weight, *norm_bias, *fc1_bias, *fc2_bias;
  FewMatrix *fc1, *fc2;
} Block;

typedef struct
{
  float *norm_weight, *norm_bias, *conv_bias; /* between stages the norm comes first */
  FewMatrix *conv;
  Block *blocks;
} Stage;

typedef struct
{
  Stage stages[STAGES];
  float *norm_weight, *norm_bias, *hidden_bias;
  FewMatrix *hidden, *projection; /* hidden NULL: none */
} ConvNext;

/* ---- config */

static gboolean
claims_open_clip (JsonObject *vision)
{
  static const char *const names[] = { "convnext_tiny",  "convnext_small",  "convnext_base",
                                       "convnext_large", "convnext_xlarge", "convnext_xxlarge" };
  const char *name = few_json_string (vision, "timm_model_name", "", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (name, names[i]))
      return TRUE;
  return FALSE;
}

static gboolean
read_open_clip (FewClipConfig *config, const FewVisionFields *vision, const char *path,
                const char **bad, GError **error)
{
  const char *name = few_json_string (vision->object, "timm_model_name", "", bad);
  const char *pool = few_json_string (vision->object, "timm_pool", "avg", bad);
  const char *projection = few_json_string (vision->object, "timm_proj", "linear", bad);
  gboolean mlp = g_str_equal (projection, "mlp");
  if ((!g_str_equal (pool, "") && !g_str_equal (pool, "avg"))
      || (!mlp && !g_str_equal (projection, "linear")))
    {
      few_fail (
          error, UNSUPPORTED,
          "%s asks for the “timm_pool” “%s” and the “timm_proj” “%s” of %s, which Fewshot does "
          "not have.",
          path, pool, projection, name);
      return FALSE;
    }
  config->vision.ln_epsilon = g_str_equal (name, "convnext_xxlarge") ? 1e-5f : 1e-6f;
  config->head_width = mlp ? 1 : 0; /* until the weights are measured */
  return TRUE;
}

static gboolean
measure_convnext (FewClipConfig *config, const FewWeights *weights, const char *path G_GNUC_UNUSED,
                  GError **error G_GNUC_UNUSED)
{
  for (guint s = 0; s < STAGES; s++)
    {
      g_autofree char *blocks = g_strdup_printf ("visual.trunk.stages.%u.blocks.", s);
      g_autofree char *first = g_strconcat (blocks, "0.conv_dw.weight", NULL);
      config->stage_depths[s] = few_shape_count (weights, blocks, ".conv_dw.weight");
      config->stage_widths[s] = few_shape_dim (weights, first, 0);
    }
  if (config->head_width > 0)
    config->head_width = MAX (1, few_shape_dim (weights, "visual.head.mlp.fc1.weight", 0));
  return TRUE;
}

static gboolean
check_config (FewClipConfig *config, const char *path, GError **error)
{
  for (guint s = 0; s < STAGES; s++)
    if (!few_clip_in_range (config->stage_depths[s], 1, FEW_MAX_LAYERS, "blocks of a stage", path,
                            error)
        || !few_clip_in_range (config->stage_widths[s], 1, FEW_MAX_WIDTH, "width of a stage", path,
                               error))
      return FALSE;
  return few_clip_in_range (config->head_width, 0, 8 * FEW_MAX_WIDTH, "width of the head", path,
                            error)
         && few_clip_in_range (config->image_size % 32, 0, 0, "image_size modulo 32", path, error);
}

static char *
describe_convnext (const FewClipConfig *config)
{
  const guint *d = config->stage_depths;
  return g_strdup_printf ("ConvNeXt %u-%u-%u-%u, width %u, %u px", d[0], d[1], d[2], d[3],
                          config->stage_widths[0], config->image_size);
}

/* ---- state */

static void
load_block (Block *block, FewLoader *loader, guint w, const char *prefix)
{
  g_autofree char *depthwise = g_strconcat (prefix, "conv_dw.weight", NULL);
  g_autofree char *gamma = g_strconcat (prefix, "gamma", NULL);
  g_autofree char *fc2 = g_strconcat (prefix, "mlp.fc2.weight", NULL);
  g_autofree char *fc2_bias = g_strconcat (prefix, "mlp.fc2.bias", NULL);
  block->depthwise = few_load_depthwise (loader, w, KERNEL, depthwise);
  block->depthwise_bias = few_load_vector (loader, w, "%sconv_dw.bias", prefix);
  block->norm_weight = few_load_vector (loader, w, "%snorm.weight", prefix);
  block->norm_bias = few_load_vector (loader, w, "%snorm.bias", prefix);
  block->fc1 = few_load_matrix (loader, 4 * w, w, FALSE, "%smlp.fc1.weight", prefix);
  block->fc1_bias = few_load_vector (loader, 4 * w, "%smlp.fc1.bias", prefix);
  block->fc2 = few_load_gained_matrix (loader, w, 4 * w, gamma, fc2);
  block->fc2_bias = few_load_gained_vector (loader, w, gamma, fc2_bias);
}

static void
load_stage (Stage *stage, const FewClipConfig *config, FewLoader *loader, guint s)
{
  guint w = config->stage_widths[s];
  guint before = s > 0 ? config->stage_widths[s - 1] : 3;
  FewConvShape shape = { .channels = before, .kernel = s > 0 ? 2 : STEM, .out_channels = w };
  g_autofree char *prefix = g_strdup_printf ("visual.trunk.stages.%u.downsample", s);
  g_autofree char *conv =
      g_strconcat (s > 0 ? prefix : "visual.trunk.stem", s > 0 ? ".1" : ".0", NULL);
  g_autofree char *norm =
      g_strconcat (s > 0 ? prefix : "visual.trunk.stem", s > 0 ? ".0" : ".1", NULL);
  guint normed = s > 0 ? before : w;
  stage->conv = few_load_patches (loader, &shape, s > 0, NULL, conv, &stage->conv_bias);
  stage->norm_weight = few_load_vector (loader, normed, "%s.weight", norm);
  stage->norm_bias = few_load_vector (loader, normed, "%s.bias", norm);
  stage->blocks = g_new0 (Block, config->stage_depths[s]);
  for (guint i = 0; i < config->stage_depths[s] && !loader->error; i++)
    {
      g_autofree char *block = g_strdup_printf ("visual.trunk.stages.%u.blocks.%u.", s, i);
      load_block (&stage->blocks[i], loader, w, block);
    }
}

static gpointer
load_convnext (const FewClipConfig *config, FewLoader *loader)
{
  ConvNext *net = g_new0 (ConvNext, 1);
  guint w = config->stage_widths[STAGES - 1];
  guint d = config->embed_dim;
  guint h = config->head_width;
  for (guint s = 0; s < STAGES; s++)
    load_stage (&net->stages[s], config, loader, s);
  net->norm_weight = few_load_vector (loader, w, "visual.trunk.head.norm.weight");
  net->norm_bias = few_load_vector (loader, w, "visual.trunk.head.norm.bias");
  if (h > 0)
    {
      net->hidden = few_load_matrix (loader, h, w, FALSE, "visual.head.mlp.fc1.weight");
      net->hidden_bias = few_load_vector (loader, h, "visual.head.mlp.fc1.bias");
      net->projection = few_load_matrix (loader, d, h, FALSE, "visual.head.mlp.fc2.weight");
    }
  else
    net->projection = few_load_matrix (loader, d, w, FALSE, "visual.head.proj.weight");
  return net;
}

static void
free_convnext (gpointer state)
{
  ConvNext *net = state;
  for (guint s = 0; s < STAGES; s++)
    g_free (net->stages[s].blocks);
  g_free (net);
}

/* ---- pass */

/* x [B, side, side, W]; y like it; hidden four times as wide. */
typedef struct
{
  guint b, side, w;
  float *x, *y, *hidden, *out;
} Grid;

static gboolean
get_grid (const FewPass *pass, guint b, Grid *grid, GError **error)
{
  const FewClipConfig *config = pass->config;
  guint r = config->image_size;
  gsize slot = 0;
  guint side = r / STEM;
  for (guint s = 0; s < STAGES; s++, side /= 2)
    slot = MAX (slot, (gsize) b * side * side * config->stage_widths[s]);
  slot = MAX (slot, (gsize) b * 3 * r * r); /* pixels, and their patches */
  gsize n_out = (gsize) b * (config->embed_dim + config->head_width);
  float *memory = few_activations_get (pass->activations, 6 * slot + n_out, error);
  *grid = (Grid) { b,
                   r / STEM,
                   config->stage_widths[0],
                   memory,
                   memory + slot,
                   memory + 2 * slot,
                   memory + 6 * slot };
  return memory != NULL;
}

/* The stem, or what halves the grid. */
static void
enter_stage (const Stage *stage, const FewPass *pass, guint s, Grid *g)
{
  const FewBackendOps *ops = pass->backend->ops;
  FewStream *stream = pass->stream;
  const FewClipConfig *config = pass->config;
  float epsilon = config->vision.ln_epsilon;
  guint w = config->stage_widths[s];
  guint m = g->b * g->side * g->side;
  if (s == 0)
    {
      guint r = config->image_size;
      guint k = 3 * STEM * STEM;
      ops->patchify (stream, g->b, r, STEM, g->hidden, g->y);
      ops->linear (stream, m, g->y, k, stage->conv, stage->conv_bias, FEW_ACTIVATION_NONE, NULL, 0,
                   g->x, w);
      ops->layer_norm (stream, m, w, g->x, w, stage->norm_weight, stage->norm_bias, epsilon, g->x,
                       w);
      return;
    }
  ops->layer_norm (stream, m, g->w, g->x, g->w, stage->norm_weight, stage->norm_bias, epsilon, g->x,
                   g->w);
  few_gather_squares (ops, stream, g->b, g->side, g->w, g->x, g->y);
  ops->linear (stream, m / 4, g->y, 4 * (gsize) g->w, stage->conv, stage->conv_bias,
               FEW_ACTIVATION_NONE, NULL, 0, g->x, w);
  g->side /= 2;
  g->w = w;
}

static void
forward_block (const Block *k, const FewPass *pass, const Grid *g)
{
  const FewBackendOps *ops = pass->backend->ops;
  FewStream *stream = pass->stream;
  guint m = g->b * g->side * g->side;
  guint w = g->w;
  FewConvShape shape = { g->b, g->side, g->side, w, KERNEL, 1, w };
  ops->depthwise_conv (stream, &shape, g->x, k->depthwise, k->depthwise_bias, FEW_ACTIVATION_NONE,
                       g->y);
  ops->layer_norm (stream, m, w, g->y, w, k->norm_weight, k->norm_bias,
                   pass->config->vision.ln_epsilon, g->y, w);
  ops->linear (stream, m, g->y, w, k->fc1, k->fc1_bias, FEW_ACTIVATION_GELU, NULL, 0, g->hidden,
               4 * (gsize) w);
  ops->linear (stream, m, g->hidden, 4 * (gsize) w, k->fc2, k->fc2_bias, FEW_ACTIVATION_NONE, g->x,
               w, g->x, w);
}

/* From pixels to features */
static void
run_whole (gconstpointer state, const FewPass *pass, guint b, gpointer memory)
{
  const ConvNext *net = state;
  const FewBackendOps *ops = pass->backend->ops;
  FewStream *stream = pass->stream;
  const FewClipConfig *config = pass->config;
  guint d = config->embed_dim;
  guint h = config->head_width;
  Grid g = *(const Grid *) memory;
  for (guint s = 0; s < STAGES; s++)
    {
      enter_stage (&net->stages[s], pass, s, &g);
      for (guint i = 0; i < config->stage_depths[s]; i++)
        forward_block (&net->stages[s].blocks[i], pass, &g);
    }
  ops->average_pool (stream, b, g.side, g.side, g.w, g.side, g.x, g.y);
  ops->layer_norm (stream, b, g.w, g.y, g.w, net->norm_weight, net->norm_bias,
                   config->vision.ln_epsilon, g.y, g.w);
  float *hidden = g.out + (gsize) b * d;
  if (net->hidden)
    ops->linear (stream, b, g.y, g.w, net->hidden, net->hidden_bias, FEW_ACTIVATION_GELU, NULL, 0,
                 hidden, h);
  ops->linear (stream, b, net->hidden ? hidden : g.y, net->hidden ? h : g.w, net->projection, NULL,
               FEW_ACTIVATION_NONE, NULL, 0, g.out, d);
}

static gboolean
forward_convnext (gconstpointer state, const FewPass *pass, guint b, const float *pixels,
                  float *features, GError **error)
{
  const FewBackendOps *ops = pass->backend->ops;
  guint r = pass->config->image_size;
  Grid g;
  if (!get_grid (pass, b, &g, error))
    return FALSE;
  ops->upload (pass->stream, g.hidden, pixels, (gsize) b * 3 * r * r);
  few_pass_repeat (state, pass, b, run_whole, &g);
  ops->download (pass->stream, features, g.out, (gsize) b * pass->config->embed_dim);
  return ops->check (pass->stream, error);
}

const FewTower few_convnext_tower = {
  .name = "ConvNeXt",
  .claims_open_clip = claims_open_clip,
  .read_open_clip = read_open_clip,
  .measure = measure_convnext,
  .check_config = check_config,
  .describe = describe_convnext,
  .load = load_convnext,
  .free = free_convnext,
  .forward = forward_convnext,
  .graph = few_convnext_graph,
};
