/* SPDX-License-Identifier: MIT */
/* Hugging Face's image processors: what is switched on, in which size, with which filter. */
#include "base/error.h"
#include "base/json.h"
#include "clip/config-known.h"
#include "clip/config-preprocess.h"
#include <math.h>

/* Mean and deviation. */
typedef enum { HALF, OPENAI, IMAGENET } Colours;

/* What an image processor does where its file says nothing. */
typedef struct
{
  const char *name;
  gboolean crops, squashes;
  guint resized; /* 0: what the model takes */
  FewResample resample;
  Colours colours;
  double crop_pct;
} Kind;

static const Kind kinds[] = {
  { "CLIPImageProcessor", TRUE, FALSE, 224, FEW_RESAMPLE_BICUBIC, OPENAI, 0 },
  { "CLIPFeatureExtractor", TRUE, FALSE, 224, FEW_RESAMPLE_BICUBIC, OPENAI, 0 },
  { "ChineseCLIPImageProcessor", TRUE, FALSE, 224, FEW_RESAMPLE_BICUBIC, OPENAI, 0 },
  { "ChineseCLIPFeatureExtractor", TRUE, FALSE, 224, FEW_RESAMPLE_BICUBIC, OPENAI, 0 },
  { "BitImageProcessor", TRUE, FALSE, 224, FEW_RESAMPLE_BICUBIC, OPENAI, 0 },
  { "SiglipImageProcessor", FALSE, TRUE, 224, FEW_RESAMPLE_BICUBIC, HALF, 0 },
  { "ViTImageProcessor", FALSE, TRUE, 224, FEW_RESAMPLE_BILINEAR, HALF, 0 },
  { "ViTFeatureExtractor", FALSE, TRUE, 224, FEW_RESAMPLE_BILINEAR, HALF, 0 },
  { "ConvNextImageProcessor", FALSE, FALSE, 384, FEW_RESAMPLE_BICUBIC, HALF, 224.0 / 256 },
  { "DINOv3ViTImageProcessor", FALSE, TRUE, 224, FEW_RESAMPLE_BILINEAR, IMAGENET, 0 },
  { "ConvNextFeatureExtractor", FALSE, FALSE, 384, FEW_RESAMPLE_BICUBIC, HALF, 224.0 / 256 },
};

static const FewKnown known[] = {
  { "image_processor_type", NULL },
  { "feature_extractor_type", NULL },
  { "processor_class", NULL },
  { "_valid_processor_keys", NULL },
  { "do_resize", NULL },
  { "size", NULL },
  { "default_to_square", NULL },
  { "resample", NULL },
  { "do_center_crop", NULL },
  { "crop_size", NULL },
  { "crop_pct", NULL },
  { "do_rescale", NULL },
  { "rescale_factor", NULL },
  { "do_normalize", NULL },
  { "image_mean", NULL },
  { "image_std", NULL },
  { "do_convert_rgb", NULL }, /* a picture is in RGB here whatever it was */
  { "data_format", "channels_first" },
  { "input_data_format", "channels_first" },
  { "device", NULL },         /* which processor, not what it does */
  { "disable_grouping", NULL },
};

static void
take_colours (const Kind *kind, FewPreprocess *out)
{
  static const double mean[] = { 0.485, 0.456, 0.406 };
  static const double std[] = { 0.229, 0.224, 0.225 };
  for (guint i = 0; i < 3 && kind->colours != OPENAI; i++)
    {
      out->mean[i] = kind->colours == HALF ? 0.5 : mean[i];
      out->std[i] = kind->colours == HALF ? 0.5 : std[i];
    }
}

/* ---- sizes */

typedef struct
{
  guint width, height, shortest; /* width and height, or shortest, or none */
} Size;

static gboolean
take_side (JsonObject *object, const char *member, guint *side, const char *path, const char **bad,
           GError **error)
{
  gint64 value = few_json_int (object, member, 0, bad);
  if (!json_object_has_member (object, member) || json_object_get_null_member (object, member))
    return TRUE;
  if (*bad || !few_clip_in_range (value, 1, 4 * FEW_MAX_IMAGE_SIZE, member, path, error))
    return FALSE;
  *side = (guint) value;
  return TRUE;
}

