/* SPDX-License-Identifier: MIT */
/* NHWC throughout, a picture at a time: its first layers are as wide as a batch of tokens. */
#include "clip/conv-stem.h"
#include "base/memory.h"
#include "clip/fold.h"
#include "clip/shapes.h"

enum { STAGES = 2, KERNEL = 3, EXPANSION = 4 };
static const float EPSILON = 1e-6f;
#define BACKBONE "visual.trunk.patch_embed.backbone."

typedef struct
{
  guint from, to; /* channels */
  float *norm_weight, *norm_bias, *fc1_bias, *depthwise, *depthwise_bias, *fc2_bias;
  FewMatrix *fc1, *fc2;
  /* of what halves the grid: what goes around it is the mean of the neighbours that there are */
  float *mean_of, *mean_zero; /* [9, from] of ones, and [from]; NULL: as it is */
  float *shares;              /* [side/2, side/2, from], one over how many there are */
  FewMatrix *expand;          /* NULL: as many channels */
  float *expand_bias;
} Block;

struct FewConvStem
{
  FewMatrix *conv1, *conv2, *last;
  float *conv1_bias, *conv2_bias, *last_bias;
  float *norm1_weight, *norm1_bias, *last_norm_weight, *last_norm_bias;
  guint n_blocks;
  Block *blocks; /* of both stages, one after the other */
};

/* ---- config */

void
few_conv_stem_measure (FewClipConfig *config, const FewWeights *weights)
{
  for (guint s = 0; s < STAGES; s++)
    {
      g_autofree char *blocks = g_strdup_printf (BACKBONE "stages.%u.", s);
      g_autofree char *first = g_strconcat (blocks, "0.conv3_1x1.weight", NULL);
      config->stage_depths[s] = few_shape_count (weights, blocks, ".conv3_1x1.weight");
      config->stage_widths[s] = few_shape_dim (weights, first, 0);
    }
}

gboolean
few_conv_stem_check (const FewClipConfig *config, const char *path, GError **error)
{
  for (guint s = 0; s < STAGES; s++)
    if (!few_clip_in_range (config->stage_depths[s], 1, FEW_MAX_LAYERS, "blocks of a stage", path,
                            error)
        || !few_clip_in_range (config->stage_widths[s], KERNEL, FEW_MAX_WIDTH, "width of a stage",
                               path, error))
      return FALSE;
  return few_clip_in_range (config->image_size % FEW_CONV_STEM_REDUCTION, 0, 0,
                            "image_size modulo 16", path, error);
}

/* ---- state */

static FewMatrix *
load_conv (FewLoader *loader, const FewConvShape *shape, const char *name, float **bias)
{
  g_auto (FewFold) fold = { NULL };
  few_fold_init (&fold, loader, shape->out_channels, shape->channels, shape->kernel);
  few_fold_add_plain (&fold, name);
  *bias = few_fold_bias (&fold);
  return few_fold_conv (&fold, shape);
}

/* How many of three neighbours lie inside, around each second of `side`. */
static guint
count_inside (guint i, guint side)
{
  guint first = i > 0 ? 2 * i - 1 : 0;
  guint end = MIN (2 * i + 2, side);
  return end - first;
}

static void
load_mean (Block *block, FewLoader *loader, guint side)
{
  g_assert (side > 1 && block->from > 0);
  guint half = side / 2;
  gsize c = block->from;
  gsize taps = KERNEL * KERNEL;
  gsize n = (gsize) half * half * c;
  g_autofree float *floats =
      few_try_floats (MAX (n, taps * c), 1, "the convolutions", &loader->error);
  if (!floats)
    return;
  for (gsize i = 0; i < taps * c; i++)
    floats[i] = 1;
  block->mean_of = few_load_floats (loader, floats, taps * c);
  for (gsize i = 0; i < c; i++)
    floats[i] = 0;
  block->mean_zero = few_load_floats (loader, floats, c);
  for (gsize i = 0; i < n; i++)
    {
      guint row = (guint) (i / c / half);
      guint column = (guint) (i / c % half);
      floats[i] = 1.0f / (float) (count_inside (row, side) * count_inside (column, side));
    }
  block->shares = few_load_floats (loader, floats, n);
}

