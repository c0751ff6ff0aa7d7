/* SPDX-License-Identifier: MIT */
/* Means and deviations, one a colour, and open_clip's way to say the rest. */
#include "clip/config-preprocess.h"
#include "base/error.h"
#include "base/json.h"
#include "clip/config-known.h"

static const FewKnown known[] = {
  { "size", NULL }, /* open_clip takes the tower's own in its place */
  { "mode", "RGB" },         { "mean", NULL },        { "std", NULL },
  { "interpolation", NULL }, { "resize_mode", NULL }, { "fill_color", NULL },
};

static gboolean
is_number (JsonNode *node)
{
  GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;
  return type == G_TYPE_INT64 || type == G_TYPE_DOUBLE;
}

void
few_config_read_colours (JsonObject *object, const char *member, double out[3], const char **bad)
{
  JsonNode *node = json_object_get_member (object, member);
  if (!node || JSON_NODE_HOLDS_NULL (node))
    return;
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  for (guint i = 0; i < 3; i++)
    {
      JsonNode *one = node;
      if (array)
        one = json_array_get_length (array) == 3 ? json_array_get_element (array, i) : NULL;
      if (!one || !is_number (one))
        {
          *bad = member;
          return;
        }
      out[i] = json_node_get_double (one);
    }
}

static gboolean
read_fill (JsonObject *preprocess, FewPreprocess *out, const char *path, const char **bad,
           GError **error)
{
  double fill[3] = { 0, 0, 0 };
  few_config_read_colours (preprocess, "fill_color", fill, bad);
  for (guint i = 0; i < 3; i++)
    {
      if (!few_clip_in_range ((gint64) CLAMP (fill[i], -1, 256), 0, 255, "fill_color", path, error))
        return FALSE;
      out->fill[i] = (guint8) fill[i];
    }
  return TRUE;
}

/* open_clip takes a lone 0 for nothing said. */
static void
read_unless_zero (JsonObject *preprocess, const char *member, double out[3], const char **bad)
{
  JsonNode *node = json_object_get_member (preprocess, member);
  if (node && is_number (node) && json_node_get_double (node) == 0)
    return;
  few_config_read_colours (preprocess, member, out, bad);
}

gboolean
few_config_read_preprocess (JsonObject *preprocess, FewPreprocess *out, const char *path,
                            const char **bad, GError **error)
{
  static const struct
  {
    const char *name;
    FewResizeMode mode;
  } modes[] = { { "shortest", FEW_RESIZE_SHORTEST },
                { "squash", FEW_RESIZE_SQUASH },
                { "longest", FEW_RESIZE_LONGEST } };
  static const struct
  {
    const char *name;
    FewResample resample;
  } filters[] = { { "bicubic", FEW_RESAMPLE_BICUBIC },
                  { "bilinear", FEW_RESAMPLE_BILINEAR },
                  { "random", FEW_RESAMPLE_BICUBIC } /* in training alone */ };
  if (!few_config_check_known (preprocess, known, G_N_ELEMENTS (known), path, error))
    return FALSE;
  const char *mode = few_json_string (preprocess, "resize_mode", "shortest", bad);
  const char *interpolation = few_json_string (preprocess, "interpolation", "bicubic", bad);
  gboolean found_mode = FALSE;
  gboolean found_filter = FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    if (g_str_equal (mode, modes[i].name))
      {
        out->mode = modes[i].mode;
        found_mode = TRUE;
      }
  for (guint i = 0; i < G_N_ELEMENTS (filters); i++)
    if (g_str_equal (interpolation, filters[i].name))
      {
        out->resample = filters[i].resample;
        found_filter = TRUE;
      }
  if (!found_mode || !found_filter)
    {
      few_fail (
          error, UNSUPPORTED,
          "%s asks for resize_mode “%s” with “%s” interpolation, which Fewshot does not have.",
          path, mode, interpolation);
      return FALSE;
    }
  read_unless_zero (preprocess, "mean", out->mean, bad);
  read_unless_zero (preprocess, "std", out->std, bad);
  return read_fill (preprocess, out, path, bad, error);
}
