/* SPDX-License-Identifier: MIT */
/* CLIP's VisionTransformer (openai/CLIP model.py): patches, class token, positions, ln_pre,
 * blocks, ln_post of the class token, proj. */
#include "base/json.h"
#include "clip/shapes.h"
#include "clip/tower.h"

typedef struct
{
  FewMatrix *conv1;
  float *class_embedding, *positions, *ln_pre_weight, *ln_pre_bias, *ln_post_weight, *ln_post_bias;
  FewTransformer transformer;
  FewMatrix *proj;
} Vit;

/* ---- config */

static gboolean
claims_open_clip (JsonObject *vision)
{
  JsonNode *layers = json_object_get_member (vision, "layers");
  return !layers || !JSON_NODE_HOLDS_ARRAY (layers);
}

static gboolean
read_open_clip (FewClipConfig *config, const FewVisionFields *vision, const char *path,
                const char **bad, GError **error)
{
  gint64 patch = few_json_int (vision->object, "patch_size", 32, bad);
  gint64 layers = few_json_int (vision->object, "layers", 12, bad);
  if (!few_clip_in_range (patch, 1, vision->image_size, "patch_size", path, error)
      || !few_clip_in_range (layers, 1, FEW_MAX_LAYERS, "vision layers", path, error))
    return FALSE;
  config->patch_size = (guint) patch;
  config->vision =
      (FewTransformerConfig) { .width = vision->width,
                               .layers = (guint) layers,
                               .heads = vision->width / vision->head_width,
                               .mlp_width = (guint) (vision->mlp_ratio * (double) vision->width),
                               .activation = vision->activation,
                               .ln_epsilon = 1e-5f };
  return TRUE;
}

static gboolean
claims_weights (const FewWeights *weights)
{
  return few_weights_find (weights, "visual.proj") != NULL;
}

static gboolean
read_weights (FewClipConfig *config, const FewWeights *weights)
{
  guint positions = few_shape_dim (weights, "visual.positional_embedding", 0);
  config->patch_size = few_shape_dim (weights, "visual.conv1.weight", 2);
  config->vision =
      few_shape_transformer (weights, "visual.", few_shape_dim (weights, "visual.conv1.weight", 0));
  config->image_size = positions ? few_shape_root (positions - 1) * config->patch_size : 0;
  return config->patch_size > 0;
}

static gboolean
check_config (FewClipConfig *config, const char *path, GError **error)
{
  if (!few_clip_check_transformer (&config->vision, "vision", path, error))
    return FALSE;
  guint grid = config->image_size / config->patch_size;
  return few_clip_in_range ((gint64) grid * grid + 1, 2, FEW_MAX_TOKENS, "the number of patches",
                            path, error);
}

static char *
describe_vit (const FewClipConfig *config)
{
  return g_strdup_printf ("ViT %u/%u, %u × %u", config->patch_size, config->image_size,
                          config->vision.layers, config->vision.width);
}

/* ---- state */

static gpointer
load_vit (const FewClipConfig *config, FewLoader *loader)
{
  Vit *vit = g_new0 (Vit, 1);
  guint w = config->vision.width;
  guint grid = config->image_size / config->patch_size;
  vit->conv1 = few_load_patch_conv (loader, w, config->patch_size, "visual.conv1.weight");
  vit->class_embedding = few_load_vector (loader, w, "visual.class_embedding");
  vit->positions =
      few_load_table (loader, (gsize) grid * grid + 1, w, "visual.positional_embedding");
  vit->ln_pre_weight = few_load_vector (loader, w, "visual.ln_pre.weight");
  vit->ln_pre_bias = few_load_vector (loader, w, "visual.ln_pre.bias");
  few_transformer_load (&vit->transformer, &config->vision, loader, "visual.");
  vit->ln_post_weight = few_load_vector (loader, w, "visual.ln_post.weight");
  vit->ln_post_bias = few_load_vector (loader, w, "visual.ln_post.bias");
  vit->proj = few_load_matrix (loader, config->embed_dim, w, TRUE, "visual.proj");
  return vit;
}

static void
free_vit (gpointer state)
{
  Vit *vit = state;
  few_transformer_clear (&vit->transformer);
  g_free (vit);
}

/* Memory of one pass: x [B·T, ld] tokens, work for the blocks, out [B, D]. */
typedef struct
{
  guint t;
  gsize ld;
  float *x, *work, *out;
} Tokens;