/* side: of the grid that goes in; the block halves it; 0: it does not */
static void
load_block (Block *block, FewLoader *loader, guint side, const char *prefix)
{
  guint from = block->from;
  guint to = block->to;
  guint middle = EXPANSION * to;
  g_autofree char *depthwise = g_strconcat (prefix, "conv2_kxk.weight", NULL);
  block->norm_weight = few_load_vector (loader, from, "%spre_norm.weight", prefix);
  block->norm_bias = few_load_vector (loader, from, "%spre_norm.bias", prefix);
  block->fc1 = few_load_matrix (loader, middle, from, FALSE, "%sconv1_1x1.weight", prefix);
  block->fc1_bias = few_load_vector (loader, middle, "%sconv1_1x1.bias", prefix);
  block->depthwise = few_load_depthwise (loader, middle, KERNEL, depthwise);
  block->depthwise_bias = few_load_vector (loader, middle, "%sconv2_kxk.bias", prefix);
  block->fc2 = few_load_matrix (loader, to, middle, FALSE, "%sconv3_1x1.weight", prefix);
  block->fc2_bias = few_load_vector (loader, to, "%sconv3_1x1.bias", prefix);
  if (side > 0)
    load_mean (block, loader, side);
  if (from == to)
    return;
  block->expand = few_load_matrix (loader, to, from, FALSE, "%sshortcut.expand.weight", prefix);
  block->expand_bias = few_load_vector (loader, to, "%sshortcut.expand.bias", prefix);
}

FewConvStem *
few_conv_stem_load (const FewClipConfig *config, FewLoader *loader)
{
  FewConvStem *stem = g_new0 (FewConvStem, 1);
  guint r = config->image_size;
  guint width = config->stage_widths[0]; /* the stem is as wide as its first stage */
  guint before = width;
  guint side = r / 2;
  const FewConvShape first = { 1, r, r, 3, KERNEL, 2, width };
  const FewConvShape second = { 1, side, side, width, KERNEL, 1, width };
  stem->conv1 = load_conv (loader, &first, BACKBONE "stem.conv1", &stem->conv1_bias);
  stem->norm1_weight = few_load_vector (loader, width, BACKBONE "stem.norm1.weight");
  stem->norm1_bias = few_load_vector (loader, width, BACKBONE "stem.norm1.bias");
  stem->conv2 = load_conv (loader, &second, BACKBONE "stem.conv2", &stem->conv2_bias);
  stem->blocks = g_new0 (Block, config->stage_depths[0] + config->stage_depths[1]);
  for (guint s = 0; s < STAGES; s++, side /= 2)
    for (guint i = 0; i < config->stage_depths[s] && !loader->error; i++)
      {
        g_autofree char *prefix = g_strdup_printf (BACKBONE "stages.%u.%u.", s, i);
        Block *block = &stem->blocks[stem->n_blocks++];
        block->from = before;
        block->to = before = config->stage_widths[s];
        load_block (block, loader, i == 0 ? side : 0, prefix);
      }
  const FewConvShape last = { 1, side, side, before, KERNEL, 2, config->vision.width };
  stem->last_norm_weight = few_load_vector (loader, before, BACKBONE "pool.norm.weight");
  stem->last_norm_bias = few_load_vector (loader, before, BACKBONE "pool.norm.bias");
  stem->last = load_conv (loader, &last, BACKBONE "pool.proj", &stem->last_bias);
  return stem;
}

void
few_conv_stem_free (FewConvStem *stem)
{
  g_free (stem->blocks);
  g_free (stem);
}

/* ---- pass */

/* x [side, side, W]; y like it, or what x becomes; wide and spread: four times as wide, before and
 * behind the depthwise convolution */
typedef struct
{
  const FewBackendOps *ops;
  FewStream *stream;
  guint side;
  float *x, *y, *wide, *spread;
} Grid;

/* floats of x and y, and of wide and spread */
static void
measure_grid (const FewClipConfig *config, gsize *narrow, gsize *wide)
{
  gsize r = config->image_size;
  gsize side = r / 2;
  *narrow = MAX (side * side * config->stage_widths[0], side * side / 16 * config->stage_widths[1]);
  *narrow = MAX (*narrow, side * side / 64 * config->vision.width);
  *wide = 3 * r * r;
  for (guint s = 0; s < STAGES; s++, side /= 2)
    *wide = MAX (*wide, side * side * EXPANSION * config->stage_widths[s]);
}

