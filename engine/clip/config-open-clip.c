/* SPDX-License-Identifier: MIT */
/* open_clip_config.json. */
#include "clip/config-reader.h"
#include "base/error.h"
#include "base/json.h"
#include "clip/config-known.h"
#include "clip/config-preprocess.h"
#include "clip/towers.h"

static const FewKnown known_model[] = {
  { "embed_dim", NULL },   { "quick_gelu", NULL },       { "vision_cfg", NULL },
  { "text_cfg", NULL },    { "init_logit_scale", NULL }, { "cast_dtype", NULL },
  { "custom_text", NULL }, { "init_logit_bias", NULL }, /* the weights tell */
};
static const FewKnown known_vision[] = {
  { "image_size", NULL },
  { "patch_size", NULL },
  { "width", NULL },
  { "layers", NULL },
  { "head_width", NULL },
  { "mlp_ratio", NULL },
  { "patch_dropout", NULL },
  { "output_tokens", NULL },
  { "pool_type", NULL },
  { "no_ln_pre", NULL },
  { "final_ln_after_pool", NULL },
  { "ls_init_value", NULL },
  { "timm_model_name", NULL },
  { "pos_embed_type", "learnable" },
  { "attn_pooler_queries", NULL },
  { "attn_pooler_heads", NULL },
  { "timm_pool", NULL },
  { "timm_proj", NULL },
  { "timm_drop", NULL },
  { "timm_drop_path", NULL },
  { "timm_model_pretrained", NULL },
};
static const FewKnown known_text[] = {
  { "context_length", NULL },
  { "vocab_size", NULL },
  { "width", NULL },
  { "heads", NULL },
  { "layers", NULL },
  { "mlp_ratio", NULL },
  { "output_tokens", NULL },
  { "pool_type", NULL },
  { "eos_id", NULL },
  { "proj_type", NULL },
  { "proj_bias", NULL },
  { "no_causal_mask", NULL },
  { "norm_kwargs", NULL },
  { "act_kwargs", NULL },
  { "pad_id", NULL },
  { "hf_model_name", NULL },
  { "hf_proj_type", NULL },
  { "hf_pooler_type", NULL },
  { "hf_model_pretrained", NULL },
  { "hf_tokenizer_name", NULL }, /* text/tokenizer-folder.c reads these three */
  { "tokenizer_kwargs", NULL },
  { "tokenizer_mode", NULL },
};

/* The parts of the file; the preprocessing may be NULL. */
typedef struct
{
  JsonObject *model, *vision, *text, *preprocess;
} Parts;

static gboolean
find_parts (JsonNode *root, Parts *parts, const char *path, const char **bad, GError **error)
{
  JsonObject *top = json_node_get_object (root);
  JsonObject *model = few_json_object (top, "model_cfg", bad);
  *parts = (Parts) { .model = model, .preprocess = few_json_object (top, "preprocess_cfg", bad) };
  if (model)
    {
      parts->vision = few_json_object (model, "vision_cfg", bad);
      parts->text = few_json_object (model, "text_cfg", bad);
    }
  if (!parts->vision || !parts->text)
    {
      few_fail (error, FORMAT, "%s lacks model_cfg with vision_cfg and text_cfg.", path);
      return FALSE;
    }
  if (json_object_has_member (model, "multimodal_cfg"))
    {
      few_fail (error, UNSUPPORTED,
                "%s describes CoCa (“multimodal_cfg”), a model that writes captions, which Fewshot "
                "does not have.",
                path);
      return FALSE;
    }
  return few_config_check_known (model, known_model, G_N_ELEMENTS (known_model), path, error)
         && few_config_check_known (parts->vision, known_vision, G_N_ELEMENTS (known_vision), path,
                                    error)
         && few_config_check_known (parts->text, known_text, G_N_ELEMENTS (known_text), path,
                                    error);
}

