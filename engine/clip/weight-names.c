/* SPDX-License-Identifier: MIT */
/* What a tensor is called, whoever wrote the file: wrappers of training, other libraries' names. */
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

/* ---- names that stand for one another: whole ones, and beginnings of what follows a block */

typedef struct
{
  const char *ours, *theirs;
} Pair;

static const Pair hugging_face_names[] = {
  { "token_embedding.weight", "text_model.embeddings.token_embedding.weight" },
  { "positional_embedding", "text_model.embeddings.position_embedding.weight" },
  { "ln_final.weight", "text_model.final_layer_norm.weight" },
  { "ln_final.bias", "text_model.final_layer_norm.bias" },
  { "text_head.weight", "text_model.head.weight" },
  { "text_head.bias", "text_model.head.bias" },
  { "visual.class_embedding", "vision_model.embeddings.class_embedding" },
  { "visual.conv1.weight", "vision_model.embeddings.patch_embedding.weight" },
  { "visual.conv1.bias", "vision_model.embeddings.patch_embedding.bias" },
  { "visual.positional_embedding", "vision_model.embeddings.position_embedding.weight" },
  { "visual.ln_pre.weight", "vision_model.pre_layrnorm.weight" },
  { "visual.ln_pre.bias", "vision_model.pre_layrnorm.bias" },
  { "visual.ln_post.weight", "vision_model.post_layernorm.weight" },
  { "visual.ln_post.bias", "vision_model.post_layernorm.bias" },
  { "visual.map.latent", "vision_model.head.probe" },
  { "visual.map.in_proj_weight", "vision_model.head.attention.in_proj_weight" },
  { "visual.map.in_proj_bias", "vision_model.head.attention.in_proj_bias" },
  { "visual.map.out_proj.weight", "vision_model.head.attention.out_proj.weight" },
  { "visual.map.out_proj.bias", "vision_model.head.attention.out_proj.bias" },
  { "visual.map.norm.weight", "vision_model.head.layernorm.weight" },
  { "visual.map.norm.bias", "vision_model.head.layernorm.bias" },
  { "visual.map.c_fc.weight", "vision_model.head.mlp.fc1.weight" },
  { "visual.map.c_fc.bias", "vision_model.head.mlp.fc1.bias" },
  { "visual.map.c_proj.weight", "vision_model.head.mlp.fc2.weight" },
  { "visual.map.c_proj.bias", "vision_model.head.mlp.fc2.bias" },
};

static const Pair trunk_names[] = {
  { "visual.class_embedding", "visual.trunk.cls_token" },
  { "visual.mask_token",
    "visual.trunk.mask_token" }, /* of training; tells facebook's from timm's */
  { "visual.conv1.weight", "visual.trunk.patch_embed.proj.weight" },
  { "visual.conv1.bias", "visual.trunk.patch_embed.proj.bias" },
  { "visual.positional_embedding", "visual.trunk.pos_embed" },
  { "visual.ln_pre.weight", "visual.trunk.norm_pre.weight" },
  { "visual.ln_pre.bias", "visual.trunk.norm_pre.bias" },
  { "visual.ln_post.weight", "visual.trunk.norm.weight" },
  { "visual.ln_post.bias", "visual.trunk.norm.bias" },
  { "visual.map.latent", "visual.trunk.attn_pool.latent" },
  { "visual.map.out_proj.weight", "visual.trunk.attn_pool.proj.weight" },
  { "visual.map.out_proj.bias", "visual.trunk.attn_pool.proj.bias" },
  { "visual.map.norm.weight", "visual.trunk.attn_pool.norm.weight" },
  { "visual.map.norm.bias", "visual.trunk.attn_pool.norm.bias" },
  { "visual.map.c_fc.weight", "visual.trunk.attn_pool.mlp.fc1.weight" },
  { "visual.map.c_fc.bias", "visual.trunk.attn_pool.mlp.fc1.bias" },
  { "visual.map.c_proj.weight", "visual.trunk.attn_pool.mlp.fc2.weight" },
  { "visual.map.c_proj.bias", "visual.trunk.attn_pool.mlp.fc2.bias" },
};

