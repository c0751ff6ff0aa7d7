/* SPDX-License-Identifier: MIT */
/* FastViT's weights: training's branches and batch norms become one convolution each. */
#include "base/memory.h"
#include "clip/fastvit.h"
#include "clip/shapes.h"

static FewChannels
take_channels (const FewFold *fold)
{
  return (FewChannels) { few_fold_depthwise (fold), few_fold_bias (fold) };
}

static FewChannels
load_channels (FewLoader *loader, guint n, guint kernel, const char *prefix)
{
  g_auto (FewFold) fold = { NULL };
  few_fold_init (&fold, loader, n, 1, kernel);
  few_fold_add_branches (&fold, prefix);
  return take_channels (&fold);
}

/* A convolution of one pixel, all channels mixed. */
static FewMatrix *
load_mix (FewLoader *loader, guint n, guint c, const char *prefix, float **bias)
{
  g_auto (FewFold) fold = { NULL };
  few_fold_init (&fold, loader, n, c, 1);
  few_fold_add_branches (&fold, prefix);
  *bias = few_fold_bias (&fold);
  return few_fold_matrix (&fold);
}

static FewSqueeze
load_squeeze (FewLoader *loader, guint w, const char *prefix)
{
  g_autofree char *fc1 = g_strconcat (prefix, ".fc1.weight", NULL);
  if (loader->error || !few_load_has (loader, fc1))
    return (FewSqueeze) { 0 };
  guint narrow = few_shape_dim (loader->weights, fc1, 0);
  if (narrow == 0 || narrow > FEW_MAX_WIDTH)
    {
      few_load_refuse (loader, fc1);
      return (FewSqueeze) { 0 };
    }
  FewSqueeze squeeze = { .width = narrow };
  squeeze.fc1 = few_load_matrix (loader, narrow, w, FALSE, "%s", fc1);
  squeeze.fc1_bias = few_load_vector (loader, narrow, "%s.fc1.bias", prefix);
  squeeze.fc2 = few_load_matrix (loader, w, narrow, FALSE, "%s.fc2.weight", prefix);
  squeeze.fc2_bias = few_load_vector (loader, w, "%s.fc2.bias", prefix);
  return squeeze;
}

void
few_fastvit_fold_mixer (FewFold *fold, FewLoader *loader, guint w, const char *prefix)
{
  g_autofree char *mixer = g_strconcat (prefix, "token_mixer.mixer", NULL);
  g_autofree char *norm = g_strconcat (prefix, "token_mixer.norm.identity", NULL);
  g_autofree char *gamma = g_strconcat (prefix, "token_mixer.layer_scale.gamma", NULL);
  few_fold_init (fold, loader, w, 1, 3);
  few_fold_add_branches (fold, mixer);
  few_fold_add_identity (fold, -1, norm);
  few_fold_scale (fold, gamma);
  few_fold_add_identity (fold, 1, NULL);
}

static void
load_mixer (FewFastBlock *block, FewLoader *loader, guint w, const char *prefix)
{
  g_auto (FewFold) fold = { NULL };
  few_fastvit_fold_mixer (&fold, loader, w, prefix);
  block->mixer = take_channels (&fold);
}

/* qkv (scale · x + shift) = (qkv · scale) x + qkv shift */
static void
fold_norm_into_qkv (FewFastBlock *block, FewLoader *loader, guint w, const char *norm,
                    const char *name)
{
  g_auto (FewWeightView) view = { NULL };
  g_autofree float *scale = g_new (float, 2 * (gsize) w);
  if (!few_load_view (loader, &view, name, 2, (gsize[]) { 3 * (gsize) w, w })
      || !few_load_norm (loader, norm, w, scale, scale + w))
    return;
  g_autofree float *matrix = few_try_floats (3 * (gsize) w, w, name, &loader->error);
  g_autofree float *bias = matrix ? few_try_floats (3 * (gsize) w, 1, name, &loader->error) : NULL;
  for (gsize i = 0; bias && i < 3 * (gsize) w; i++)
    {
      double sum = 0;
      for (gsize j = 0; j < w; j++)
        {
          sum += (double) view.floats[i * w + j] * scale[w + j];
          matrix[i * w + j] = view.floats[i * w + j] * scale[j];
        }
      bias[i] = (float) sum;
    }
  if (!bias)
    return;
  block->qkv = few_load_host_matrix (loader, 3 * w, w, matrix);
  block->qkv_bias = few_load_floats (loader, bias, 3 * (gsize) w);
}