gsize
few_conv_stem_workspace (const FewClipConfig *config)
{
  gsize narrow;
  gsize wide;
  measure_grid (config, &narrow, &wide);
  return 2 * (narrow + wide);
}

/* What is added behind a block: x, or the mean of its neighbourhoods in as many channels. */
static const float *
go_around (Grid *g, const Block *k)
{
  guint half = g->side / 2;
  guint m = half * half;
  FewConvShape shape = { 1, g->side, g->side, k->from, KERNEL, 2, k->from };
  if (!k->shares)
    return g->x;
  g->ops->depthwise_conv (g->stream, &shape, g->x, k->mean_of, k->mean_zero, FEW_ACTIVATION_NONE,
                          g->y);
  g->ops->multiply (g->stream, (gsize) m * k->from, 1, k->shares, g->y);
  if (!k->expand)
    return g->y;
  g->ops->linear (g->stream, m, g->y, k->from, k->expand, k->expand_bias, FEW_ACTIVATION_NONE, NULL,
                  0, g->wide, k->to);
  return g->wide;
}

static void
forward_block (Grid *g, const Block *k)
{
  guint m = g->side * g->side;
  guint middle = EXPANSION * k->to;
  guint stride = k->shares ? 2 : 1;
  FewConvShape shape = { 1, g->side, g->side, middle, KERNEL, stride, middle };
  g->ops->layer_norm (g->stream, m, k->from, g->x, k->from, k->norm_weight, k->norm_bias, EPSILON,
                      g->y, k->from);
  g->ops->linear (g->stream, m, g->y, k->from, k->fc1, k->fc1_bias, FEW_ACTIVATION_GELU, NULL, 0,
                  g->wide, middle);
  g->ops->depthwise_conv (g->stream, &shape, g->wide, k->depthwise, k->depthwise_bias,
                          FEW_ACTIVATION_GELU, g->spread);
  const float *around = go_around (g, k);
  g->side /= stride;
  g->ops->linear (g->stream, g->side * g->side, g->spread, middle, k->fc2, k->fc2_bias,
                  FEW_ACTIVATION_NONE, around, k->to, g->x, k->to);
}

const float *
few_conv_stem_forward (const FewConvStem *stem, const FewPass *pass, const float *pixels,
                       float *work)
{
  const FewClipConfig *config = pass->config;
  guint r = config->image_size;
  guint width = config->stage_widths[0];
  gsize narrow;
  gsize wide;
  measure_grid (config, &narrow, &wide);
  Grid g = { pass->backend->ops,      pass->stream, r / 2, work, work + narrow, work + 2 * narrow,
             work + 2 * narrow + wide };
  const FewConvShape first = { 1, r, r, 3, KERNEL, 2, width };
  const FewConvShape second = { 1, g.side, g.side, width, KERNEL, 1, width };
  guint m = g.side * g.side;
  g.ops->upload (g.stream, g.wide, pixels, (gsize) 3 * r * r);
  g.ops->to_nhwc (g.stream, 1, r, g.wide, g.spread);
  g.ops->conv (g.stream, &first, g.spread, stem->conv1, stem->conv1_bias, FEW_ACTIVATION_NONE, NULL,
               g.y);
  g.ops->layer_norm (g.stream, m, width, g.y, width, stem->norm1_weight, stem->norm1_bias, EPSILON,
                     g.y, width);
  g.ops->activate (g.stream, (gsize) m * width, FEW_ACTIVATION_GELU, g.y, g.y);
  g.ops->conv (g.stream, &second, g.y, stem->conv2, stem->conv2_bias, FEW_ACTIVATION_NONE, NULL,
               g.x);
  for (guint i = 0; i < stem->n_blocks; i++)
    forward_block (&g, &stem->blocks[i]);
  width = config->stage_widths[1];
  const FewConvShape last = { 1, g.side, g.side, width, KERNEL, 2, config->vision.width };
  m = g.side * g.side;
  g.ops->layer_norm (g.stream, m, width, g.x, width, stem->last_norm_weight, stem->last_norm_bias,
                     EPSILON, g.x, width);
  g.ops->conv (g.stream, &last, g.x, stem->last, stem->last_bias, FEW_ACTIVATION_NONE, NULL, g.y);
  return g.y;
}