static const Pair hugging_face_block[] = {
  { "attn.out_proj.", "self_attn.out_proj." },
  { "ln_1.", "layer_norm1." },
  { "ln_2.", "layer_norm2." },
  { "mlp.c_fc.", "mlp.fc1." },
  { "mlp.c_proj.", "mlp.fc2." },
};

static const Pair trunk_block[] = {
  { "attn.in_proj_", "attn.qkv." },
  { "attn.out_proj.", "attn.proj." },
  { "ln_1.", "norm1." },
  { "ln_2.", "norm2." },
  { "mlp.c_fc.", "mlp.fc1." },
  { "mlp.c_proj.", "mlp.fc2." },
  { "ls_1.", "ls1." },
  { "ls_2.", "ls2." },
  { "attn.norm.", "attn.norm." },
  { "mlp.norm.", "mlp.norm." },
  { "mlp.gate.", "mlp.fc1_g." },
  { "mlp.value.", "mlp.fc1_x." },
};

/* What ViTamin's trunk calls otherwise. */
static const Pair vitamin_names[] = {
  { "visual.ln_post.weight", "visual.trunk.fc_norm.weight" },
  { "visual.ln_post.bias", "visual.trunk.fc_norm.bias" },
};

static const Pair vitamin_block[] = {
  { "mlp.gate.", "mlp.w0." },
  { "mlp.value.", "mlp.w1." },
  { "mlp.c_proj.", "mlp.w2." },
};

static const Pair bert_names[] = {
  { "token_embedding.weight", "embeddings.word_embeddings.weight" },
  { "positional_embedding", "embeddings.position_embeddings.weight" },
  { "token_types", "embeddings.token_type_embeddings.weight" },
  { "ln_embed.weight", "embeddings.LayerNorm.weight" },
  { "ln_embed.bias", "embeddings.LayerNorm.bias" },
};

static const Pair bert_block[] = {
  { "ln_1.", "attention.output.LayerNorm." },
  { "ln_2.", "output.LayerNorm." },
  { "attn.out_proj.", "attention.output.dense." },
  { "mlp.c_fc.", "intermediate.dense." },
  { "mlp.c_proj.", "output.dense." },
};

/* NLLB's encoder, transformers' M2M100. */
static const Pair m2m_names[] = {
  { "token_embedding.weight", "text.transformer.embed_tokens.weight" },
  { "ln_final.weight", "text.transformer.layer_norm.weight" },
  { "ln_final.bias", "text.transformer.layer_norm.bias" },
};

static const Pair m2m_block[] = {
  { "ln_1.", "self_attn_layer_norm." },
  { "ln_2.", "final_layer_norm." },
  { "attn.out_proj.", "self_attn.out_proj." },
  { "mlp.c_fc.", "fc1." },
  { "mlp.c_proj.", "fc2." },
};

static const Pair dino_names[] = {
  { "visual.class_embedding", "embeddings.cls_token" },
  { "visual.registers", "embeddings.register_tokens" },
  { "visual.conv1.weight", "embeddings.patch_embeddings.projection.weight" },
  { "visual.conv1.bias", "embeddings.patch_embeddings.projection.bias" },
  { "visual.positional_embedding", "embeddings.position_embeddings" },
  { "visual.ln_post.weight", "layernorm.weight" },
  { "visual.ln_post.bias", "layernorm.bias" },
};

/* What DINOv3 calls otherwise. */
static const Pair dino_3_names[] = {
  { "visual.conv1.weight", "embeddings.patch_embeddings.weight" },
  { "visual.conv1.bias", "embeddings.patch_embeddings.bias" },
  { "visual.ln_post.weight", "norm.weight" },
  { "visual.ln_post.bias", "norm.bias" },
};

static const Pair dino_block[] = {
  { "attn.out_proj.", "attention.output.dense." },
  { "ln_1.", "norm1." },
  { "ln_2.", "norm2." },
  { "ls_1.gamma", "layer_scale1.lambda1" },
  { "ls_2.gamma", "layer_scale2.lambda1" },
  { "mlp.c_fc.", "mlp.fc1." },
  { "mlp.c_proj.", "mlp.fc2." },
};

