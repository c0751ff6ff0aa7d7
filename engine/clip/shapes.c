/* SPDX-License-Identifier: MIT */
/* Sizes read off tensors, as openai/CLIP does. */
#include "clip/shapes.h"
#include <math.h>

guint
few_shape_dim (const FewWeights *weights, const char *name, guint i)
{
  const FewTensor *tensor = few_weights_find (weights, name);
  return tensor && i < tensor->n_dims && tensor->dims[i] <= G_MAXINT ? (guint) tensor->dims[i] : 0;
}

guint
few_shape_count (const FewWeights *weights, const char *prefix, const char *suffix)
{
  for (guint n = 0;; n++)
    {
      g_autofree char *name = g_strdup_printf ("%s%u%s", prefix, n, suffix);
      if (n > FEW_MAX_LAYERS || !few_weights_find (weights, name))
        return n;
    }
}

guint
few_shape_root (guint square)
{
  guint side = (guint) sqrt ((double) square);
  return side * side == square ? side : 0;
}

FewTransformerConfig
few_shape_transformer (const FewWeights *weights, const char *tower, guint width)
{
  g_autofree char *blocks = g_strconcat (tower, "transformer.resblocks.", NULL);
  g_autofree char *fc = g_strconcat (blocks, "0.mlp.c_fc.weight", NULL);
  return (FewTransformerConfig) { .width = width,
                                  .layers = few_shape_count (weights, blocks, ".ln_1.weight"),
                                  .heads = width / 64,
                                  .mlp_width = few_shape_dim (weights, fc, 0),
                                  .activation = FEW_ACTIVATION_QUICK_GELU,
                                  .ln_epsilon = 1e-5f };
}
