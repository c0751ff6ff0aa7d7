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
  const char *pool; /* the timm_pool that goes with it */
  guint map_heads;  /* 0: as many as the tower has */
  guint rope_steps;
  gint rope_offset;
  gboolean rope_y_first;
  gboolean three_convs;
} Trunk;

#define GELU FEW_ACTIVATION_GELU
#define TANH FEW_ACTIVATION_TANH_GELU
#define SIGLIP(name, heads, activation)                                                            \
  { name, heads, activation, 1e-6f, "map", 0, 0, 0, FALSE, FALSE }
#define PE(name, heads, steps, offset)                                                             \
  { name, heads, GELU, 1e-5f, "map", 8, steps, offset, FALSE, FALSE }

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
  { "vit_large_patch14_clip_224", 16, GELU, 1e-5f, "token", 0, 0, 0, FALSE, FALSE },
  { "vit_base_mci_224", 12, GELU, 1e-6f, "token", 0, 0, 0, FALSE, TRUE },
  { "vit_base_patch16_224", 12, GELU, 1e-6f, "token", 0, 0, 0, FALSE, FALSE },
  { "eva02_base_patch16_clip_224", 12, GELU, 1e-6f, "token", 0, 16, 0, TRUE, FALSE },
  { "eva02_large_patch14_clip_224", 16, GELU, 1e-6f, "token", 0, 16, 0, TRUE, FALSE },
  { "eva02_large_patch14_clip_336", 16, GELU, 1e-6f, "token", 0, 16, 0, TRUE, FALSE },
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

static gboolean
read_open_clip (FewClipConfig *config, const FewVisionFields *vision, const char *path,
                const char **bad, GError **error)
{
  const Trunk *trunk = find_trunk (vision->object);
  g_assert (trunk); /* claimed */
  const char *pool = few_json_string (vision->object, "timm_pool", "avg", bad);
  const char *projection = few_json_string (vision->object, "timm_proj", "", bad);
  if (!g_str_equal (pool, trunk->pool))
    {
      few_fail (error, UNSUPPORTED,
                "%s asks for the “timm_pool” “%s” of “%s”, which Fewshot does not have.", path,
                pool, trunk->name);
      return FALSE;
    }
  if (!g_str_equal (projection, "") && !g_str_equal (projection, "none")
      && !g_str_equal (projection, "linear"))
    {
      few_fail (error, UNSUPPORTED,
                "%s asks for the “timm_proj” “%s”, which Fewshot does not have.", path, projection);
      return FALSE;
    }
  config->vision = (FewTransformerConfig) { .heads = trunk->heads,
                                            .activation = trunk->activation,
                                            .ln_epsilon = trunk->epsilon,
                                            .rope_steps = trunk->rope_steps,
                                            .rope_offset = trunk->rope_offset,
                                            .rope_y_first = trunk->rope_y_first };
  config->vit = (FewVitStyle) {
    .pool = g_str_equal (pool, "map") ? FEW_POOL_MAP : FEW_POOL_CLASS,
    .projection = g_str_equal (projection, "linear") ? FEW_PROJECTION_BARE : FEW_PROJECTION_LINEAR,
    .map_heads = trunk->map_heads > 0 ? trunk->map_heads : trunk->heads,
    .three_convs = trunk->three_convs,
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
  c->mlp_width = few_shape_dim (weights,
                                c->gated ? "visual.transformer.resblocks.0.mlp.value.weight"
                                         : "visual.transformer.resblocks.0.mlp.c_fc.weight",
                                0);
  c->layer_scale = has (weights, "visual.transformer.resblocks.0.ls_1.gamma");
  c->attention_norm = has (weights, "visual.transformer.resblocks.0.attn.norm.weight");
  c->mlp_norm = has (weights, "visual.transformer.resblocks.0.mlp.norm.weight");
  if (c->gated)
    c->activation = FEW_ACTIVATION_SILU;
}

static gboolean
measure_trunk (FewClipConfig *config, const FewWeights *weights, const char *path, GError **error)
{
  FewVitStyle *style = &config->vit;
  if (config->vision.width > 0) /* the config said it */
    return TRUE;
  config->vision.width = few_shape_dim (weights, "visual.ln_post.weight", 0);
  config->patch_size = style->three_convs ? 16 : few_shape_dim (weights, "visual.conv1.weight", 2);
  measure_blocks (&config->vision, weights);
  const FewTensor *positions = few_weights_find (weights, "visual.positional_embedding");
  if (config->vision.width == 0 || config->patch_size == 0
      || config->patch_size > config->image_size || !positions || positions->n_dims < 2)
    {
      few_fail (error, FORMAT, "%s: the shapes of the weights make no image tower.", path);
      return FALSE;
    }
  guint grid = config->image_size / config->patch_size;
  gsize placed = positions->dims[positions->n_dims - 2];
  gboolean first = placed == (gsize) grid * grid + 1;
  style->class_token = first ? FEW_CLASS_FIRST : FEW_CLASS_UNPLACED;
  if (!has (weights, "visual.class_embedding"))
    style->class_token = FEW_CLASS_NONE;
  style->patch_bias = !style->three_convs && has (weights, "visual.conv1.bias");
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
  .check_config = few_vit_check,
  .describe = few_vit_describe,
  .load = few_vit_load,
  .free = few_vit_free,
  .forward = few_vit_forward,
  .has_parts = few_vit_has_parts,
  .parts = few_vit_parts,
};
