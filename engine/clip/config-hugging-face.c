/* SPDX-License-Identifier: MIT */
/* Hugging Face's config.json and preprocessor_config.json. Its CLIP models are ViTs. */
#include "clip/config-reader.h"
#include "base/error.h"
#include "base/json.h"
#include "base/words.h"
#include "clip/config-preprocess.h"
#include "clip/tower.h"

static gboolean
read_activation (JsonObject *object, const char *usual, const char *file, FewActivation *activation,
                 const char **bad, GError **error)
{
  const char *name = few_json_string (object, "hidden_act", usual, bad);
  if (g_str_equal (name, "quick_gelu"))
    *activation = FEW_ACTIVATION_QUICK_GELU;
  else if (g_str_equal (name, "gelu"))
    *activation = FEW_ACTIVATION_GELU;
  else if (g_str_equal (name, "gelu_pytorch_tanh"))
    *activation = FEW_ACTIVATION_TANH_GELU;
  else
    {
      few_fail (error, UNSUPPORTED, "%s asks for the activation “%s”, which Fewshot does not have.",
                file, name);
      return FALSE;
    }
  return TRUE;
}

/* What a kind of model has where its config says nothing. */
typedef struct
{
  const char *type, *processor, *activation;
  double epsilon;
  gint64 embed, text_width, text_mlp, text_heads, patch, context, vocabulary;
  gboolean siglip, bert;
} Kind;

static const Kind kinds[] = {
  { "clip", "CLIPImageProcessor", "quick_gelu", 1e-5, 512, 512, 2048, 8, 32, 77, 49408, FALSE,
    FALSE },
  { "metaclip_2", "CLIPImageProcessor", "quick_gelu", 1e-5, 512, 512, 2048, 8, 32, 77, 49408, FALSE,
    FALSE },
  { "siglip", "SiglipImageProcessor", "gelu_pytorch_tanh", 1e-6, 768, 768, 3072, 12, 16, 64, 32000,
    TRUE, FALSE },
  { "chinese_clip", "ChineseCLIPImageProcessor", "quick_gelu", 1e-5, 512, 768, 3072, 12, 32, 512,
    30522, FALSE, TRUE },
};

/* What a tower of a kind has where its config says nothing. */
static const char *
usual_activation (const Kind *kind, gboolean text)
{
  return kind->bert && text ? "gelu" : kind->activation;
}

static double
usual_epsilon (const Kind *kind, gboolean text)
{
  return kind->bert && text ? 1e-12 : kind->epsilon;
}

static gboolean
read_transformer (JsonObject *object, FewTransformerConfig *t, const char *which, const char *path,
                  const Kind *kind, gint64 width, gint64 mlp, gint64 heads, GError **error)
{
  const char *bad = NULL;
  gint64 w = few_json_int (object, "hidden_size", width, &bad);
  gint64 n = few_json_int (object, "num_hidden_layers", 12, &bad);
  gint64 h = few_json_int (object, "num_attention_heads", heads, &bad);
  gint64 m = few_json_int (object, "intermediate_size", mlp, &bad);
  FewActivation activation = FEW_ACTIVATION_NONE;
  gboolean text = g_str_equal (which, "text");
  if (!read_activation (object, usual_activation (kind, text), path, &activation, &bad, error))
    return FALSE;
  double epsilon = few_json_double (object, "layer_norm_eps", usual_epsilon (kind, text), &bad);
  if (bad)
    {
      few_fail (error, FORMAT, "%s: “%s” has a value of the wrong kind.", path, bad);
      return FALSE;
    }
  *t = (FewTransformerConfig) { .width = (guint) CLAMP (w, 0, G_MAXINT),
                                .layers = (guint) CLAMP (n, 0, G_MAXINT),
                                .heads = (guint) CLAMP (h, 0, G_MAXINT),
                                .mlp_width = (guint) CLAMP (m, 0, G_MAXINT),
                                .activation = activation,
                                .ln_epsilon = (float) epsilon };
  return few_clip_check_transformer (t, which, path, error);
}

