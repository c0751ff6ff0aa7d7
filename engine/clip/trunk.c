/* SPDX-License-Identifier: MIT */
/* timm's vision transformers inside open_clip, and SigLIP's of transformers: which they are, what
 * their shapes do not say, and what these do. */
#include "base/error.h"
#include "base/json.h"
#include "clip/shapes.h"
#include "clip/tower.h"
#include "clip/vit.h"

typedef struct
{
  const char *name;
  guint heads;
  FewActivation activation;
  float epsilon;
  const char *pool; /* the timm_pool that it has of its own */
  guint map_heads;  /* 0: as many as the tower has */
  guint rope_steps;
  gint rope_offset;
  gboolean rope_y_first;
  FewVitStem stem;
  FewNormPlace norms;
} Trunk;

#define GELU FEW_ACTIVATION_GELU
#define TANH FEW_ACTIVATION_TANH_GELU
#define SILU FEW_ACTIVATION_SILU
#define TRUNK(n, h, act, eps, pooled)                                                              \
  .name = n, .heads = h, .activation = act, .epsilon = eps, .pool = pooled
#define SIGLIP(n, h, act) { TRUNK (n, h, act, 1e-6f, "map") }
#define PE(n, h, steps, offset)                                                                    \
  { TRUNK (n, h, GELU, 1e-5f, "map"), .map_heads = 8, .rope_steps = steps, .rope_offset = offset }
#define TOKEN(n, h, eps, by) { TRUNK (n, h, GELU, eps, "token"), .stem = by }
#define EVA02(n, h) { TRUNK (n, h, SILU, 1e-6f, "token"), .rope_steps = 16, .rope_y_first = TRUE }
#define VITAMIN(n, h) { TRUNK (n, h, GELU, 1e-6f, "avg"), .stem = FEW_STEM_STAGES }

static const Trunk trunks[] = {
  SIGLIP ("vit_base_patch16_siglip_224", 12, GELU),
  SIGLIP ("vit_base_patch16_siglip_256", 12, GELU),
  SIGLIP ("vit_base_patch16_siglip_384", 12, GELU),
  SIGLIP ("vit_base_patch16_siglip_512", 12, GELU),
  SIGLIP ("vit_base_patch32_siglip_256", 12, TANH),
  SIGLIP ("vit_large_patch16_siglip_256", 16, GELU),
  SIGLIP ("vit_large_patch16_siglip_384", 16, GELU),
  SIGLIP ("vit_large_patch16_siglip_512", 16, TANH),
  SIGLIP ("vit_so400m_patch14_siglip_224", 16, GELU),
  SIGLIP ("vit_so400m_patch14_siglip_378", 16, GELU),
  SIGLIP ("vit_so400m_patch14_siglip_384", 16, GELU),
  SIGLIP ("vit_so400m_patch16_siglip_256", 16, TANH),
  SIGLIP ("vit_so400m_patch16_siglip_384", 16, TANH),
  SIGLIP ("vit_so400m_patch16_siglip_512", 16, TANH),
  SIGLIP ("vit_giantopt_patch16_siglip_256", 16, TANH),
  SIGLIP ("vit_giantopt_patch16_siglip_384", 16, TANH),
  PE ("vit_pe_core_tiny_patch16_384", 3, 24, 1),
  PE ("vit_pe_core_small_patch16_384", 6, 24, 1),
  PE ("vit_pe_core_base_patch16_224", 12, 14, 1),
  PE ("vit_pe_core_large_patch14_336", 16, 24, 1),
  PE ("vit_pe_core_gigantic_patch14_448", 16, 32, 0),
  TOKEN ("vit_large_patch14_clip_224", 16, 1e-5f, FEW_STEM_PATCH),
  TOKEN ("vit_base_mci_224", 12, 1e-6f, FEW_STEM_CONVS),
  TOKEN ("vit_base_patch16_224", 12, 1e-6f, FEW_STEM_PATCH),
  EVA02 ("eva02_base_patch16_clip_224", 12),
  EVA02 ("eva02_large_patch14_clip_224", 16),
  EVA02 ("eva02_large_patch14_clip_336", 16),
  TOKEN ("eva_giant_patch14_224", 16, 1e-6f, FEW_STEM_PATCH),
  { TRUNK ("eva02_enormous_patch14_clip_224", 16, GELU, 1e-6f, "token"), .norms = FEW_NORM_BRANCH },
  VITAMIN ("vitamin_small_224", 6),
  VITAMIN ("vitamin_base_224", 12),
  VITAMIN ("vitamin_large_224", 16),
  VITAMIN ("vitamin_large_256", 16),
  VITAMIN ("vitamin_large_336", 16),
  VITAMIN ("vitamin_large_384", 16),
  VITAMIN ("vitamin_large2_224", 16),
  VITAMIN ("vitamin_large2_256", 16),
  VITAMIN ("vitamin_large2_336", 16),
  VITAMIN ("vitamin_large2_384", 16),
  VITAMIN ("vitamin_xlarge_256", 16),
  VITAMIN ("vitamin_xlarge_336", 16),
  VITAMIN ("vitamin_xlarge_384", 16),
};

static const Trunk *
find_trunk (JsonObject *vision)
{
  const char *name = few_json_string (vision, "timm_model_name", "", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (trunks); i++)
    if (g_str_equal (name, trunks[i].name))
      return &trunks[i];
  return NULL;
}

static gboolean
claims_open_clip (JsonObject *vision)
{
  return find_trunk (vision) != NULL;
}

