/* SPDX-License-Identifier: MIT */
/* DINOv2 and DINOv3 of transformers: vision transformers that learned from pictures alone, which
 * read no texts. What their configs say, and the tower. */
#include "base/error.h"
#include "base/json.h"
#include "clip/config-preprocess.h"
#include "clip/config-reader.h"
#include "clip/tower.h"
#include "clip/vit.h"

/* What a kind has where its config says nothing. */
typedef struct
{
  const char *type, *processor;
  gint64 width, mlp_width, heads, patch, registers;
  double epsilon;
  gboolean rotary; /* DINOv3 */
} Kind;

static const Kind kinds[] = {
  { "dinov2", "BitImageProcessor", 768, 0, 12, 14, 0, 1e-6, FALSE },
  { "dinov2_with_registers", "BitImageProcessor", 768, 0, 12, 16, 4, 1e-6, FALSE },
  { "dinov3_vit", "DINOv3ViTImageProcessor", 384, 1536, 6, 16, 0, 1e-5, TRUE },
};

static const Kind *
find_kind (const char *type)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (type, kinds[i].type))
      return &kinds[i];
  return NULL;
}

gboolean
few_config_is_dino (const char *type)
{
  return find_kind (type) != NULL;
}

/* Switches that all published models have as they are here. */
static gboolean
check_switches (JsonObject *top, const char *path, const char **bad, GError **error)
{
  static const struct
  {
    const char *name;
    gboolean has;
  } switches[] = { { "qkv_bias", TRUE },
                   { "query_bias", TRUE },
                   { "value_bias", TRUE },
                   { "proj_bias", TRUE },
                   { "mlp_bias", TRUE } };
  for (guint i = 0; i < G_N_ELEMENTS (switches); i++)
    if (few_json_bool (top, switches[i].name, switches[i].has, bad) != switches[i].has)
      {
        few_fail (error, UNSUPPORTED, "%s asks for “%s” %s, which Fewshot does not have.", path,
                  switches[i].name, switches[i].has ? "false" : "true");
        return FALSE;
      }
  return TRUE;
}

static gboolean
read_activation (JsonObject *top, FewTransformerConfig *t, const char *path, const char **bad,
                 GError **error)
{
  const char *name = few_json_string (top, "hidden_act", "gelu", bad);
  gboolean silu = g_str_equal (name, "silu");
  t->activation = silu ? FEW_ACTIVATION_SILU : FEW_ACTIVATION_GELU;
  t->gated = few_json_bool (top, "use_gated_mlp", FALSE, bad);
  if (silu || g_str_equal (name, "gelu"))
    return TRUE;
  few_fail (error, UNSUPPORTED, "%s asks for the activation “%s”, which Fewshot does not have.",
            path, name);
  return FALSE;
}

static gboolean
read_blocks (JsonObject *top, const Kind *kind, FewTransformerConfig *t, const char *path,
             const char **bad, GError **error)
{
  gint64 width = few_json_int (top, "hidden_size", kind->width, bad);
  gint64 layers = few_json_int (top, "num_hidden_layers", 12, bad);
  gint64 heads = few_json_int (top, "num_attention_heads", kind->heads, bad);
  gint64 ratio = few_json_int (top, "mlp_ratio", 4, bad);
  if (!few_clip_in_range (width, 1, FEW_MAX_WIDTH, "hidden_size", path, error)
      || !few_clip_in_range (layers, 1, FEW_MAX_LAYERS, "num_hidden_layers", path, error)
      || !few_clip_in_range (heads, 1, FEW_MAX_HEADS, "num_attention_heads", path, error)
      || !few_clip_in_range (ratio, 1, 16, "mlp_ratio", path, error))
    return FALSE;
  gint64 hidden =
      kind->rotary ? few_json_int (top, "intermediate_size", kind->mlp_width, bad) : ratio * width;
  if (!few_clip_in_range (hidden, 1, 8 * FEW_MAX_WIDTH, "intermediate_size", path, error))
    return FALSE;
  gboolean giant = !kind->rotary && few_json_bool (top, "use_swiglu_ffn", FALSE, bad);
  if (giant) /* a gate has rows, too: two thirds of them, to a multiple of 8 */
    hidden = (hidden * 2 / 3 + 7) / 8 * 8;
  *t = (FewTransformerConfig) { .width = (guint) width,
                                .layers = (guint) layers,
                                .heads = (guint) heads,
                                .mlp_width = (guint) hidden,
                                .layer_scale = TRUE };
  t->ln_epsilon = (float) few_json_double (top, "layer_norm_eps", kind->epsilon, bad);
  if (!giant)
    return read_activation (top, t, path, bad, error);
  t->gated = TRUE;
  t->activation = FEW_ACTIVATION_SILU;
  return TRUE;
}