static void
load_attention (FewFastBlock *block, FewLoader *loader, guint w, const char *prefix)
{
  g_autofree char *norm = g_strconcat (prefix, "norm", NULL);
  g_autofree char *mean = g_strconcat (norm, ".running_mean", NULL);
  g_autofree char *qkv = g_strconcat (prefix, "token_mixer.qkv.weight", NULL);
  g_autofree char *gamma = g_strconcat (prefix, "layer_scale_1.gamma", NULL);
  g_autofree char *proj = g_strconcat (prefix, "token_mixer.proj.weight", NULL);
  g_autofree char *proj_bias = g_strconcat (prefix, "token_mixer.proj.bias", NULL);
  if (few_load_has (loader, mean))
    fold_norm_into_qkv (block, loader, w, norm, qkv);
  else
    {
      block->norm_weight = few_load_vector (loader, w, "%s.weight", norm);
      block->norm_bias = few_load_vector (loader, w, "%s.bias", norm);
      block->qkv = few_load_matrix (loader, 3 * w, w, FALSE, "%s", qkv);
    }
  block->proj = few_load_gained_matrix (loader, w, w, gamma, proj);
  block->proj_bias = few_load_gained_vector (loader, w, gamma, proj_bias);
}

static void
load_block (FewFastBlock *block, FewLoader *loader, guint w, guint hidden, const char *prefix)
{
  g_autofree char *qkv = g_strconcat (prefix, "token_mixer.qkv.weight", NULL);
  gboolean attends = few_load_has (loader, qkv);
  g_autofree char *gamma =
      g_strconcat (prefix, attends ? "layer_scale_2.gamma" : "layer_scale.gamma", NULL);
  g_autofree char *spread = g_strconcat (prefix, "mlp.conv", NULL);
  g_autofree char *fc2 = g_strconcat (prefix, "mlp.fc2.weight", NULL);
  g_autofree char *fc2_bias = g_strconcat (prefix, "mlp.fc2.bias", NULL);
  if (attends)
    load_attention (block, loader, w, prefix);
  else
    load_mixer (block, loader, w, prefix);
  g_auto (FewFold) fold = { NULL };
  few_fold_init (&fold, loader, w, 1, 7);
  few_fold_add_conv (&fold, 7, spread);
  block->spread = take_channels (&fold);
  block->fc1 = few_load_matrix (loader, hidden, w, FALSE, "%smlp.fc1.weight", prefix);
  block->fc1_bias = few_load_vector (loader, hidden, "%smlp.fc1.bias", prefix);
  block->fc2 = few_load_gained_matrix (loader, w, hidden, gamma, fc2);
  block->fc2_bias = few_load_gained_vector (loader, w, gamma, fc2_bias);
}

void
few_fastvit_fold_halving (FewFold *fold, FewLoader *loader, guint w, guint s)
{
  g_autofree char *prefix = g_strdup_printf ("visual.trunk.stages.%u.downsample.proj.0.", s);
  g_autofree char *large = g_strconcat (prefix, "large_conv", NULL);
  g_autofree char *small = g_strconcat (prefix, "small_conv", NULL);
  g_autofree char *small_weight = g_strconcat (small, ".conv.weight", NULL);
  few_fold_init (fold, loader, w, 1, 7);
  few_fold_add_conv (fold, 7, large);
  if (few_load_has (loader, small_weight))
    few_fold_add_conv (fold, 3, small);
}

