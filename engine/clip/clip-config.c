/* SPDX-License-Identifier: MIT */
#include "clip/clip-config.h"
#include "base/error.h"
#include "base/json.h"
#include <fewshot/picture.h>
#include <string.h>

/* Members that the engine reads, or that do not change what a finished model computes. Any other
 * must be absent, null, false, empty or the one string that names what the engine does anyway:
 * an unknown setting is refused, not passed over. */
typedef struct
{
  const char *member;
  const char *only; /* NULL: any value */
} Known;

static const Known known_model[] = {
  { "embed_dim", NULL }, { "quick_gelu", NULL },       { "vision_cfg", NULL },
  { "text_cfg", NULL },  { "init_logit_scale", NULL }, { "cast_dtype", NULL },
};
static const Known known_vision[] = {
  { "image_size", NULL },
  { "patch_size", NULL },
  { "width", NULL },
  { "layers", NULL },
  { "head_width", NULL },
  { "mlp_ratio", NULL },
  { "patch_dropout", NULL },
  { "output_tokens", NULL },
  { "pool_type", "tok" },
  { "pos_embed_type", "learnable" },
  { "attn_pooler_queries", NULL },
  { "attn_pooler_heads", NULL },
  { "timm_pool", NULL },
  { "timm_proj", NULL },
  { "timm_drop", NULL },
  { "timm_drop_path", NULL },
  { "timm_model_pretrained", NULL },
};
static const Known known_text[] = {
  { "context_length", NULL },
  { "vocab_size", NULL },
  { "width", NULL },
  { "heads", NULL },
  { "layers", NULL },
  { "mlp_ratio", NULL },
  { "output_tokens", NULL },
  { "pool_type", "argmax" },
  { "proj_type", "linear" },
  { "pad_id", NULL },
  { "hf_proj_type", NULL },
  { "hf_pooler_type", NULL },
  { "hf_model_pretrained", NULL },
};