/* SigLIP's: no class token, a pool with a query; texts see all of themselves and end anyhow. */
static gboolean
read_siglip (JsonObject *vision, JsonObject *text, FewClipConfig *c, const char *path,
             GError **error)
{
  const char *bad = NULL;
  if (!few_json_bool (vision, "vision_use_head", TRUE, &bad))
    {
      few_fail (error, UNSUPPORTED,
                "%s asks for no “vision_use_head”, which Fewshot does not have.", path);
      return FALSE;
    }
  gint64 projection = few_json_int (text, "projection_size", c->text.width, &bad);
  if (bad)
    {
      few_fail (error, FORMAT, "%s: “%s” has a value of the wrong kind.", path, bad);
      return FALSE;
    }
  if (!few_clip_in_range (projection, c->vision.width, c->vision.width, "projection_size", path,
                          error))
    return FALSE;
  c->embed_dim = c->vision.width;
  c->tower = &few_trunk_tower;
  c->vit = (FewVitStyle) { .class_token = FEW_CLASS_NONE,
                           .pool = FEW_POOL_MAP,
                           .projection = FEW_PROJECTION_NONE,
                           .map_heads = c->vision.heads,
                           .map_mlp_width = c->vision.mlp_width,
                           .patch_bias = TRUE,
                           .no_ln_pre = TRUE };
  c->text_style = (FewTextStyle) { .sees_all = TRUE,
                                   .pool = FEW_TEXT_LAST,
                                   .projection = FEW_PROJECTION_LINEAR };
  return TRUE;
}

/* CLIP's text ends at its largest id where eos_token_id is 2, an old mistake that transformers
 * keeps for CLIP; otherwise at the first of that id. */
static gboolean
read_end (JsonObject *text, const Kind *kind, FewClipConfig *c, const char *path, GError **error)
{
  const char *bad = NULL;
  gint64 end = few_json_int (text, "eos_token_id", kind == &kinds[0] ? 49407 : 2, &bad);
  if (bad)
    few_fail (error, FORMAT, "%s: “%s” has a value of the wrong kind.", path, bad);
  if (bad || !few_clip_in_range (end, 0, FEW_MAX_VOCABULARY, "eos_token_id", path, error))
    return FALSE;
  if (kind != &kinds[0])
    c->text_style = (FewTextStyle) { .pool = FEW_TEXT_FIRST_END, .end_id = (guint) end };
  return TRUE;
}

/* Chinese-CLIP's BERT, whose first token is the text. */
static gboolean
read_chinese (JsonObject *text, FewClipConfig *c, const char *path, GError **error)
{
  const char *bad = NULL;
  const char *positions = few_json_string (text, "position_embedding_type", "absolute", &bad);
  if (bad)
    few_fail (error, FORMAT, "%s: “%s” has a value of the wrong kind.", path, bad);
  else if (!g_str_equal (positions, "absolute"))
    few_fail (error, UNSUPPORTED,
              "%s asks for the “position_embedding_type” “%s”, which Fewshot does not have.", path,
              positions);
  c->text.norms = FEW_NORM_LAST;
  c->text_style = (FewTextStyle) { .kind = FEW_TEXT_BERT, .pool = FEW_TEXT_FIRST };
  return !bad && g_str_equal (positions, "absolute");
}

static const Kind *
find_kind (const char *type)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (type, kinds[i].type))
      return &kinds[i];
  return NULL;
}

/* Sizes of both towers. */
static gboolean
read_sizes (JsonObject *top, JsonObject *vision, JsonObject *text, const Kind *kind,
            FewClipConfig *c, const char *path, GError **error)
{
  const char *bad = NULL;
  gint64 embed = few_json_int (top, "projection_dim", kind->embed, &bad);
  gint64 size = few_json_int (vision, "image_size", 224, &bad);
  gint64 patch = few_json_int (vision, "patch_size", kind->patch, &bad);
  gint64 channels = few_json_int (vision, "num_channels", 3, &bad);
  gint64 context = few_json_int (text, "max_position_embeddings", kind->context, &bad);
  gint64 vocabulary = few_json_int (text, "vocab_size", kind->vocabulary, &bad);
  if (bad)
    {
      few_fail (error, FORMAT, "%s: “%s” has a value of the wrong kind.", path, bad);
      return FALSE;
    }
  if (!few_clip_in_range (embed, 1, FEW_MAX_WIDTH, "projection_dim", path, error)
      || !few_clip_in_range (size, 1, FEW_MAX_IMAGE_SIZE, "image_size", path, error)
      || !few_clip_in_range (patch, 1, size, "patch_size", path, error)
      || !few_clip_in_range (channels, 3, 3, "num_channels", path, error)
      || !few_clip_in_range (context, 2, FEW_MAX_CONTEXT, "max_position_embeddings", path, error)
      || !few_clip_in_range (vocabulary, 1, FEW_MAX_VOCABULARY, "vocab_size", path, error))
    return FALSE;
  c->embed_dim = (guint) embed;
  c->tower = &few_vit_tower;
  c->image_size = (guint) size;
  c->patch_size = (guint) patch;
  c->context_length = (guint) context;
  c->vocab_size = (guint) vocabulary;
  return read_transformer (vision, &c->vision, "vision", path, kind, 768, 3072, 12, error)
         && read_transformer (text, &c->text, "text", path, kind, kind->text_width, kind->text_mlp,
                              kind->text_heads, error);
}