/* A number, or an object of height and width or of shortest_edge. */
static gboolean
read_size (JsonObject *top, const char *member, gboolean squashes, Size *size, const char *path,
           const char **bad, GError **error)
{
  static const FewKnown sides[] = { { "height", NULL },
                                    { "width", NULL },
                                    { "shortest_edge", NULL } };
  JsonNode *node = json_object_get_member (top, member);
  if (!node || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  *size = (Size) { 0, 0, 0 };
  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      if (!take_side (top, member, &size->shortest, path, bad, error))
        return FALSE;
      if (squashes)
        *size = (Size) { size->shortest, size->shortest, 0 };
      return TRUE;
    }
  JsonObject *object = json_node_get_object (node);
  if (!few_config_check_known (object, sides, G_N_ELEMENTS (sides), path, error)
      || !take_side (object, "width", &size->width, path, bad, error)
      || !take_side (object, "height", &size->height, path, bad, error)
      || !take_side (object, "shortest_edge", &size->shortest, path, bad, error))
    return FALSE;
  gboolean both = size->width > 0 && size->height > 0;
  gboolean one = size->width > 0 || size->height > 0;
  if (one == both && both != (size->shortest > 0))
    return TRUE;
  few_fail (error, UNSUPPORTED,
            "%s: “%s” is neither height and width nor shortest_edge; Fewshot has no other.", path,
            member);
  return FALSE;
}

/* ---- settings */

static const Kind *
find_kind (const char *name)
{
  static const char *const ends[] = { "", "Fast", "Pil" };
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    for (guint j = 0; j < G_N_ELEMENTS (ends); j++)
      {
        g_autofree char *whole = g_strconcat (kinds[i].name, ends[j], NULL);
        if (g_str_equal (name, whole))
          return &kinds[i];
      }
  return NULL;
}

static gboolean
read_filter (JsonObject *top, const Kind *kind, FewPreprocess *out, const char *path,
             const char **bad, GError **error)
{
  /* Pillow's numbers */
  static const FewResample filters[] = { FEW_RESAMPLE_NEAREST,  FEW_RESAMPLE_LANCZOS,
                                         FEW_RESAMPLE_BILINEAR, FEW_RESAMPLE_BICUBIC,
                                         FEW_RESAMPLE_BOX,      FEW_RESAMPLE_HAMMING };
  gint64 code = few_json_int (top, "resample", -1, bad);
  out->resample = kind->resample;
  if (code == -1)
    return TRUE;
  if (!few_clip_in_range (code, 0, G_N_ELEMENTS (filters) - 1, "resample", path, error))
    return FALSE;
  out->resample = filters[code];
  return TRUE;
}

/* Values to what a tower eats. */
static gboolean
read_values (JsonObject *top, const Kind *kind, FewPreprocess *out, const char *path,
             const char **bad, GError **error)
{
  take_colours (kind, out);
  few_config_read_colours (top, "image_mean", out->mean, bad);
  few_config_read_colours (top, "image_std", out->std, bad);
  if (!few_json_bool (top, "do_normalize", TRUE, bad))
    for (guint i = 0; i < 3; i++)
      {
        out->mean[i] = 0;
        out->std[i] = 1;
      }
  double factor = few_json_double (top, "rescale_factor", 1.0 / 255, bad);
  if (!few_json_bool (top, "do_rescale", TRUE, bad))
    factor = 1;
  if (!(factor > 1e-6 && factor < 1e6))
    {
      few_fail (error, FORMAT, "%s: “rescale_factor” is no factor for a picture.", path);
      return FALSE;
    }
  double white = 1 / factor;
  out->white = fabs (white - 255) < 1e-6 ? 0 : white;
  return TRUE;
}

/* ConvNeXT's: below 384 pixels the side is what is cut out of a larger picture. */
static gboolean
read_cut (JsonObject *top, const Kind *kind, Size *size, Size *crop, const char *path,
          const char **bad, GError **error)
{
  double part = few_json_double (top, "crop_pct", kind->crop_pct, bad);
  if (kind->crop_pct <= 0 || size->shortest == 0)
    {
      if (part > 0 || kind->crop_pct > 0)
        few_fail (error, UNSUPPORTED, "%s asks for “crop_pct”, which Fewshot does not have there.",
                  path);
      return !(part > 0 || kind->crop_pct > 0);
    }
  if (!(part > 0.1 && part <= 1))
    {
      few_fail (error, FORMAT, "%s: “crop_pct” must lie between 0.1 and 1.", path);
      return FALSE;
    }
  guint side = size->shortest;
  *crop = (Size) { side, side, 0 };
  *size = side < 384 ? (Size) { 0, 0, (guint) (side / part) } : *crop;
  return TRUE;
}

