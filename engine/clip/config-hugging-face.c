/* SPDX-License-Identifier: MIT */
/* Hugging Face's config.json and preprocessor_config.json. Its CLIP models are ViTs. */
#include "clip/config-reader.h"
#include "base/error.h"
#include "base/json.h"
#include "clip/config-preprocess.h"
#include "clip/tower.h"

static gboolean
read_activation (JsonObject *object, const char *file, FewActivation *activation, const char **bad,
                 GError **error)
{
  const char *name = few_json_string (object, "hidden_act", "quick_gelu", bad);
  if (g_str_equal (name, "quick_gelu"))
    *activation = FEW_ACTIVATION_QUICK_GELU;
  else if (g_str_equal (name, "gelu"))
    *activation = FEW_ACTIVATION_GELU;
  else
    {
      few_fail (error, UNSUPPORTED, "%s asks for the activation “%s”, which Fewshot does not have.",
                file, name);
      return FALSE;
    }
  return TRUE;
}

static gboolean
read_transformer (JsonObject *object, FewTransformerConfig *t, const char *which, const char *path,
                  gint64 width, gint64 mlp, gint64 heads, GError **error)
{
  const char *bad = NULL;
  gint64 w = few_json_int (object, "hidden_size", width, &bad);
  gint64 n = few_json_int (object, "num_hidden_layers", 12, &bad);
  gint64 h = few_json_int (object, "num_attention_heads", heads, &bad);
  gint64 m = few_json_int (object, "intermediate_size", mlp, &bad);
  FewActivation activation = FEW_ACTIVATION_NONE;
  if (!read_activation (object, path, &activation, &bad, error))
    return FALSE;
  double epsilon = few_json_double (object, "layer_norm_eps", 1e-5, &bad);
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
  JsonObject *vision = few_json_object (top, "vision_config", &bad);
  JsonObject *text = few_json_object (top, "text_config", &bad);
  if (!g_str_equal (type, "clip") || !vision || !text)
    {
      few_fail (error, UNSUPPORTED, "%s describes a “%s” model; Fewshot opens CLIP models.", path,
                type);
      return FALSE;
    }
  gint64 embed = few_json_int (top, "projection_dim", 512, &bad);
  gint64 size = few_json_int (vision, "image_size", 224, &bad);
  gint64 patch = few_json_int (vision, "patch_size", 32, &bad);
  gint64 context = few_json_int (text, "max_position_embeddings", 77, &bad);
  gint64 vocabulary = few_json_int (text, "vocab_size", 49408, &bad);
  if (bad)
    {
      few_fail (error, FORMAT, "%s: “%s” has a value of the wrong kind.", path, bad);
      return FALSE;
    }
  if (!few_clip_in_range (embed, 1, FEW_MAX_WIDTH, "projection_dim", path, error)
      || !few_clip_in_range (size, 1, FEW_MAX_IMAGE_SIZE, "image_size", path, error)
      || !few_clip_in_range (patch, 1, size, "patch_size", path, error)
      || !few_clip_in_range (context, 2, FEW_MAX_CONTEXT, "max_position_embeddings", path, error)
      || !few_clip_in_range (vocabulary, 1, FEW_MAX_VOCABULARY, "vocab_size", path, error))
    return FALSE;
  c->embed_dim = (guint) embed;
  c->tower = &few_vit_tower;
  c->image_size = (guint) size;
  c->patch_size = (guint) patch;
  c->context_length = (guint) context;
  c->vocab_size = (guint) vocabulary;
  return read_transformer (vision, &c->vision, "vision", path, 768, 3072, 12, error)
         && read_transformer (text, &c->text, "text", path, 512, 2048, 8, error)
         && few_config_read_image_processor (folder, "CLIPImageProcessor", c->image_size,
                                             &c->preprocess, error);
}