/* {"eps": …} and {"approximate": …}, of the text tower. */
static gboolean
read_text_kinds (JsonObject *text, gboolean quick, FewTransformerConfig *t, const char *path,
                 const char **bad, GError **error)
{
  static const FewKnown norm_known[] = { { "eps", NULL } };
  static const FewKnown act_known[] = { { "approximate", NULL } };
  JsonObject *norm = few_json_object (text, "norm_kwargs", bad);
  JsonObject *act = few_json_object (text, "act_kwargs", bad);
  if ((norm && !few_config_check_known (norm, norm_known, G_N_ELEMENTS (norm_known), path, error))
      || (act && !few_config_check_known (act, act_known, G_N_ELEMENTS (act_known), path, error)))
    return FALSE;
  double epsilon = norm ? few_json_double (norm, "eps", 1e-5, bad) : 1e-5;
  const char *approximate = act ? few_json_string (act, "approximate", "none", bad) : "none";
  gboolean tanh = g_str_equal (approximate, "tanh");
  if (!(epsilon > 0 && epsilon < 1) || (!tanh && !g_str_equal (approximate, "none"))
      || (tanh && quick))
    {
      few_fail (error, UNSUPPORTED,
                "%s: “norm_kwargs” or “act_kwargs” of the text tower are none that Fewshot has.",
                path);
      return FALSE;
    }
  t->ln_epsilon = (float) epsilon;
  if (tanh)
    t->activation = FEW_ACTIVATION_TANH_GELU;
  return TRUE;
}

static gboolean
read_text_style (JsonObject *text, gboolean quick, FewClipConfig *c, const char *path,
                 const char **bad, GError **error)
{
  static const char *const pools[] = {
    [FEW_TEXT_LARGEST] = "argmax", [FEW_TEXT_LAST] = "last", [FEW_TEXT_FIRST_END] = "eos"
  };
  FewTextStyle *style = &c->text_style;
  const char *pool = few_json_string (text, "pool_type", "argmax", bad);
  const char *projection = few_json_string (text, "proj_type", "linear", bad);
  gboolean biased = few_json_bool (text, "proj_bias", FALSE, bad);
  gint64 end = few_json_int (text, "eos_id", 2, bad);
  guint kind = 0;
  while (kind < G_N_ELEMENTS (pools) && !g_str_equal (pool, pools[kind]))
    kind++;
  gboolean none = g_str_equal (projection, "none");
  if (kind == G_N_ELEMENTS (pools) || (!none && !g_str_equal (projection, "linear")))
    {
      few_fail (error, UNSUPPORTED,
                "%s asks for the text's pool_type “%s” and proj_type “%s”, which Fewshot does not "
                "have.",
                path, pool, projection);
      return FALSE;
    }
  if (!few_clip_in_range (end, 0, FEW_MAX_VOCABULARY, "eos_id", path, error)
      || (none
          && !few_clip_in_range (c->text.width, c->embed_dim, c->embed_dim, "text width", path,
                                 error)))
    return FALSE;
  style->sees_all = few_json_bool (text, "no_causal_mask", FALSE, bad);
  style->pool = (FewTextPool) kind;
  style->end_id = style->pool == FEW_TEXT_FIRST_END ? (guint) end : 0;
  style->projection = biased ? FEW_PROJECTION_LINEAR : FEW_PROJECTION_PARAMETER;
  if (none)
    style->projection = FEW_PROJECTION_NONE;
  return read_text_kinds (text, quick, &c->text, path, bad, error);
}

enum { TEXT_HEAD = 64 }; /* width of a head of these, whatever the size */

/* Text towers of transformers by the repositories that configs name. Their sizes are left to the
 * weights. */
typedef struct
{
  const char *name;
  FewTextKind kind;
  double epsilon;
  guint first_position;
} NamedText;

