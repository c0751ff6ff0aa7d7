/* SPDX-License-Identifier: MIT */
/* Which library's names a file has, by names that it alone has. */
#include "clip/weight-names.h"
#include "formats/tensor.h"

static gboolean
has_tensor (GHashTable *tensors, const char *name)
{
  return g_hash_table_contains (tensors, name);
}

static const char *
find_bert (GHashTable *tensors)
{
  static const char *const beginnings[] = { "text.transformer.", "text_model." };
  for (guint i = 0; i < G_N_ELEMENTS (beginnings); i++)
    {
      g_autofree char *words =
          g_strconcat (beginnings[i], "embeddings.word_embeddings.weight", NULL);
      if (has_tensor (tensors, words))
        return beginnings[i];
    }
  return NULL;
}

static FewDino
find_dino (GHashTable *tensors)
{
  if (has_tensor (tensors, "embeddings.patch_embeddings.projection.weight"))
    return FEW_DINO_2;
  return has_tensor (tensors, "embeddings.patch_embeddings.weight") ? FEW_DINO_3 : FEW_DINO_NONE;
}

static gboolean
is_bare (GHashTable *tensors)
{
  return has_tensor (tensors, "blocks.0.norm1.weight")
         && has_tensor (tensors, "patch_embed.proj.weight");
}

/* facebook's, transformers' and timm's names; timm's are told by the shape alone. */
static void
find_joined (GHashTable *tensors, FewNaming *naming)
{
  static const char *const known[][3] = {
    { "blocks.0.mlp.w12.weight", "w12", "w3" },
    { "encoder.layer.0.mlp.weights_in.weight", "weights_in", "weights_out" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (has_tensor (tensors, known[i][0]))
      {
        naming->joined = known[i][1];
        naming->behind_joined = known[i][2];
      }
  const FewTensor *in = g_hash_table_lookup (tensors, "blocks.0.mlp.fc1.weight");
  const FewTensor *out = g_hash_table_lookup (tensors, "blocks.0.mlp.fc2.weight");
  if (naming->bare && in && out && in->n_dims == 2 && out->n_dims == 2
      && in->dims[0] / 2 == out->dims[1])
    {
      naming->joined = "fc1";
      naming->behind_joined = "fc2";
    }
}

FewNaming
few_naming_find (GHashTable *tensors)
{
  FewNaming naming = {
    .bert = find_bert (tensors),
    .m2m = has_tensor (tensors, "text.transformer.embed_tokens.weight"),
    .two_layers = has_tensor (tensors, "text.proj.2.weight"),
    .hugging_face = has_tensor (tensors, "text_model.final_layer_norm.weight")
                    || has_tensor (tensors, "text_model.embeddings.word_embeddings.weight"),
    .text_prefix = has_tensor (tensors, "text.token_embedding.weight"),
    .trunk = has_tensor (tensors, "visual.trunk.blocks.0.norm1.weight") || is_bare (tensors),
    .bare = is_bare (tensors),
    .facebook = is_bare (tensors) && has_tensor (tensors, "mask_token"),
    .split = has_tensor (tensors, "visual.trunk.blocks.0.attn.q_proj.weight"),
    .split_bias = has_tensor (tensors, "visual.trunk.blocks.0.attn.q_bias"),
    .dino = find_dino (tensors),
    .vitamin = has_tensor (tensors, "visual.trunk.blocks.0.mlp.w0.weight"),
  };
  find_joined (tensors, &naming);
  return naming;
}
