/* SPDX-License-Identifier: MIT */
#include "clip/clip-config.h"
#include "base/error.h"
#include <math.h>

/* Dimension i of a tensor, 0 when there is none. */
static guint
dim (const FewWeights *weights, const char *name, guint i)
{
  const FewTensor *tensor = few_weights_find (weights, name);
  return tensor && i < tensor->n_dims && tensor->dims[i] <= G_MAXINT ? (guint) tensor->dims[i] : 0;
}

/* How many of `prefix`0`suffix`, `prefix`1`suffix` … exist. */
static guint
count (const FewWeights *weights, const char *prefix, const char *suffix)
{
  for (guint n = 0;; n++)
    {
      g_autofree char *name = g_strdup_printf ("%s%u%s", prefix, n, suffix);
      if (n > FEW_MAX_LAYERS || !few_weights_find (weights, name))
        return n;
    }
}

static guint
root (guint square)
{
  guint side = (guint) sqrt ((double) square);
  return side * side == square ? side : 0;
}

static FewTransformerConfig
transformer (const FewWeights *weights, const char *tower, guint width)
{
  g_autofree char *blocks = g_strconcat (tower, "transformer.resblocks.", NULL);
  g_autofree char *fc = g_strconcat (blocks, "0.mlp.c_fc.weight", NULL);
  return (FewTransformerConfig) { .width = width,
                                  .layers = count (weights, blocks, ".ln_1.weight"),
                                  .heads = width / 64,
                                  .mlp_width = dim (weights, fc, 0),
                                  .activation = FEW_ACTIVATION_QUICK_GELU,
                                  .ln_epsilon = 1e-5f };
}

gboolean
few_clip_config_from_weights (const FewWeights *weights, FewClipConfig *c, GError **error)
{
  const char *path = few_weights_files (weights)[0];
  *c = (FewClipConfig) { .preprocess = few_clip_preprocess };
  if (!few_weights_find (weights, "input_resolution")
      || !few_weights_find (weights, "context_length") || !few_weights_find (weights, "vocab_size"))
    {
      few_fail (error, INPUT,
                "%s does not say how its model is built, and is none of OpenAI's archives: put the "
                "model's open_clip_config.json beside it.",
                path);
      return FALSE;
    }
  c->embed_dim = dim (weights, "text_projection", 1);
  c->context_length = dim (weights, "positional_embedding", 0);
  c->vocab_size = dim (weights, "token_embedding.weight", 0);
  c->text = transformer (weights, "", dim (weights, "ln_final.weight", 0));
  c->is_resnet = few_weights_find (weights, "visual.proj") == NULL;
  if (c->is_resnet)
    {
      guint positions = dim (weights, "visual.attnpool.positional_embedding", 0);
      for (guint i = 0; i < FEW_RESNET_STAGES; i++)
        {
          g_autofree char *stage = g_strdup_printf ("visual.layer%u.", i + 1);
          c->resnet_layers[i] = count (weights, stage, ".conv1.weight");
        }
      c->resnet_width = dim (weights, "visual.layer1.0.conv1.weight", 0);
      c->resnet_heads = c->resnet_width * 32 / 64;
      c->image_size = positions ? root (positions - 1) * 32 : 0;
    }
  else
    {
      guint positions = dim (weights, "visual.positional_embedding", 0);
      c->patch_size = dim (weights, "visual.conv1.weight", 2);
      c->vision = transformer (weights, "visual.", dim (weights, "visual.conv1.weight", 0));
      c->image_size = positions ? root (positions - 1) * c->patch_size : 0;
    }
  gboolean sane = c->embed_dim > 0 && c->embed_dim <= FEW_MAX_WIDTH && c->context_length >= 2
                  && c->context_length <= FEW_MAX_CONTEXT && c->vocab_size > 0
                  && c->vocab_size <= FEW_MAX_VOCABULARY && c->image_size > 0
                  && c->image_size <= FEW_MAX_IMAGE_SIZE;
  if (c->is_resnet)
    sane = sane && c->resnet_width >= 2 && c->resnet_width % 2 == 0 && c->resnet_width <= 512;
  else
    sane = sane && c->patch_size > 0;
  for (guint i = 0; i < FEW_RESNET_STAGES && c->is_resnet; i++)
    sane = sane && c->resnet_layers[i] > 0 && c->resnet_layers[i] <= FEW_MAX_LAYERS;
  if (!sane)
    {
      few_fail (error, FORMAT, "%s: the shapes of its tensors do not make a CLIP model.", path);
      return FALSE;
    }
  return few_clip_config_finish (c, path, error);
}