static const NamedText named_texts[] = {
  { "bert-base-uncased", FEW_TEXT_BERT, 1e-12, 0 },
  { "google-bert/bert-base-uncased", FEW_TEXT_BERT, 1e-12, 0 },
  { "microsoft/BiomedNLP-BiomedBERT-base-uncased-abstract", FEW_TEXT_BERT, 1e-12, 0 },
  { "microsoft/BiomedNLP-BiomedBERT-base-uncased-abstract-fulltext", FEW_TEXT_BERT, 1e-12, 0 },
  { "microsoft/BiomedNLP-PubMedBERT-base-uncased-abstract", FEW_TEXT_BERT, 1e-12, 0 },
  { "microsoft/BiomedNLP-PubMedBERT-base-uncased-abstract-fulltext", FEW_TEXT_BERT, 1e-12, 0 },
  { "xlm-roberta-base", FEW_TEXT_BERT, 1e-5, 2 },
  { "FacebookAI/xlm-roberta-base", FEW_TEXT_BERT, 1e-5, 2 },
  { "xlm-roberta-large", FEW_TEXT_BERT, 1e-5, 2 },
  { "FacebookAI/xlm-roberta-large", FEW_TEXT_BERT, 1e-5, 2 },
  { "facebook/nllb-200-distilled-600M", FEW_TEXT_M2M, 1e-5, 2 },
  { "facebook/nllb-200-distilled-1.3B", FEW_TEXT_M2M, 1e-5, 2 },
};

/* What stands behind one: which of its tokens count, and the way to the features. NLLB's has no
 * layer for its first token, which “cls_pooler” would take. */
static gboolean
read_named_style (JsonObject *text, FewTextStyle *style, const char *path, const char **bad,
                  GError **error)
{
  const char *pool = few_json_string (text, "hf_pooler_type", "mean_pooler", bad);
  const char *projection = few_json_string (text, "hf_proj_type", "mlp", bad);
  gboolean mean = g_str_equal (pool, "mean_pooler");
  gboolean mlp = g_str_equal (projection, "mlp");
  gboolean first = g_str_equal (pool, "cls_last_hidden_state_pooler")
                   || (style->kind == FEW_TEXT_M2M && g_str_equal (pool, "cls_pooler"));
  style->pool = mean ? FEW_TEXT_MEAN : FEW_TEXT_FIRST;
  style->projection = mlp ? FEW_PROJECTION_MLP : FEW_PROJECTION_BARE;
  if ((mean || first) && (mlp || g_str_equal (projection, "linear")))
    return TRUE;
  few_fail (error, UNSUPPORTED,
            "%s asks for the text's hf_pooler_type “%s” and hf_proj_type “%s”, which Fewshot does "
            "not have.",
            path, pool, projection);
  return FALSE;
}

static gboolean
read_named_text (JsonObject *text, FewClipConfig *c, const char *path, const char **bad,
                 GError **error)
{
  const char *name = few_json_string (text, "hf_model_name", "", bad);
  for (guint i = 0; i < G_N_ELEMENTS (named_texts); i++)
    {
      const NamedText *named = &named_texts[i];
      gboolean bert = named->kind == FEW_TEXT_BERT;
      if (!g_str_equal (name, named->name))
        continue;
      c->text.ln_epsilon = (float) named->epsilon;
      c->text.activation = bert ? FEW_ACTIVATION_GELU : FEW_ACTIVATION_RELU;
      c->text.norms = bert ? FEW_NORM_LAST : FEW_NORM_FIRST;
      c->text.width = TEXT_HEAD * c->text.heads; /* until the weights are measured */
      c->text_style =
          (FewTextStyle) { .kind = named->kind, .first_position = named->first_position };
      return read_named_style (text, &c->text_style, path, bad, error);
    }
  few_fail (error, UNSUPPORTED,
            "%s asks for the text tower “%s” (hf_model_name), which Fewshot does not have.", path,
            name);
  return FALSE;
}