static gboolean
check_result (FewPreprocess *out, const Size *size, const Size *crop, gboolean resizes,
              guint image_size, const char *path, GError **error)
{
  guint width = crop->width;
  guint height = crop->height;
  out->mode = size->shortest > 0 ? FEW_RESIZE_SHORTEST : FEW_RESIZE_SQUASH;
  if (!resizes)
    out->mode = FEW_RESIZE_NONE;
  if (resizes && width == 0)
    {
      width = size->width;
      height = size->height;
    }
  if (image_size == 0)
    image_size = width;
  out->size = image_size;
  if (image_size == 0 || width != image_size || height != image_size)
    {
      few_fail (error, UNSUPPORTED,
                "%s makes pictures of %u × %u pixels (0: of any size); the model takes %u × %u.",
                path, width, height, image_size, image_size);
      return FALSE;
    }
  if (out->mode == FEW_RESIZE_SHORTEST)
    out->resize[0] = size->shortest == image_size ? 0 : size->shortest;
  else if (out->mode == FEW_RESIZE_SQUASH
           && (size->width != image_size || size->height != image_size))
    {
      out->resize[0] = size->width;
      out->resize[1] = size->height;
    }
  out->floors_crop = out->mode != FEW_RESIZE_SQUASH || out->resize[0] > 0;
  return TRUE;
}

static gboolean
read_settings (JsonObject *top, const char *kind_name, guint image_size, FewPreprocess *out,
               const char *path, const char **bad, GError **error)
{
  const char *extractor = few_json_string (top, "feature_extractor_type", kind_name, bad);
  const char *name = few_json_string (top, "image_processor_type", extractor, bad);
  const Kind *kind = find_kind (name);
  if (!kind)
    {
      few_fail (error, UNSUPPORTED,
                "%s asks for “%s” to make pictures ready, which Fewshot does "
                "not have.",
                path, name);
      return FALSE;
    }
  if (!few_config_check_known (top, known, G_N_ELEMENTS (known), path, error))
    return FALSE;
  gboolean square = few_json_bool (top, "default_to_square", kind->squashes, bad);
  Size size =
      kind->squashes ? (Size) { kind->resized, kind->resized, 0 } : (Size) { 0, 0, kind->resized };
  Size crop = { 224, 224, 0 };
  gboolean crops = few_json_bool (top, "do_center_crop", kind->crops, bad);
  gboolean resizes = few_json_bool (top, "do_resize", TRUE, bad);
  if (!read_size (top, "size", square, &size, path, bad, error)
      || !read_size (top, "crop_size", TRUE, &crop, path, bad, error))
    return FALSE;
  if (!crops)
    crop = (Size) { 0, 0, 0 };
  if (kind->crop_pct > 0 && crops)
    {
      few_fail (error, UNSUPPORTED,
                "%s asks for “do_center_crop” of %s, which Fewshot does not "
                "have.",
                path, name);
      return FALSE;
    }
  return read_cut (top, kind, &size, &crop, path, bad, error)
         && read_filter (top, kind, out, path, bad, error)
         && read_values (top, kind, out, path, bad, error)
         && check_result (out, &size, &crop, resizes, image_size, path, error);
}

/* ---- which file */

/* The settings in the file of that name: all of it, or its image_processor. *root NULL: no such
 * file, or it holds none. */
static gboolean
load_settings (const char *folder, const char *file, gboolean inside, JsonNode **root,
               JsonObject **settings, char **path, GError **error)
{
  g_autofree char *name = g_build_filename (folder, file, NULL);
  if (!g_file_test (name, G_FILE_TEST_EXISTS))
    return TRUE;
  g_autoptr (JsonNode) node = few_json_load (name, error);
  if (!node)
    return FALSE;
  const char *bad = NULL;
  JsonObject *top = json_node_get_object (node);
  *settings = inside ? few_json_object (top, "image_processor", &bad) : top;
  if (*settings)
    {
      *root = g_steal_pointer (&node);
      *path = g_steal_pointer (&name);
    }
  if (bad)
    few_fail (error, FORMAT, "%s: “%s” has a value of the wrong kind.", name, bad);
  return bad == NULL;
}

gboolean
few_config_read_image_processor (const char *folder, const char *kind, guint image_size,
                                 FewPreprocess *out, GError **error)
{
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *path = NULL;
  JsonObject *settings = NULL;
  if (!load_settings (folder, "processor_config.json", TRUE, &root, &settings, &path, error))
    return FALSE;
  if (!root
      && !load_settings (folder, "preprocessor_config.json", FALSE, &root, &settings, &path, error))
    return FALSE;
  if (!root && image_size == 0)
    {
      few_fail (error, INPUT,
                "%s lacks preprocessor_config.json, which says how pictures are made ready for "
                "this model. Put it beside the weights.",
                folder);
      return FALSE;
    }
  if (!root)
    {
      const Kind *usual = find_kind (kind);
      g_assert (usual);
      out->mode = usual->squashes ? FEW_RESIZE_SQUASH : FEW_RESIZE_SHORTEST;
      out->resample = usual->resample;
      take_colours (usual, out);
      return TRUE;
    }
  const char *bad = NULL;
  gboolean read = read_settings (settings, kind, image_size, out, path, &bad, error);
  if (!bad)
    return read;
  g_clear_error (error);
  few_fail (error, FORMAT, "%s: “%s” has a value of the wrong kind.", path, bad);
  return FALSE;
}