/* Since transformers 5 in an object of their own. */
static gboolean
read_rotation (JsonObject *top, FewTransformerConfig *t, const char *path, const char **bad,
               GError **error)
{
  JsonObject *own = few_json_object (top, "rope_parameters", bad);
  const char *type = own ? few_json_string (own, "rope_type", "default", bad) : "default";
  t->rope_steps = 1;
  t->rope_y_first = TRUE;
  t->rope_theta = few_json_double (own ? own : top, "rope_theta", 100, bad);
  if (t->rope_theta > 1 && t->rope_theta < 1e9 && g_str_equal (type, "default"))
    return TRUE;
  few_fail (error, UNSUPPORTED, "%s: its “rope_theta” or “rope_type” is none that Fewshot has.",
            path);
  return FALSE;
}

static gboolean
read_patches (JsonObject *top, const Kind *kind, FewClipConfig *c, gint64 *learned,
              const char *path, const char **bad, GError **error)
{
  gint64 patch = few_json_int (top, "patch_size", kind->patch, bad);
  gint64 channels = few_json_int (top, "num_channels", 3, bad);
  gint64 registers = few_json_int (top, "num_register_tokens", kind->registers, bad);
  *learned = few_json_int (top, "image_size", 224, bad);
  if (!few_clip_in_range (*learned, 1, FEW_MAX_IMAGE_SIZE, "image_size", path, error)
      || !few_clip_in_range (patch, 1, *learned, "patch_size", path, error)
      || !few_clip_in_range (channels, 3, 3, "num_channels", path, error)
      || !few_clip_in_range (registers, 0, 64, "num_register_tokens", path, error))
    return FALSE;
  c->patch_size = (guint) patch;
  c->vit = (FewVitStyle) { .projection = FEW_PROJECTION_NONE,
                           .patch_bias = TRUE,
                           .no_ln_pre = TRUE,
                           .no_positions = kind->rotary,
                           .registers = (guint) registers,
                           .antialias = kind->registers > 0 };
  return TRUE;
}

/* Pictures have the size that their processor makes, whatever positions were learned on. */
static gboolean
take_image_size (FewClipConfig *c, gint64 learned, const char *path, GError **error)
{
  c->image_size = c->preprocess.size;
  if (!few_clip_in_range (c->image_size, c->patch_size, FEW_MAX_IMAGE_SIZE, "size of pictures",
                          path, error))
    return FALSE;
  guint grid = (guint) learned / c->patch_size;
  if (!c->vit.no_positions && grid != c->image_size / c->patch_size)
    c->vit.learned_grid = grid;
  else
    c->vit.antialias = FALSE;
  return TRUE;
}

gboolean
few_config_read_dino (JsonObject *top, const char *folder, const char *path, FewClipConfig *c,
                      GError **error)
{
  const char *bad = NULL;
  gint64 learned = 0;
  const Kind *kind = find_kind (few_json_string (top, "model_type", "", &bad));
  g_return_val_if_fail (kind != NULL, FALSE);
  gboolean read = check_switches (top, path, &bad, error)
                  && read_blocks (top, kind, &c->vision, path, &bad, error)
                  && read_patches (top, kind, c, &learned, path, &bad, error)
                  && (!kind->rotary || read_rotation (top, &c->vision, path, &bad, error));
  if (bad)
    {
      g_clear_error (error);
      few_fail (error, FORMAT, "%s: “%s” has a value of the wrong kind.", path, bad);
      return FALSE;
    }
  c->tower = &few_dino_tower;
  c->embed_dim = c->vision.width;
  return read && few_config_read_image_processor (folder, kind->processor, 0, &c->preprocess, error)
         && take_image_size (c, learned, path, error);
}

const FewTower few_dino_tower = {
  .name = "ViT",
  FEW_VIT_PASS,
};
