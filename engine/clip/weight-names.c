/* SPDX-License-Identifier: MIT */
/* What a tensor is called, whoever wrote the file: wrappers of training, Hugging Face's names. */
#include "clip/weight-names.h"
#include <string.h>

const char *
few_unwrapped_name (const char *name)
{
  static const char *const wrappers[] = {
    "module.",     "_orig_mod.",  "model.", "model_state_dict.",
    "state_dict.", "clip_model.", "clip.",  "checkpoint.",
  };
  for (guint i = 0; i < G_N_ELEMENTS (wrappers);)
    if (g_str_has_prefix (name, wrappers[i]) && name[strlen (wrappers[i])])
      {
        name += strlen (wrappers[i]);
        i = 0;
      }
    else
      i++;
  return name;
}

char *
few_hugging_face_name (const char *name, const char *part, gboolean *transposed)
{
  static const struct
  {
    const char *ours, *theirs;
  } single[] = {
    { "token_embedding.weight", "text_model.embeddings.token_embedding.weight" },
    { "positional_embedding", "text_model.embeddings.position_embedding.weight" },
    { "ln_final.weight", "text_model.final_layer_norm.weight" },
    { "ln_final.bias", "text_model.final_layer_norm.bias" },
    { "visual.class_embedding", "vision_model.embeddings.class_embedding" },
    { "visual.conv1.weight", "vision_model.embeddings.patch_embedding.weight" },
    { "visual.positional_embedding", "vision_model.embeddings.position_embedding.weight" },
    { "visual.ln_pre.weight", "vision_model.pre_layrnorm.weight" },
    { "visual.ln_pre.bias", "vision_model.pre_layrnorm.bias" },
    { "visual.ln_post.weight", "vision_model.post_layernorm.weight" },
    { "visual.ln_post.bias", "vision_model.post_layernorm.bias" },
  };
  static const struct
  {
    const char *ours, *theirs;
  } inside[] = {
    { "attn.out_proj.", "self_attn.out_proj." },
    { "ln_1.", "layer_norm1." },
    { "ln_2.", "layer_norm2." },
    { "mlp.c_fc.", "mlp.fc1." },
    { "mlp.c_proj.", "mlp.fc2." },
  };
  *transposed = FALSE;
  if (g_str_equal (name, "text_projection") || g_str_equal (name, "visual.proj"))
    {
      *transposed = TRUE;
      return g_strdup (g_str_equal (name, "visual.proj") ? "visual_projection.weight"
                                                         : "text_projection.weight");
    }
  for (guint i = 0; i < G_N_ELEMENTS (single); i++)
    if (g_str_equal (name, single[i].ours))
      return g_strdup (single[i].theirs);
  const char *blocks = strstr (name, "transformer.resblocks.");
  if (!blocks)
    return g_strdup (name);
  const char *number = blocks + strlen ("transformer.resblocks.");
  const char *rest = strchr (number, '.');
  if (!rest)
    return g_strdup (name);
  g_autofree char *layer = g_strndup (number, (gsize) (rest - number));
  const char *tower = g_str_has_prefix (name, "visual.") ? "vision_model" : "text_model";
  rest++;
  if (part)
    return g_strdup_printf ("%s.encoder.layers.%s.self_attn.%s_proj.%s", tower, layer, part,
                            g_str_has_suffix (rest, "bias") ? "bias" : "weight");
  for (guint i = 0; i < G_N_ELEMENTS (inside); i++)
    if (g_str_has_prefix (rest, inside[i].ours))
      return g_strdup_printf ("%s.encoder.layers.%s.%s%s", tower, layer, inside[i].theirs,
                              rest + strlen (inside[i].ours));
  return g_strdup (name);
}
