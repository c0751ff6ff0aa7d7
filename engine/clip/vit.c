/* SPDX-License-Identifier: MIT */
/* CLIP's VisionTransformer (openai/CLIP model.py): patches, class token, positions, ln_pre,
 * blocks, ln_post of the class token, proj. */
#include "base/error.h"
#include "base/json.h"
#include "base/words.h"
#include "clip/shapes.h"
#include "clip/tower.h"
#include "clip/vit.h"

static gboolean
claims_open_clip (JsonObject *vision)
{
  JsonNode *layers = json_object_get_member (vision, "layers");
  return (!layers || !JSON_NODE_HOLDS_ARRAY (layers))
         && !json_object_has_member (vision, "timm_model_name");
}

/* The class token, or the mean of the patches with the last norm behind it. */
static gboolean
check_pool (const char *pool, gboolean norm_last, const char *path, GError **error)
{
  gboolean mean = g_str_equal (pool, "avg");
  if ((mean || g_str_equal (pool, "tok")) && mean == norm_last)
    return TRUE;
  few_fail (error, UNSUPPORTED,
            "%s asks for “pool_type” “%s” %s “final_ln_after_pool”, which Fewshot does not have.",
            path, pool, norm_last ? _ ("with") : _ ("without"));
  return FALSE;
}

static gboolean
read_open_clip (FewClipConfig *config, const FewVisionFields *vision, const char *path,
                const char **bad, GError **error)
{
  gint64 patch = few_json_int (vision->object, "patch_size", 32, bad);
  gint64 layers = few_json_int (vision->object, "layers", 12, bad);
  const char *pool = few_json_string (vision->object, "pool_type", "tok", bad);
  gboolean averages = g_str_equal (pool, "avg");
  gboolean norm_last = few_json_bool (vision->object, "final_ln_after_pool", FALSE, bad);
  double scale = few_json_double (vision->object, "ls_init_value", -1, bad);
  if (!check_pool (pool, norm_last, path, error)
      || !few_clip_in_range (patch, 1, vision->image_size, "patch_size", path, error)
      || !few_clip_in_range (layers, 1, FEW_MAX_LAYERS, "vision layers", path, error))
    return FALSE;
  config->patch_size = (guint) patch;
  config->vision =
      (FewTransformerConfig) { .width = vision->width,
                               .layers = (guint) layers,
                               .heads = vision->width / vision->head_width,
                               .mlp_width = (guint) (vision->mlp_ratio * (double) vision->width),
                               .activation = vision->activation,
                               .ln_epsilon = 1e-5f,
                               .layer_scale = scale > 0 };
  config->vit = (FewVitStyle) {
    .pool = averages ? FEW_POOL_MEAN : FEW_POOL_CLASS,
    .no_ln_pre = few_json_bool (vision->object, "no_ln_pre", FALSE, bad),
  };
  return TRUE;
}

static gboolean
claims_weights (const FewWeights *weights)
{
  return few_weights_find (weights, "visual.proj") != NULL;
}

static gboolean
read_weights (FewClipConfig *config, const FewWeights *weights)
{
  guint positions = few_shape_dim (weights, "visual.positional_embedding", 0);
  config->patch_size = few_shape_dim (weights, "visual.conv1.weight", 2);
  config->vision =
      few_shape_transformer (weights, "visual.", few_shape_dim (weights, "visual.conv1.weight", 0));
  config->image_size = positions ? few_shape_root (positions - 1) * config->patch_size : 0;
  return config->patch_size > 0;
}

/* Only what is CLIP's own: who inserts goes back through it. */
static gboolean
has_stack (const FewClipConfig *config)
{
  return config->vit.pool == FEW_POOL_CLASS && !config->vit.no_ln_pre
         && !config->vision.layer_scale;
}

/* ---- for who inserts between the blocks */

static void
show_stack (gconstpointer state, const FewClipConfig *config, FewTowerStack *stack)
{
  const FewVit *vit = state;
  *stack = (FewTowerStack) { .transformer = &vit->transformer,
                             .tokens = few_vit_tokens (config),
                             .ln_post = vit->ln_post_weight,
                             .projection = vit->projection };
}

const FewTower few_vit_tower = {
  .name = "ViT",
  .claims_open_clip = claims_open_clip,
  .read_open_clip = read_open_clip,
  .claims_weights = claims_weights,
  .read_weights = read_weights,
  FEW_VIT_PASS,
  .has_stack = has_stack,
  .stack = show_stack,
  .stack_tokens = few_vit_tokens_after,
  .stack_head = few_vit_head,
};