/* Then all channels are mixed. */
static void
load_halving (FewFastStage *stage, FewLoader *loader, guint w, guint s)
{
  g_autofree char *prefix = g_strdup_printf ("visual.trunk.stages.%u.downsample.proj", s);
  g_autofree char *squeeze = g_strconcat (prefix, ".0.se", NULL);
  g_autofree char *mix = g_strconcat (prefix, ".1", NULL);
  g_auto (FewFold) fold = { NULL };
  few_fastvit_fold_halving (&fold, loader, w, s);
  stage->halving = take_channels (&fold);
  stage->squeeze = load_squeeze (loader, w, squeeze);
  stage->mix = load_mix (loader, w, w, mix, &stage->mix_bias);
}

static void
load_stage (FewFastStage *stage, const FewClipConfig *config, FewLoader *loader, guint s)
{
  guint w = config->stage_widths[s];
  g_autofree char *positions = g_strdup_printf ("visual.trunk.stages.%u.pos_emb.pos_enc", s);
  g_autofree char *positions_weight = g_strconcat (positions, ".weight", NULL);
  if (s > 0)
    load_halving (stage, loader, w, s);
  if (few_load_has (loader, positions_weight))
    {
      g_auto (FewFold) fold = { NULL };
      few_fold_init (&fold, loader, w, 1, 7);
      few_fold_add_plain (&fold, positions);
      few_fold_add_identity (&fold, 1, NULL);
      stage->positions = take_channels (&fold);
    }
  stage->blocks = g_new0 (FewFastBlock, config->stage_depths[s]);
  for (guint i = 0; i < config->stage_depths[s] && !loader->error; i++)
    {
      g_autofree char *block = g_strdup_printf ("visual.trunk.stages.%u.blocks.%u.", s, i);
      load_block (&stage->blocks[i], loader, w, w * config->vision.mlp_width, block);
    }
}

static void
load_stem (FewFastVit *net, const FewClipConfig *config, FewLoader *loader)
{
  guint w = config->stage_widths[0];
  guint r = config->image_size;
  FewConvShape shape = { 1, r, r, 3, 3, 2, w };
  g_auto (FewFold) fold = { NULL };
  few_fold_init (&fold, loader, w, 3, 3);
  few_fold_add_branches (&fold, "visual.trunk.stem.0");
  net->stem = few_fold_conv (&fold, &shape);
  net->stem_bias = few_fold_bias (&fold);
  net->stem_halving = load_channels (loader, w, 3, "visual.trunk.stem.1");
  net->stem_mix = load_mix (loader, w, w, "visual.trunk.stem.2", &net->stem_mix_bias);
}

guint
few_fastvit_stages (const FewClipConfig *config)
{
  guint n = 0;
  while (n < FEW_MOST_STAGES && config->stage_depths[n] > 0)
    n++;
  return n;
}

gpointer
few_fastvit_load (const FewClipConfig *config, FewLoader *loader)
{
  FewFastVit *net = g_new0 (FewFastVit, 1);
  net->stages = few_fastvit_stages (config);
  net->hidden_ratio = config->vision.mlp_width;
  guint last = 2 * config->stage_widths[net->stages - 1];
  guint d = config->embed_dim;
  load_stem (net, config, loader);
  for (guint s = 0; s < net->stages; s++)
    load_stage (&net->stage[s], config, loader, s);
  net->last = load_channels (loader, last, 3, "visual.trunk.final_conv");
  net->last_squeeze = load_squeeze (loader, last, "visual.trunk.final_conv.se");
  net->head = few_load_matrix (loader, d, last, FALSE, "visual.trunk.head.fc.weight");
  net->head_bias = few_load_vector (loader, d, "visual.trunk.head.fc.bias");
  return net;
}

void
few_fastvit_free (gpointer state)
{
  FewFastVit *net = state;
  for (guint s = 0; s < net->stages; s++)
    g_free (net->stage[s].blocks);
  g_free (net);
}
