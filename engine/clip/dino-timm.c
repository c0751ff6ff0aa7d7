/* SPDX-License-Identifier: MIT */
/* DINOv2 as timm publishes it: config.json names an architecture and how its pictures are made
 * ready; the shapes of the weights say the rest (trunk.c). */
#include "base/error.h"
#include "base/json.h"
#include "clip/config-preprocess.h"
#include "clip/config-reader.h"
#include "clip/tower.h"
#include <string.h>

static const struct
{
  const char *name;
  guint heads, registers;
  gboolean gated;
} architectures[] = {
  { "vit_small_patch14_dinov2", 6, 0, FALSE },
  { "vit_base_patch14_dinov2", 12, 0, FALSE },
  { "vit_large_patch14_dinov2", 16, 0, FALSE },
  { "vit_giant_patch14_dinov2", 24, 0, TRUE },
  { "vit_small_patch14_reg4_dinov2", 6, 4, FALSE },
  { "vit_base_patch14_reg4_dinov2", 12, 4, FALSE },
  { "vit_large_patch14_reg4_dinov2", 16, 4, FALSE },
  { "vit_giant_patch14_reg4_dinov2", 24, 4, TRUE },
};

gboolean
few_config_is_timm (JsonObject *top)
{
  return !json_object_has_member (top, "model_type") && json_object_has_member (top, "architecture")
         && json_object_has_member (top, "pretrained_cfg");
}

/* Its own names: "vit_base_patch14_dinov2", whatever weights follow behind a dot. */
static gboolean
read_architecture (JsonObject *top, FewClipConfig *c, const char *path, const char **bad,
                   GError **error)
{
  const char *full = few_json_string (top, "architecture", "", bad);
  g_autofree char *name = g_strndup (full, strcspn (full, "."));
  for (guint i = 0; i < G_N_ELEMENTS (architectures); i++)
    if (g_str_equal (name, architectures[i].name))
      {
        c->vision =
            (FewTransformerConfig) { .heads = architectures[i].heads,
                                     .activation = architectures[i].gated ? FEW_ACTIVATION_SILU
                                                                          : FEW_ACTIVATION_GELU,
                                     .ln_epsilon = 1e-6f };
        c->vit = (FewVitStyle) { .pool = FEW_POOL_CLASS,
                                 .projection = FEW_PROJECTION_NONE,
                                 .registers = architectures[i].registers };
        return TRUE;
      }
  few_fail (error, UNSUPPORTED,
            "%s is timm's, of “%s”. Of timm's own models Fewshot opens DINOv2; DINOv3 opens as "
            "transformers "
            "publishes it (facebook/dinov3-…).",
            path, name);
  return FALSE;
}

/* timm evaluates a picture with its shorter side at the whole size, and the middle of it. */
static gboolean
check_crop (JsonObject *own, const char *path, const char **bad, GError **error)
{
  const char *mode = few_json_string (own, "crop_mode", "center", bad);
  const char *interpolation = few_json_string (own, "interpolation", "bicubic", bad);
  double share = few_json_double (own, "crop_pct", 1, bad);
  if (share == 1 && g_str_equal (mode, "center") && g_str_equal (interpolation, "bicubic"))
    return TRUE;
  few_fail (error, UNSUPPORTED,
            "%s asks for “crop_pct” %g, “crop_mode” “%s” and “%s” interpolation, where Fewshot has "
            "1, “center” and “bicubic”.",
            path, share, mode, interpolation);
  return FALSE;
}

/* 0: it is no number. */
static gint64
read_element (JsonArray *array, guint i)
{
  JsonNode *node = json_array_get_element (array, i);
  return JSON_NODE_HOLDS_VALUE (node) ? json_node_get_int (node) : 0;
}

/* Of [3, side, side]; 0: it is something else. */
static gint64
read_side (JsonObject *own, const char **bad)
{
  JsonArray *size = few_json_array (own, "input_size", bad);
  if (!size || json_array_get_length (size) != 3)
    return 0;
  gint64 side = read_element (size, 2);
  return read_element (size, 0) == 3 && read_element (size, 1) == side ? side : 0;
}

gboolean
few_config_read_timm (JsonObject *top, const char *path, FewClipConfig *c, GError **error)
{
  const char *bad = NULL;
  JsonObject *own = few_json_object (top, "pretrained_cfg", &bad);
  if (!read_architecture (top, c, path, &bad, error))
    return FALSE;
  gint64 width = few_json_int (top, "num_features", 0, &bad);
  gint64 side = own ? read_side (own, &bad) : 0;
  if (own)
    {
      few_config_read_colours (own, "mean", c->preprocess.mean, &bad);
      few_config_read_colours (own, "std", c->preprocess.std, &bad);
    }
  if (bad)
    {
      few_fail (error, FORMAT, "%s: “%s” has a value of the wrong kind.", path, bad);
      return FALSE;
    }
  if (!few_clip_in_range (width, 1, FEW_MAX_WIDTH, "num_features", path, error)
      || !few_clip_in_range (side, 1, FEW_MAX_IMAGE_SIZE, "input_size", path, error))
    return FALSE;
  c->tower = &few_trunk_tower;
  c->embed_dim = (guint) width;
  c->image_size = (guint) side;
  return check_crop (own, path, &bad, error);
}