static gboolean
says_nothing (JsonNode *node)
{
  if (JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (JSON_NODE_HOLDS_OBJECT (node))
    return json_object_get_size (json_node_get_object (node)) == 0;
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_BOOLEAN
         && !json_node_get_boolean (node);
}

static gboolean
all_known (JsonObject *object, const Known *list, guint n, const char *file, GError **error)
{
  JsonObjectIter iter;
  const char *member;
  JsonNode *node;
  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &member, &node))
    {
      gboolean known = says_nothing (node);
      for (guint i = 0; i < n && !known; i++)
        if (g_str_equal (member, list[i].member))
          known =
              !list[i].only
              || (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
                  && g_str_equal (json_node_get_string (node), list[i].only));
      if (!known)
        {
          few_fail (error, UNSUPPORTED, "%s asks for “%s”, which Fewshot does not have.", file,
                    member);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
in_range (gint64 value, gint64 least, gint64 most, const char *what, const char *file,
          GError **error)
{
  if (value >= least && value <= most)
    return TRUE;
  few_fail (error, FORMAT,
            "%s: %s is %" G_GINT64_FORMAT "; it must lie between %" G_GINT64_FORMAT
            " and %" G_GINT64_FORMAT ".",
            file, what, value, least, most);
  return FALSE;
}

static gboolean
check_transformer (FewTransformerConfig *t, const char *which, const char *file, GError **error)
{
  g_autofree char *width = g_strdup_printf ("%s width", which);
  g_autofree char *layers = g_strdup_printf ("%s layers", which);
  g_autofree char *heads = g_strdup_printf ("%s heads", which);
  g_autofree char *mlp = g_strdup_printf ("%s MLP width", which);
  if (!in_range (t->width, 1, FEW_MAX_WIDTH, width, file, error)
      || !in_range (t->layers, 1, FEW_MAX_LAYERS, layers, file, error)
      || !in_range (t->heads, 1, FEW_MAX_HEADS, heads, file, error)
      || !in_range (t->mlp_width, 1, 8 * FEW_MAX_WIDTH, mlp, file, error))
    return FALSE;
  if (t->width % t->heads != 0)
    {
      few_fail (error, FORMAT, "%s: the %s width %u is no multiple of its %u heads.", file, which,
                t->width, t->heads);
      return FALSE;
    }
  t->head_width = t->width / t->heads;
  return TRUE;
}

static void
read_triplet (JsonObject *object, const char *member, double out[3], const char **bad)
{
  JsonArray *array = few_json_array (object, member, bad);
  if (!array)
    return;
  for (guint i = 0; i < 3; i++)
    {
      JsonNode *node =
          json_array_get_length (array) == 3 ? json_array_get_element (array, i) : NULL;
      if (!node || !JSON_NODE_HOLDS_VALUE (node)
          || json_node_get_value_type (node) == G_TYPE_STRING)
        {
          *bad = member;
          return;
        }
      out[i] = json_node_get_double (node);
    }
}

static gboolean
load_open_clip (const char *path, FewClipConfig *c, GError **error)
{
  g_autoptr (JsonNode) root = few_json_load (path, error);
  if (!root)
    return FALSE;
  const char *bad = NULL;
  JsonObject *top = json_node_get_object (root);
  JsonObject *model = few_json_object (top, "model_cfg", &bad);
  JsonObject *preprocess = few_json_object (top, "preprocess_cfg", &bad);
  JsonObject *vision = model ? few_json_object (model, "vision_cfg", &bad) : NULL;
  JsonObject *text = model ? few_json_object (model, "text_cfg", &bad) : NULL;
  if (!vision || !text)
    {
      few_fail (error, FORMAT, "%s lacks model_cfg with vision_cfg and text_cfg.", path);
      return FALSE;
    }
  if (!all_known (model, known_model, G_N_ELEMENTS (known_model), path, error)
      || !all_known (vision, known_vision, G_N_ELEMENTS (known_vision), path, error)
      || !all_known (text, known_text, G_N_ELEMENTS (known_text), path, error))
    return FALSE;
  FewActivation activation = few_json_bool (model, "quick_gelu", FALSE, &bad)
                                 ? FEW_ACTIVATION_QUICK_GELU
                                 : FEW_ACTIVATION_GELU;
  gint64 embed = few_json_int (model, "embed_dim", 0, &bad);
  gint64 size = few_json_int (vision, "image_size", 224, &bad);
  gint64 width = few_json_int (vision, "width", 768, &bad);
  gint64 head = few_json_int (vision, "head_width", 64, &bad);
  gint64 text_width = few_json_int (text, "width", 512, &bad);
  gint64 text_layers = few_json_int (text, "layers", 12, &bad);
  gint64 text_heads = few_json_int (text, "heads", 8, &bad);
  double ratio = few_json_double (vision, "mlp_ratio", 4, &bad);
  double text_ratio = few_json_double (text, "mlp_ratio", 4, &bad);
  gint64 context = few_json_int (text, "context_length", 77, &bad);
  gint64 vocabulary = few_json_int (text, "vocab_size", 49408, &bad);
  if (!in_range (embed, 1, FEW_MAX_WIDTH, "embed_dim", path, error)
      || !in_range (size, 1, FEW_MAX_IMAGE_SIZE, "image_size", path, error)
      || !in_range (width, 1, FEW_MAX_WIDTH, "vision width", path, error)
      || !in_range (head, 1, FEW_MAX_HEAD_WIDTH, "head_width", path, error)
      || !in_range (context, 2, FEW_MAX_CONTEXT, "context_length", path, error)
      || !in_range (vocabulary, 1, FEW_MAX_VOCABULARY, "vocab_size", path, error)
      || !in_range (text_width, 1, FEW_MAX_WIDTH, "text width", path, error)
      || !in_range (text_layers, 1, FEW_MAX_LAYERS, "text layers", path, error)
      || !in_range (text_heads, 1, FEW_MAX_HEADS, "text heads", path, error)
      || !in_range ((gint64) CLAMP (ratio, 0, 64), 1, 16, "mlp_ratio", path, error)
      || !in_range ((gint64) CLAMP (text_ratio, 0, 64), 1, 16, "text mlp_ratio", path, error))
    return FALSE;
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
  JsonNode *layers = json_object_get_member (vision, "layers");
  c->is_resnet = layers && JSON_NODE_HOLDS_ARRAY (layers);
  if (c->is_resnet)
    {
      JsonArray *stages = json_node_get_array (layers);
      for (guint i = 0; i < FEW_RESNET_STAGES; i++)
        {
          gint64 n = json_array_get_length (stages) == FEW_RESNET_STAGES
                         ? json_array_get_int_element (stages, i)
                         : 0;
          if (!in_range (n, 1, FEW_MAX_LAYERS, "vision layers", path, error))
            return FALSE;
          c->resnet_layers[i] = (guint) n;
        }
      c->resnet_width = (guint) width;
      c->resnet_heads = (guint) (width * 32 / head);
      if (width % 2 || size % 32 || c->resnet_heads == 0 || width * 32 % c->resnet_heads
          || width > 512)
        {
          few_fail (error, FORMAT,
                    "%s: a ResNet of width %d, head width %d at %d pixels cannot be built.", path,
                    (int) width, (int) head, (int) size);
          return FALSE;
        }
    }
  else
    {
      gint64 patch = few_json_int (vision, "patch_size", 32, &bad);
      gint64 n = few_json_int (vision, "layers", 12, &bad);
      if (!in_range (patch, 1, size, "patch_size", path, error)
          || !in_range (n, 1, FEW_MAX_LAYERS, "vision layers", path, error))
        return FALSE;
      c->patch_size = (guint) patch;
      c->vision = (FewTransformerConfig) { .width = (guint) width,
                                           .layers = (guint) n,
                                           .heads = (guint) (width / head),
                                           .mlp_width = (guint) (ratio * (double) width),
                                           .activation = activation,
                                           .ln_epsilon = 1e-5f };
    }
  if (preprocess)
    {
      const char *mode = few_json_string (preprocess, "resize_mode", "shortest", &bad);
      const char *interpolation = few_json_string (preprocess, "interpolation", "bicubic", &bad);
      if (!g_str_equal (mode, "shortest") || !g_str_equal (interpolation, "bicubic"))
        {
          few_fail (
              error, UNSUPPORTED,
              "%s asks for resize_mode “%s” with “%s” interpolation, which Fewshot does not have.",
              path, mode, interpolation);
          return FALSE;
        }
      read_triplet (preprocess, "mean", c->preprocess.mean, &bad);
      read_triplet (preprocess, "std", c->preprocess.std, &bad);
    }
  if (bad)
    few_fail (error, FORMAT, "%s: “%s” has a value of the wrong kind.", path, bad);
  return bad == NULL;
}

static gboolean
hf_activation (JsonObject *object, const char *file, FewActivation *activation, const char **bad,
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
hf_transformer (JsonObject *object, FewTransformerConfig *t, const char *which, const char *path,
                gint64 width, gint64 mlp, gint64 heads, GError **error)
{
  const char *bad = NULL;
  gint64 w = few_json_int (object, "hidden_size", width, &bad);
  gint64 n = few_json_int (object, "num_hidden_layers", 12, &bad);
  gint64 h = few_json_int (object, "num_attention_heads", heads, &bad);
  gint64 m = few_json_int (object, "intermediate_size", mlp, &bad);
  FewActivation activation = FEW_ACTIVATION_NONE;
  if (!hf_activation (object, path, &activation, &bad, error))
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
  return check_transformer (t, which, path, error);
}

static gboolean
load_hf_preprocess (const char *folder, FewClipConfig *c, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "preprocessor_config.json", NULL);
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  g_autoptr (JsonNode) root = few_json_load (path, error);
  if (!root)
    return FALSE;
  const char *bad = NULL;
  JsonObject *top = json_node_get_object (root);
  read_triplet (top, "image_mean", c->preprocess.mean, &bad);
  read_triplet (top, "image_std", c->preprocess.std, &bad);
  if (bad)
    few_fail (error, FORMAT, "%s: “%s” has a value of the wrong kind.", path, bad);
  else if (few_json_int (top, "resample", 3, NULL) != 3)
    {
      few_fail (error, UNSUPPORTED, "%s asks for an interpolation other than bicubic.", path);
      bad = "resample";
    }
  return bad == NULL;
}

static gboolean
load_hf (const char *folder, const char *path, FewClipConfig *c, GError **error)
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
  if (!in_range (embed, 1, FEW_MAX_WIDTH, "projection_dim", path, error)
      || !in_range (size, 1, FEW_MAX_IMAGE_SIZE, "image_size", path, error)
      || !in_range (patch, 1, size, "patch_size", path, error)
      || !in_range (context, 2, FEW_MAX_CONTEXT, "max_position_embeddings", path, error)
      || !in_range (vocabulary, 1, FEW_MAX_VOCABULARY, "vocab_size", path, error))
    return FALSE;
  c->embed_dim = (guint) embed;
  c->image_size = (guint) size;
  c->patch_size = (guint) patch;
  c->context_length = (guint) context;
  c->vocab_size = (guint) vocabulary;
  return hf_transformer (vision, &c->vision, "vision", path, 768, 3072, 12, error)
         && hf_transformer (text, &c->text, "text", path, 512, 2048, 8, error)
         && load_hf_preprocess (folder, c, error);
}

const FewPreprocess few_clip_preprocess = { .mean = { 0.48145466, 0.4578275, 0.40821073 },
                                            .std = { 0.26862954, 0.26130258, 0.27577711 } };

gboolean
few_clip_config_finish (FewClipConfig *c, const char *path, GError **error)
{
  if (!check_transformer (&c->text, "text", path, error)
      || (!c->is_resnet && !check_transformer (&c->vision, "vision", path, error)))
    return FALSE;
  guint grid = c->is_resnet ? 1 : c->image_size / c->patch_size;
  if (!in_range ((gint64) grid * grid + 1, 2, FEW_MAX_TOKENS, "the number of patches", path, error))
    return FALSE;
  for (int i = 0; i < 3; i++)
    if (!(c->preprocess.std[i] > 1e-6))
      {
        few_fail (error, FORMAT, "%s: a standard deviation of the preprocessing is not positive.",
                  path);
        return FALSE;
      }
  c->preprocess.size = c->image_size;
  return TRUE;
}

static char *
config_path (const char *folder, gboolean *open_clip)
{
  g_autofree char *first = g_build_filename (folder, "open_clip_config.json", NULL);
  g_autofree char *second = g_build_filename (folder, "config.json", NULL);
  *open_clip = g_file_test (first, G_FILE_TEST_EXISTS);
  if (*open_clip)
    return g_steal_pointer (&first);
  return g_file_test (second, G_FILE_TEST_EXISTS) ? g_steal_pointer (&second) : NULL;
}

gboolean
few_clip_config_exists (const char *folder)
{
  gboolean open_clip;
  g_autofree char *path = config_path (folder, &open_clip);
  return path != NULL;
}

gboolean
few_clip_config_load (const char *folder, FewClipConfig *c, GError **error)
{
  gboolean open_clip;
  g_autofree char *path = config_path (folder, &open_clip);
  *c = (FewClipConfig) { .preprocess = few_clip_preprocess };
  if (!path)
    {
      few_fail (error, INPUT, "%s holds no model: open_clip_config.json or config.json is missing.",
                folder);
      return FALSE;
    }
  return (open_clip ? load_open_clip (path, c, error) : load_hf (folder, path, c, error))
         && few_clip_config_finish (c, path, error);
}
