/* SPDX-License-Identifier: MIT */
/* DINOv2 as its authors publish it: weights alone (dinov2_vitb14_pretrain.pth). The shapes say how
 * it is built; how its pictures are made ready is what their evaluations do. */
#include "base/error.h"
#include "clip/config-reader.h"
#include "clip/shapes.h"
#include "clip/tower.h"
#include <string.h>

enum { PICTURE = 224, SHORTER_SIDE = 256, HEAD_WIDTH = 64 };

/* Positions of the class token and of the grid that they were learned on; those of pictures are
 * resampled. */
static gboolean
place_tokens (FewClipConfig *c, const FewWeights *weights)
{
  const FewTensor *positions = few_weights_find (weights, "visual.positional_embedding");
  gsize placed = positions && positions->n_dims >= 2 ? positions->dims[positions->n_dims - 2] : 0;
  guint learned = placed > 1 && placed < G_MAXUINT ? few_shape_root ((guint) placed - 1) : 0;
  c->vit.class_token = FEW_CLASS_FIRST;
  if (learned != c->image_size / c->patch_size)
    c->vit.learned_grid = learned;
  return learned > 0;
}

gboolean
few_dino_from_weights (const FewWeights *weights, const char *path, FewClipConfig *c,
                       GError **error)
{
  static const double mean[] = { 0.485, 0.456, 0.406 };
  static const double std[] = { 0.229, 0.224, 0.225 };
  gboolean gated =
      few_weights_find (weights, "visual.transformer.resblocks.0.mlp.gate.weight") != NULL;
  guint width = few_shape_dim (weights, "visual.ln_post.weight", 0);
  guint registers = few_shape_dim (weights, "visual.registers", 1);
  if (!few_weights_find (weights, "visual.mask_token"))
    {
      few_fail (error, INPUT,
                "%s holds a tower as timm names it, without a config: open the folder with its "
                "config.json.",
                path);
      return FALSE;
    }
  if (!few_clip_in_range (width % HEAD_WIDTH, 0, 0, "width modulo 64", path, error)
      || !few_clip_in_range (registers, 0, 64, "register_tokens", path, error))
    return FALSE;
  c->tower = &few_trunk_tower;
  c->embed_dim = width;
  c->image_size = PICTURE;
  c->vision =
      (FewTransformerConfig) { .heads = width / HEAD_WIDTH,
                               .activation = gated ? FEW_ACTIVATION_SILU : FEW_ACTIVATION_GELU,
                               .ln_epsilon = 1e-6f };
  c->vit = (FewVitStyle) { .pool = FEW_POOL_CLASS,
                           .projection = FEW_PROJECTION_NONE,
                           .registers = registers,
                           .antialias = registers > 0,
                           .stretched = registers == 0 };
  memcpy (c->preprocess.mean, mean, sizeof mean);
  memcpy (c->preprocess.std, std, sizeof std);
  c->preprocess.resize[0] = SHORTER_SIDE;
  if (!c->tower->measure (c, weights, path, error))
    return FALSE;
  if (place_tokens (c, weights))
    return TRUE;
  few_fail (error, FORMAT, "%s: the shapes of the weights make no image tower.", path);
  return FALSE;
}