/* The text tower, and what image towers of every family have. */
static gboolean
read_sizes (const Parts *parts, FewClipConfig *c, FewVisionFields *fields, const char *path,
            const char **bad, GError **error)
{
  JsonObject *vision = parts->vision;
  JsonObject *text = parts->text;
  gboolean quick = few_json_bool (parts->model, "quick_gelu", FALSE, bad);
  gint64 embed = few_json_int (parts->model, "embed_dim", 0, bad);
  gint64 size = few_json_int (vision, "image_size", 224, bad);
  gint64 width = few_json_int (vision, "width", 768, bad);
  gint64 head = few_json_int (vision, "head_width", 64, bad);
  gint64 text_width = few_json_int (text, "width", 512, bad);
  gint64 text_layers = few_json_int (text, "layers", 12, bad);
  gint64 text_heads = few_json_int (text, "heads", 8, bad);
  double ratio = few_json_double (vision, "mlp_ratio", 4, bad);
  double text_ratio = few_json_double (text, "mlp_ratio", 4, bad);
  gint64 context = few_json_int (text, "context_length", 77, bad);
  gint64 vocabulary = few_json_int (text, "vocab_size", 49408, bad);
  const struct
  {
    gint64 value, least, most;
    const char *what;
  } ranges[] = {
    { embed, 1, FEW_MAX_WIDTH, "embed_dim" },
    { size, 1, FEW_MAX_IMAGE_SIZE, "image_size" },
    { width, 1, FEW_MAX_WIDTH, "vision width" },
    { head, 1, FEW_MAX_HEAD_WIDTH, "head_width" },
    { context, 2, FEW_MAX_CONTEXT, "context_length" },
    { vocabulary, 1, FEW_MAX_VOCABULARY, "vocab_size" },
    { text_width, 1, FEW_MAX_WIDTH, "text width" },
    { text_layers, 1, FEW_MAX_LAYERS, "text layers" },
    { text_heads, 1, FEW_MAX_HEADS, "text heads" },
    { (gint64) CLAMP (ratio, 0, 64), 1, 16, "mlp_ratio" },
    { (gint64) CLAMP (text_ratio, 0, 64), 1, 16, "text mlp_ratio" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (ranges); i++)
    if (!few_clip_in_range (ranges[i].value, ranges[i].least, ranges[i].most, ranges[i].what, path,
                            error))
      return FALSE;
  FewActivation activation = quick ? FEW_ACTIVATION_QUICK_GELU : FEW_ACTIVATION_GELU;
  c->embed_dim = (guint) embed;
  c->image_size = (guint) size;
  c->context_length = (guint) context;
  c->vocab_size = (guint) vocabulary;
  c->text = (FewTransformerConfig) { .width = (guint) text_width,
                                     .layers = (guint) text_layers,
                                     .heads = (guint) text_heads,
                                     .mlp_width = (guint) (text_ratio * (double) text_width),
                                     .activation = activation,
                                     .ln_epsilon = 1e-5f };
  gboolean named = few_json_string (text, "hf_model_name", NULL, bad) != NULL;
  if (!(named ? read_named_text (text, c, path, bad, error)
              : read_text_style (text, quick, c, path, bad, error)))
    return FALSE;
  *fields =
      (FewVisionFields) { vision, (guint) size, (guint) width, (guint) head, ratio, activation };
  return TRUE;
}

gboolean
few_config_read_open_clip (const char *path, FewClipConfig *config, GError **error)
{
  g_autoptr (JsonNode) root = few_json_load (path, error);
  const char *bad = NULL;
  Parts parts;
  FewVisionFields fields;
  if (!root || !find_parts (root, &parts, path, &bad, error)
      || !read_sizes (&parts, config, &fields, path, &bad, error))
    return FALSE;
  config->tower = few_tower_for_open_clip (parts.vision);
  if (!config->tower)
    {
      few_fail (error, UNSUPPORTED,
                "%s asks for the “timm_model_name” “%s”, which Fewshot does not have.", path,
                few_json_string (parts.vision, "timm_model_name", "", NULL));
      return FALSE;
    }
  if (!config->tower->read_open_clip (config, &fields, path, &bad, error)
      || (parts.preprocess
          && !few_config_read_preprocess (parts.preprocess, &config->preprocess, path, &bad,
                                          error)))
    return FALSE;
  if (bad)
    few_fail (error, FORMAT, "%s: “%s” has a value of the wrong kind.", path, bad);
  return bad == NULL;
}