static FewVisionPool
find_pool (const char *pool)
{
  if (g_str_equal (pool, "map"))
    return FEW_POOL_MAP;
  return g_str_equal (pool, "token") ? FEW_POOL_CLASS : FEW_POOL_MEAN;
}

static gboolean
read_open_clip (FewClipConfig *config, const FewVisionFields *vision, const char *path,
                const char **bad, GError **error)
{
  const Trunk *trunk = find_trunk (vision->object);
  g_assert (trunk); /* claimed */
  const char *pool = few_json_string (vision->object, "timm_pool", "avg", bad);
  const char *projection = few_json_string (vision->object, "timm_proj", "", bad);
  gboolean linear = g_str_equal (projection, "linear");
  gboolean own = linear && !*pool; /* without a layer behind it, no pool means none */
  if (!own && !g_str_equal (pool, trunk->pool))
    {
      few_fail (error, UNSUPPORTED,
                "%s asks for the “timm_pool” “%s” of “%s”, which Fewshot does not have.", path,
                pool, trunk->name);
      return FALSE;
    }
  if (!linear && !g_str_equal (projection, "") && !g_str_equal (projection, "none"))
    {
      few_fail (error, UNSUPPORTED,
                "%s asks for the “timm_proj” “%s”, which Fewshot does not have.", path, projection);
      return FALSE;
    }
  config->vision = (FewTransformerConfig) { .heads = trunk->heads,
                                            .activation = trunk->activation,
                                            .ln_epsilon = trunk->epsilon,
                                            .hidden_norm = trunk->stem == FEW_STEM_STAGES,
                                            .norms = trunk->norms,
                                            .rope_steps = trunk->rope_steps,
                                            .rope_offset = trunk->rope_offset,
                                            .rope_y_first = trunk->rope_y_first };
  config->vit = (FewVitStyle) {
    .pool = find_pool (trunk->pool),
    .projection = linear ? FEW_PROJECTION_BARE : FEW_PROJECTION_LINEAR,
    .map_heads = trunk->map_heads > 0 ? trunk->map_heads : trunk->heads,
    .stem = trunk->stem,
  };
  return TRUE;
}

/* ---- what the weights say */

static gboolean
has (const FewWeights *weights, const char *name)
{
  return few_weights_find (weights, name) != NULL;
}

/* The sizes of the blocks and what they have. */
static void
measure_blocks (FewTransformerConfig *c, const FewWeights *weights)
{
  static const char blocks[] = "visual.transformer.resblocks.";
  c->layers = few_shape_count (weights, blocks, ".ln_1.weight");
  c->gated = has (weights, "visual.transformer.resblocks.0.mlp.gate.weight");
  c->mlp_width = few_shape_dim (weights, "visual.transformer.resblocks.0.mlp.c_proj.weight", 1);
  c->layer_scale = has (weights, "visual.transformer.resblocks.0.ls_1.gamma");
  c->attention_norm = has (weights, "visual.transformer.resblocks.0.attn.norm.weight");
  c->mlp_norm = !c->hidden_norm && has (weights, "visual.transformer.resblocks.0.mlp.norm.weight");
}

/* positions: NULL where there are none */
static FewClassToken
find_class_token (const FewClipConfig *config, const FewWeights *weights,
                  const FewTensor *positions)
{
  guint grid = config->image_size / config->patch_size;
  gsize placed = positions ? positions->dims[positions->n_dims - 2] : 0;
  if (!has (weights, "visual.class_embedding"))
    return FEW_CLASS_NONE;
  return placed == (gsize) grid * grid + 1 ? FEW_CLASS_FIRST : FEW_CLASS_UNPLACED;
}

static gboolean
measure_trunk (FewClipConfig *config, const FewWeights *weights, const char *path, GError **error)
{
  FewVitStyle *style = &config->vit;
  if (config->vision.width > 0) /* the config said it */
    return TRUE;
  config->vision.width = few_shape_dim (weights, "visual.ln_post.weight", 0);
  config->patch_size = 16;
  if (style->stem == FEW_STEM_PATCH)
    config->patch_size = few_shape_dim (weights, "visual.conv1.weight", 2);
  if (style->stem == FEW_STEM_STAGES)
    few_conv_stem_measure (config, weights);
  measure_blocks (&config->vision, weights);
  const FewTensor *positions = few_weights_find (weights, "visual.positional_embedding");
  style->no_positions = !positions && style->stem == FEW_STEM_STAGES;
  if (config->vision.width == 0 || config->patch_size == 0
      || config->patch_size > config->image_size
      || (!style->no_positions && (!positions || positions->n_dims < 2)))
    {
      few_fail (error, FORMAT, "%s: the shapes of the weights make no image tower.", path);
      return FALSE;
    }
  style->class_token = find_class_token (config, weights, positions);
  style->patch_bias = style->stem == FEW_STEM_PATCH && has (weights, "visual.conv1.bias");
  style->no_ln_pre = !has (weights, "visual.ln_pre.weight");
  style->map_mlp_width = few_shape_dim (weights, "visual.map.c_fc.weight", 0);
  if (style->projection == FEW_PROJECTION_LINEAR && !has (weights, "visual.trunk.head.weight"))
    style->projection = FEW_PROJECTION_NONE;
  if (style->pool == FEW_POOL_CLASS && style->class_token == FEW_CLASS_NONE)
    {
      few_fail (error, FORMAT, "%s: the weights have no class token, which the config asks for.",
                path);
      return FALSE;
    }
  return TRUE;
}

const FewTower few_trunk_tower = {
  .name = "ViT",
  .claims_open_clip = claims_open_clip,
  .read_open_clip = read_open_clip,
  .measure = measure_trunk,
  FEW_VIT_PASS,
};