/* What a kind's towers do otherwise than CLIP's. */
static gboolean
read_style (JsonObject *vision, JsonObject *text, const Kind *kind, FewClipConfig *c,
            const char *path, GError **error)
{
  if (kind->siglip)
    return read_siglip (vision, text, c, path, error);
  return kind->bert ? read_chinese (text, c, path, error) : read_end (text, kind, c, path, error);
}

/* What else people download, and what it is. */
static const struct
{
  const char *type, *what;
} others[] = {
  { "align", N_ ("an image and text model on EfficientNet") },
  { "altclip", N_ ("a CLIP with a text tower of XLM-RoBERTa and a layer of its own") },
  { "bert", N_ ("a language model without an image tower") },
  { "blip", N_ ("a model that writes captions") },
  { "blip-2", N_ ("a model that writes captions") },
  { "clap", N_ ("a model of sounds") },
  { "clipseg", N_ ("a CLIP that outlines objects") },
  { "convnext", N_ ("a network that was trained on ImageNet's classes") },
  { "flava", N_ ("an image and text model with a third tower for both") },
  { "florence2", N_ ("a model that writes about pictures") },
  { "groupvit", N_ ("a model that outlines objects") },
  { "llava", N_ ("a model that talks about pictures") },
  { "mt5", N_ ("a language model without an image tower") },
  { "owlv2", N_ ("a model that finds objects") },
  { "owlvit", N_ ("a model that finds objects") },
  { "resnet", N_ ("a network that was trained on ImageNet's classes") },
  { "roberta", N_ ("a language model without an image tower") },
  { "siglip2", N_ ("SigLIP 2 for pictures of any shape (NaFlex); its models of one size open") },
  { "swin", N_ ("a network that was trained on ImageNet's classes") },
  { "vit", N_ ("a network that was trained on ImageNet's classes") },
  { "xlm-roberta", N_ ("a language model without an image tower") },
};

/* `known`: a kind that opens, but its towers are missing. */
static void
refuse_kind (const char *type, gboolean known, const char *path, GError **error)
{
  const char *opens = _ ("Fewshot opens clip, metaclip_2, siglip, chinese_clip, dinov2, "
                         "dinov2_with_registers and dinov3_vit.");
  const char *what = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (others) && !what; i++)
    if (g_str_equal (type, others[i].type))
      what = others[i].what;
  if (known)
    few_fail (error, FORMAT, "%s lacks vision_config or text_config of its “%s” model.", path,
              type);
  else if (what)
    few_fail (error, UNSUPPORTED, "%s describes “%s”, %s. %s", path, type, _ (what), opens);
  else
    few_fail (error, UNSUPPORTED, "%s describes a “%s” model. %s", path, type, opens);
}

gboolean
few_config_read_hugging_face (const char *folder, const char *path, FewClipConfig *c,
                              GError **error)
{
  g_autoptr (JsonNode) root = few_json_load (path, error);
  if (!root)
    return FALSE;
  const char *bad = NULL;
  JsonObject *top = json_node_get_object (root);
  const char *type = few_json_string (top, "model_type", "", &bad);
  if (few_config_is_dino (type))
    return few_config_read_dino (top, folder, path, c, error);
  if (few_config_is_timm (top))
    return few_config_read_timm (top, path, c, error);
  JsonObject *vision = few_json_object (top, "vision_config", &bad);
  JsonObject *text = few_json_object (top, "text_config", &bad);
  const Kind *kind = find_kind (type);
  if (!kind || !vision || !text)
    {
      refuse_kind (type, kind != NULL, path, error);
      return FALSE;
    }
  return read_sizes (top, vision, text, kind, c, path, error)
         && read_style (vision, text, kind, c, path, error)
         && few_config_read_image_processor (folder, kind->processor, c->image_size, &c->preprocess,
                                             error);
}