/* Patches, class token, positions, ln_pre. */
static gboolean
embed_patches (const Vit *vit, const FewPass *pass, guint b, const float *pixels, Tokens *tokens,
               GError **error)
{
  const FewClipConfig *config = pass->config;
  const FewBackendOps *ops = pass->backend->ops;
  FewStream *stream = pass->stream;
  guint r = config->image_size;
  guint p = config->patch_size;
  guint grid = r / p;
  guint patches = grid * grid;
  guint t = patches + 1;
  guint w = config->vision.width;
  guint k = 3 * p * p;
  gsize ld = few_row_stride (w);
  gsize n_pixels = (gsize) b * 3 * r * r;
  gsize n_x = (gsize) b * t * ld;
  gsize n_columns = (gsize) b * patches * k;
  gsize n_embedded = (gsize) b * patches * ld;
  gsize n_work =
      MAX (few_transformer_workspace (&config->vision, b * t), n_columns + n_embedded + n_pixels);
  float *x =
      few_activations_get (pass->activations, n_x + n_work + (gsize) b * config->embed_dim, error);
  if (!x)
    return FALSE;
  *tokens = (Tokens) { t, ld, x, x + n_x, x + n_x + n_work };
  float *columns = tokens->work;
  float *embedded = columns + n_columns;
  float *input = embedded + n_embedded;
  ops->upload (stream, input, pixels, n_pixels);
  ops->patchify (stream, b, r, p, input, columns);
  ops->linear (stream, b * patches, columns, k, vit->conv1, NULL, FEW_ACTIVATION_NONE, NULL, 0,
               embedded, ld);
  ops->assemble_tokens (stream, b, t, w, vit->class_embedding, embedded, ld, vit->positions, x, ld);
  ops->layer_norm (stream, b * t, w, x, ld, vit->ln_pre_weight, vit->ln_pre_bias,
                   config->vision.ln_epsilon, x, ld);
  return TRUE;
}

static void
apply_head (gconstpointer state, const FewPass *pass, guint m, const float *x, gsize ld,
            float *work, float *features)
{
  const Vit *vit = state;
  const FewBackendOps *ops = pass->backend->ops;
  guint w = pass->config->vision.width;
  ops->layer_norm (pass->stream, m, w, x, ld, vit->ln_post_weight, vit->ln_post_bias,
                   pass->config->vision.ln_epsilon, work, w);
  ops->linear (pass->stream, m, work, w, vit->proj, NULL, FEW_ACTIVATION_NONE, NULL, 0, features,
               pass->config->embed_dim);
}

static gboolean
forward_vit (gconstpointer state, const FewPass *pass, guint b, const float *pixels,
             float *features, GError **error)
{
  const Vit *vit = state;
  const FewBackendOps *ops = pass->backend->ops;
  Tokens tokens;
  if (!embed_patches (vit, pass, b, pixels, &tokens, error))
    return FALSE;
  few_transformer_forward (&vit->transformer, ops, pass->stream, b, tokens.t, FALSE, tokens.x,
                           tokens.work, "visual", pass->tap, pass->tap_user);
  /* only the class token of each picture: rows t apart */
  apply_head (vit, pass, b, tokens.x, tokens.ld * tokens.t, tokens.work, tokens.out);
  ops->download (pass->stream, features, tokens.out, (gsize) b * pass->config->embed_dim);
  return ops->check (pass->stream, error);
}

/* ---- for who inserts between the blocks */

static gboolean
forward_tokens (gconstpointer state, const FewPass *pass, guint b, guint blocks,
                const float *pixels, float *out, GError **error)
{
  const Vit *vit = state;
  const FewBackendOps *ops = pass->backend->ops;
  Tokens tokens;
  if (!embed_patches (vit, pass, b, pixels, &tokens, error))
    return FALSE;
  FewTransformer part = vit->transformer;
  part.config.layers = blocks;
  few_transformer_forward (&part, ops, pass->stream, b, tokens.t, FALSE, tokens.x, tokens.work,
                           "visual", NULL, NULL);
  ops->download (pass->stream, out, tokens.x, (gsize) b * tokens.t * tokens.ld);
  return ops->check (pass->stream, error);
}

static void
show_stack (gconstpointer state, const FewClipConfig *config, FewTowerStack *stack)
{
  const Vit *vit = state;
  guint grid = config->image_size / config->patch_size;
  *stack = (FewTowerStack) { .transformer = &vit->transformer,
                             .tokens = grid * grid + 1,
                             .ln_post = vit->ln_post_weight,
                             .projection = vit->proj };
}

const FewTower few_vit_tower = {
  .name = "ViT",
  .claims_open_clip = claims_open_clip,
  .read_open_clip = read_open_clip,
  .claims_weights = claims_weights,
  .read_weights = read_weights,
  .check_config = check_config,
  .describe = describe_vit,
  .load = load_vit,
  .free = free_vit,
  .forward = forward_vit,
  .graph = few_vit_graph,
  .stack = show_stack,
  .stack_tokens = forward_tokens,
  .stack_head = apply_head,
};