static const Pair dino_3_block[] = {
  { "attn.out_proj.", "attention.o_proj." }, { "mlp.c_fc.", "mlp.up_proj." },
  { "mlp.gate.", "mlp.gate_proj." },         { "mlp.value.", "mlp.up_proj." },
  { "mlp.c_proj.", "mlp.down_proj." },
};

static const char *
find_whole (const Pair *pairs, guint n, const char *name)
{
  for (guint i = 0; i < n; i++)
    if (g_str_equal (name, pairs[i].ours))
      return pairs[i].theirs;
  return NULL;
}

/* What begins as one of the pairs, with theirs in its place. */
static char *
swap_beginning (const Pair *pairs, guint n, const char *rest)
{
  for (guint i = 0; i < n; i++)
    if (g_str_has_prefix (rest, pairs[i].ours))
      return g_strconcat (pairs[i].theirs, rest + strlen (pairs[i].ours), NULL);
  return NULL;
}

/* The number of the block that a name is of, to be freed, and what follows it in *rest; NULL: of
 * none. */
static char *
split_block (const char *name, const char **rest)
{
  static const char blocks[] = "transformer.resblocks.";
  const char *found = strstr (name, blocks);
  const char *number = found ? found + strlen (blocks) : NULL;
  const char *dot = number ? strchr (number, '.') : NULL;
  if (!dot)
    return NULL;
  *rest = dot + 1;
  return g_strndup (number, (gsize) (dot - number));
}

static char *
name_hugging_face (const char *name, gboolean *transposed)
{
  if (g_str_equal (name, "text_projection") || g_str_equal (name, "visual.proj"))
    {
      *transposed = TRUE;
      return g_strdup (g_str_equal (name, "visual.proj") ? "visual_projection.weight"
                                                         : "text_projection.weight");
    }
  const char *whole = find_whole (hugging_face_names, G_N_ELEMENTS (hugging_face_names), name);
  if (whole)
    return g_strdup (whole);
  const char *rest = NULL;
  g_autofree char *layer = split_block (name, &rest);
  g_autofree char *end =
      layer ? swap_beginning (hugging_face_block, G_N_ELEMENTS (hugging_face_block), rest) : NULL;
  const char *tower = g_str_has_prefix (name, "visual.") ? "vision_model" : "text_model";
  return end ? g_strdup_printf ("%s.encoder.layers.%s.%s", tower, layer, end) : g_strdup (name);
}

typedef struct
{
  const Pair *whole;
  guint n_whole;
  const Pair *block;
  guint n_block;
} Names;

#define NAMES(whole, block) { whole, G_N_ELEMENTS (whole), block, G_N_ELEMENTS (block) }

/* own: what a model calls otherwise than `usual`; NULL: nothing.
 * blocks: what its blocks lie below. */
static char *
name_by (const Names *own, const Names *usual, const char *blocks, const char *name)
{
  const char *whole = own ? find_whole (own->whole, own->n_whole, name) : NULL;
  if (!whole)
    whole = find_whole (usual->whole, usual->n_whole, name);
  if (whole)
    return g_strdup (whole);
  const char *rest = NULL;
  g_autofree char *layer = split_block (name, &rest);
  g_autofree char *end = NULL;
  if (layer && own)
    end = swap_beginning (own->block, own->n_block, rest);
  if (layer && !end)
    end = swap_beginning (usual->block, usual->n_block, rest);
  return end ? g_strdup_printf ("%s.%s.%s", blocks, layer, end) : g_strdup (name);
}

/* timm's own models have what is inside open_clip's below visual.trunk. */
static char *
name_bare (const FewNaming *naming, const char *name)
{
  static const char trunk[] = "visual.trunk.";
  static const Names usual = NAMES (trunk_names, trunk_block);
  if (g_str_equal (name, "visual.registers"))
    return g_strdup (naming->facebook ? "register_tokens" : "reg_token");
  g_autofree char *inside = name_by (NULL, &usual, "visual.trunk.blocks", name);
  return g_strdup (g_str_has_prefix (inside, trunk) ? inside + strlen (trunk) : inside);
}

static char *
name_trunk (const FewNaming *naming, const char *name)
{
  if (naming->bare)
    return name_bare (naming, name);
  static const Names usual = NAMES (trunk_names, trunk_block);
  static const Names vitamin = NAMES (vitamin_names, vitamin_block);
  return name_by (naming->vitamin ? &vitamin : NULL, &usual, "visual.trunk.blocks", name);
}

static char *
name_dino (const FewNaming *naming, const char *name)
{
  static const Names usual = NAMES (dino_names, dino_block);
  static const Names third = NAMES (dino_3_names, dino_3_block);
  if (naming->dino == FEW_DINO_3)
    return name_by (&third, &usual, "layer", name);
  return name_by (NULL, &usual, "encoder.layer", name);
}

static gboolean
is_of_text (const char *name)
{
  static const char *const outside[] = { "logit_scale", "logit_bias", "input_resolution",
                                         "context_length", "vocab_size" };
  gboolean text = !g_str_has_prefix (name, "visual.");
  for (guint i = 0; i < G_N_ELEMENTS (outside); i++)
    text = text && !g_str_equal (name, outside[i]);
  return text;
}

/* NULL: another's. */
static char *
name_m2m (const char *name)
{
  const char *whole = find_whole (m2m_names, G_N_ELEMENTS (m2m_names), name);
  const char *rest = NULL;
  g_autofree char *layer = split_block (name, &rest);
  g_autofree char *end = layer ? swap_beginning (m2m_block, G_N_ELEMENTS (m2m_block), rest) : NULL;
  if (whole)
    return g_strdup (whole);
  return end ? g_strdup_printf ("text.transformer.layers.%s.%s", layer, end) : NULL;
}

/* NULL: another's. */
static char *
name_bert (const FewNaming *naming, const char *name)
{
  const char *whole = find_whole (bert_names, G_N_ELEMENTS (bert_names), name);
  const char *rest = NULL;
  g_autofree char *layer = split_block (name, &rest);
  g_autofree char *end =
      layer ? swap_beginning (bert_block, G_N_ELEMENTS (bert_block), rest) : NULL;
  if (whole)
    return g_strconcat (naming->bert, whole, NULL);
  return end ? g_strdup_printf ("%sencoder.layer.%s.%s", naming->bert, layer, end) : NULL;
}

/* transformers' towers inside open_clip, with its projection behind them, and BERT inside
 * transformers' own models. NULL: another's. */
static char *
name_transformers_text (const FewNaming *naming, const char *name)
{
  if ((!naming->bert && !naming->m2m) || !is_of_text (name))
    return NULL;
  if (g_str_equal (name, "text_hidden.weight"))
    return g_strdup ("text.proj.0.weight");
  if (g_str_equal (name, "text_head.weight"))
    return g_strdup (naming->two_layers ? "text.proj.2.weight" : "text.proj.weight");
  return naming->bert ? name_bert (naming, name) : name_m2m (name);
}

/* open_clip's text tower, as a model's own or as one of several. */
static char *
name_text (const FewNaming *naming, const char *name)
{
  static const char head[] = "text_head.";
  gboolean prefixed = naming->text_prefix && is_of_text (name);
  g_autofree char *own = g_str_has_prefix (name, head)
                             ? g_strconcat ("text_projection.", name + strlen (head), NULL)
                             : g_strdup (name);
  return prefixed ? g_strconcat ("text.", own, NULL) : g_steal_pointer (&own);
}

/* Of DINOv2 giant's hidden layers; NULL: another's. */
static char *
name_joined (const FewNaming *naming, const char *name)
{
  const char *rest = NULL;
  g_autofree char *layer = naming->joined ? split_block (name, &rest) : NULL;
  const char *blocks = naming->bare ? "blocks" : "encoder.layer";
  const char *kind = layer ? strrchr (rest, '.') : NULL; /* weight or bias */
  gboolean second;
  if (!layer)
    return NULL;
  if (few_file_half (naming, name, &second))
    return g_strconcat (blocks, ".", layer, ".mlp.", naming->joined, kind, NULL);
  if (g_str_has_prefix (rest, "mlp.c_proj."))
    return g_strconcat (blocks, ".", layer, ".mlp.", naming->behind_joined, kind, NULL);
  return NULL;
}

char *
few_file_name (const FewNaming *naming, const char *name, gboolean *transposed)
{
  *transposed = FALSE;
  char *special = name_transformers_text (naming, name);
  if (!special)
    special = name_joined (naming, name);
  if (special)
    return special;
  if (naming->hugging_face)
    return name_hugging_face (name, transposed);
  if (naming->dino != FEW_DINO_NONE)
    return name_dino (naming, name);
  if (naming->trunk && g_str_has_prefix (name, "visual."))
    return name_trunk (naming, name);
  return name_text (naming, name);
}

/* The i-th of queries, keys and values of a block's attention where they are apart; NULL: they are
 * one tensor. A file that has several libraries' names is read by the first. */
static char *
name_third (const FewNaming *naming, gboolean vision, const char *layer, guint i, const char *kind)
{
  const char *letter = (const char *const[]) { "q", "k", "v" }[i];
  const char *word = (const char *const[]) { "query", "key", "value" }[i];
  if (!vision && naming->bert)
    return g_strdup_printf ("%sencoder.layer.%s.attention.self.%s.%s", naming->bert, layer, word,
                            kind);
  if (!vision && naming->m2m)
    return g_strdup_printf ("text.transformer.layers.%s.self_attn.%s_proj.%s", layer, letter, kind);
  if (naming->hugging_face)
    return g_strdup_printf ("%s.encoder.layers.%s.self_attn.%s_proj.%s",
                            vision ? "vision_model" : "text_model", layer, letter, kind);
  if (vision && naming->split)
    return g_strdup_printf ("visual.trunk.blocks.%s.attn.%s_proj.%s", layer, letter, kind);
  if (vision && naming->split_bias && g_str_equal (kind, "bias"))
    return g_strdup_printf ("visual.trunk.blocks.%s.attn.%s_bias", layer, letter);
  if (naming->dino == FEW_DINO_2)
    return g_strdup_printf ("encoder.layer.%s.attention.attention.%s.%s", layer, word, kind);
  if (naming->dino == FEW_DINO_3)
    return g_strdup_printf ("layer.%s.attention.%s_proj.%s", layer, letter, kind);
  return NULL;
}

gboolean
few_file_parts (const FewNaming *naming, const char *name, FewNameParts *parts)
{
  const char *kind = g_str_has_suffix (name, "bias") ? "bias" : "weight";
  gboolean vision = g_str_has_prefix (name, "visual.");
  const char *rest = NULL;
  g_autofree char *layer = split_block (name, &rest);
  *parts = (FewNameParts) { .n = 0 };
  if (naming->trunk && g_str_has_prefix (name, "visual.map.in_proj_"))
    {
      parts->names[parts->n++] = g_strdup_printf ("visual.trunk.attn_pool.q.%s", kind);
      parts->names[parts->n++] = g_strdup_printf ("visual.trunk.attn_pool.kv.%s", kind);
      return TRUE;
    }
  if (!layer || !g_str_has_prefix (rest, "attn.in_proj_"))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (parts->names); i++)
    {
      char *third = name_third (naming, vision, layer, i, kind);
      if (third)
        parts->names[parts->n++] = third;
    }
  return parts->n > 0;
}

gboolean
few_file_half (const FewNaming *naming, const char *name, gboolean *second)
{
  *second = strstr (name, ".mlp.value.") != NULL;
  return naming->joined && (*second || strstr (name, ".mlp.gate."));
}

void
few_name_parts_clear (FewNameParts *parts)
{
  for (guint i = 0; i < parts->n; i++)
    g_free (parts->names[i]);
  parts->n = 0;
}
