/* SPDX-License-Identifier: MIT */
/* A vision transformer's weights and its pass: patches, class token, positions, ln_pre, blocks,
 * what pools them, projection. */
#include "base/memory.h"
#include "clip/squares.h"
#include "clip/vit.h"
#include <math.h>
#include <string.h>

gboolean
few_vit_check (FewClipConfig *config, const char *path, GError **error)
{
  const FewVitStyle *style = &config->vit;
  return few_clip_check_transformer (&config->vision, "vision", path, error)
         && few_clip_in_range (config->patch_size, 1, config->image_size, "patch_size", path, error)
         && (style->stem != FEW_STEM_STAGES || few_conv_stem_check (config, path, error))
         && few_clip_in_range ((gint64) few_vit_patches (config) + 1, 2, FEW_MAX_TOKENS,
                               "the number of patches", path, error)
         && (style->pool != FEW_POOL_MAP
             || (few_clip_in_range (style->map_heads, 1, FEW_MAX_HEADS, "heads of the pool", path,
                                    error)
                 && few_clip_in_range (style->map_mlp_width, 1, 8 * FEW_MAX_WIDTH,
                                       "MLP width of the pool", path, error)
                 && few_clip_in_range (config->vision.width % style->map_heads, 0, 0,
                                       "width modulo heads of the pool", path, error)))
         && (config->vision.rope_steps == 0
             || few_clip_in_range (config->vision.head_width % 4, 0, 0, "head width modulo 4", path,
                                   error))
         && (style->projection != FEW_PROJECTION_NONE
             || few_clip_in_range (config->embed_dim, config->vision.width, config->vision.width,
                                   "embed_dim", path, error));
}

char *
few_vit_describe (const FewClipConfig *config)
{
  return g_strdup_printf ("ViT %u/%u, %u × %u", config->patch_size, config->image_size,
                          config->vision.layers, config->vision.width);
}

/* ---- state */

static void
load_rotation (FewVit *vit, const FewClipConfig *config, FewLoader *loader)
{
  g_autofree float *table = loader->error ? NULL : few_vit_rotation (config, &loader->error);
  if (table)
    vit->transformer.rotation = few_load_floats (
        loader, table, (gsize) few_vit_tokens (config) * config->vision.head_width);
}

/* Positions of all tokens; those that have none get zeroes. */
static void
load_positions (FewVit *vit, const FewClipConfig *config, FewLoader *loader)
{
  const FewVitStyle *style = &config->vit;
  gsize t = few_vit_tokens (config);
  gsize w = config->vision.width;
  if (style->class_token != FEW_CLASS_UNPLACED && !style->no_positions && style->learned_grid == 0
      && style->registers == 0)
    {
      vit->positions = few_load_table (loader, t, w, "%s", "visual.positional_embedding");
      return;
    }
  g_autofree float *positions =
      loader->error ? NULL : few_vit_positions (config, loader->weights, &loader->error);
  if (positions)
    vit->positions = few_load_floats (loader, positions, t * w);
}

/* MobileCLIP B's patches: 4 × 4 pixels, then 2 × 2 of those twice, with batch norms folded in. */
static void
load_convs (FewVit *vit, const FewClipConfig *config, FewLoader *loader)
{
  guint w = config->vision.width;
  guint narrow = w / 4;
  const FewConvShape shapes[] = { { .channels = 3, .kernel = 4, .out_channels = narrow },
                                  { .channels = narrow, .kernel = 2, .out_channels = narrow },
                                  { .channels = narrow, .kernel = 2, .out_channels = w } };
#define BACKBONE "visual.trunk.patch_embed.backbone."
  vit->conv1 = few_load_patches (loader, &shapes[0], FALSE, BACKBONE "0.bn", BACKBONE "0.conv",
                                 &vit->conv1_bias);
  vit->convs[0] = few_load_patches (loader, &shapes[1], TRUE, BACKBONE "1.bn", BACKBONE "1.conv",
                                    &vit->conv_biases[0]);
  vit->convs[1] =
      few_load_patches (loader, &shapes[2], TRUE, NULL, BACKBONE "2.conv", &vit->conv_biases[1]);
#undef BACKBONE
}

static void
load_stem (FewVit *vit, const FewClipConfig *config, FewLoader *loader)
{
  guint w = config->vision.width;
  switch (config->vit.stem)
    {
    case FEW_STEM_STAGES:
      vit->stages = few_conv_stem_load (config, loader);
      return;
    case FEW_STEM_CONVS:
      load_convs (vit, config, loader);
      return;
    case FEW_STEM_PATCH:
    default:
      /* Sums of thousands of pixels: their rounding averages out. */
      loader->grade = FEW_GRADE_MIDDLE;
      vit->conv1 = few_load_patch_conv (loader, w, config->patch_size, "visual.conv1.weight");
      loader->grade = FEW_GRADE_FINE;
      break;
    }
  if (config->vit.patch_bias)
    vit->conv1_bias = few_load_vector (loader, w, "visual.conv1.bias");
}

static void
load_projection (FewVit *vit, const FewClipConfig *config, FewLoader *loader)
{
  guint w = config->vision.width;
  guint d = config->embed_dim;
  switch (config->vit.projection)
    {
    case FEW_PROJECTION_PARAMETER:
      vit->projection = few_load_matrix (loader, d, w, TRUE, "visual.proj");
      break;
    case FEW_PROJECTION_LINEAR:
      vit->projection = few_load_matrix (loader, d, w, FALSE, "visual.trunk.head.weight");
      vit->projection_bias = few_load_vector (loader, d, "visual.trunk.head.bias");
      break;
    case FEW_PROJECTION_BARE:
      vit->projection = few_load_matrix (loader, d, w, FALSE, "visual.head.proj.weight");
      break;
    case FEW_PROJECTION_NONE:
    default:
      break;
    }
}

gpointer
few_vit_load (const FewClipConfig *config, FewLoader *loader)
{
  FewVit *vit = g_new0 (FewVit, 1);
  const FewVitStyle *style = &config->vit;
  guint w = config->vision.width;
  load_stem (vit, config, loader);
  if (style->class_token != FEW_CLASS_NONE)
    vit->class_embedding = few_load_vector (loader, w, "visual.class_embedding");
  if (style->registers > 0)
    vit->registers = few_load_table (loader, style->registers, w, "visual.registers");
  load_positions (vit, config, loader);
  if (style->no_ln_pre && few_load_has (loader, "visual.ln_pre.weight"))
    few_load_refuse (loader, "visual.ln_pre.weight"); /* the config and the weights disagree */
  if (!style->no_ln_pre)
    {
      vit->ln_pre_weight = few_load_vector (loader, w, "visual.ln_pre.weight");
      vit->ln_pre_bias = few_load_vector (loader, w, "visual.ln_pre.bias");
    }
  loader->grade = FEW_GRADE_COARSE; /* the projection behind is not */
  few_transformer_load (&vit->transformer, &config->vision, loader, "visual.");
  loader->grade = FEW_GRADE_FINE;
  if (config->vision.rope_steps > 0)
    load_rotation (vit, config, loader);
  vit->ln_post_weight = few_load_vector (loader, w, "visual.ln_post.weight");
  vit->ln_post_bias = few_load_vector (loader, w, "visual.ln_post.bias");
  if (style->pool == FEW_POOL_MAP)
    few_map_head_load (&vit->map, &config->vision, style->map_heads, style->map_mlp_width, loader);
  if (style->pool == FEW_POOL_MEAN)
    {
      guint n = few_vit_patches (config);
      g_autofree float *ones = g_new (float, n);
      for (guint i = 0; i < n; i++)
        ones[i] = 1;
      vit->ones = few_load_floats (loader, ones, n);
    }
  load_projection (vit, config, loader);
  return vit;
}

void
few_vit_free (gpointer state)
{
  FewVit *vit = state;
  few_transformer_clear (&vit->transformer);
  few_map_head_clear (&vit->map);
  g_clear_pointer (&vit->stages, few_conv_stem_free);
  g_free (vit);
}

/* ---- pass */

/* Memory of one pass: x [B·T, ld] tokens, work for the blocks, out [B, D]; in the work, before the
 * blocks, patches as rows, then embedded, then as pixels, the input. */
typedef struct
{
  guint t, patches;
  gsize ld;
  float *x, *work, *out;
  gsize n_columns;
  float *input; /* NULL where the stem has a memory of its own, */
  const float *pixels; /* which takes these, on the host */
} Tokens;

/* patches in `input` → embedded [B·patches, ld]; MobileCLIP's three convolutions. `a` and `b`:
 * room for 16 times as many patches of W/4. */
static void
embed_three (const FewVit *vit, const FewPass *pass, guint b, const float *input, float *room,
             gsize n_room, float *embedded, gsize ld)
{
  const FewBackendOps *ops = pass->backend->ops;
  FewStream *s = pass->stream;
  guint r = pass->config->image_size;
  guint narrow = pass->config->vision.width / 4;
  guint side = r / 4;
  float *other = room + n_room;
  ops->patchify (s, b, r, 4, input, room);
  ops->linear (s, b * side * side, room, 48, vit->conv1, vit->conv1_bias, FEW_ACTIVATION_GELU, NULL,
               0, other, narrow);
  few_gather_squares (ops, s, b, side, narrow, other, room);
  side /= 2;
  ops->linear (s, b * side * side, room, 4 * (gsize) narrow, vit->convs[0], vit->conv_biases[0],
               FEW_ACTIVATION_GELU, NULL, 0, other, narrow);
  few_gather_squares (ops, s, b, side, narrow, other, room);
  side /= 2;
  ops->linear (s, b * side * side, room, 4 * (gsize) narrow, vit->convs[1], vit->conv_biases[1],
               FEW_ACTIVATION_NONE, NULL, 0, embedded, ld);
}

/* floats that the patches of B pictures take before they are tokens */
static gsize
patch_floats (const FewClipConfig *config, guint b, gsize *n_columns, gsize *n_embedded)
{
  guint r = config->image_size;
  guint p = config->patch_size;
  gsize patches = (gsize) b * few_vit_patches (config);
  *n_columns = patches * 3 * p * p;
  *n_embedded = patches * few_row_stride (config->vision.width);
  if (config->vit.stem == FEW_STEM_STAGES)
    return few_conv_stem_workspace (config);
  if (config->vit.stem
      == FEW_STEM_CONVS) /* the widest two layers: pixels in fours and W/4 channels each */
    *n_columns = 2 * (gsize) b * (r / 4) * (r / 4) * MAX (config->vision.width / 4, 48);
  return *n_columns + *n_embedded + (gsize) b * 3 * r * r;
}

/* Tokens without a class token, or with registers behind it: the layer adds the positions of each
 * picture's patches. */
static void
place_patches (const FewVit *vit, const FewPass *pass, guint b, const float *columns,
               Tokens *tokens)
{
  const FewBackendOps *ops = pass->backend->ops;
  guint p = pass->config->patch_size;
  guint k = 3 * p * p;
  guint w = pass->config->vision.width;
  guint before = tokens->t - tokens->patches;
  for (guint i = 0; i < b; i++)
    {
      float *x = tokens->x + (gsize) i * tokens->t * tokens->ld;
      if (before > 0)
        ops->assemble_tokens (pass->stream, 1, before, w, vit->class_embedding, vit->registers, w,
                              vit->positions, x, tokens->ld);
      ops->linear (pass->stream, tokens->patches, columns + (gsize) i * tokens->patches * k, k,
                   vit->conv1, vit->conv1_bias, FEW_ACTIVATION_NONE,
                   vit->positions + (gsize) before * w, w, x + before * tokens->ld, tokens->ld);
    }
}

/* Of each picture, as ViTamin makes them. The first is handed over in the place of a class token,
 * which there is none of. */
static void
embed_stages (const FewVit *vit, const FewPass *pass, guint b, const Tokens *tokens)
{
  guint w = pass->config->vision.width;
  gsize picture = (gsize) 3 * pass->config->image_size * pass->config->image_size;
  for (guint i = 0; i < b; i++)
    {
      const float *patches =
          few_conv_stem_forward (vit->stages, pass, tokens->pixels + i * picture, tokens->work);
      pass->backend->ops->assemble_tokens (
          pass->stream, 1, tokens->t, w, patches, patches + w, w, vit->positions,
          tokens->x + (gsize) i * tokens->t * tokens->ld, tokens->ld);
    }
}

/* Patches of one convolution, or of three. */
static void
embed_convs (const FewVit *vit, const FewPass *pass, guint b, Tokens *tokens)
{
  const FewClipConfig *config = pass->config;
  const FewBackendOps *ops = pass->backend->ops;
  FewStream *stream = pass->stream;
  guint p = config->patch_size;
  guint w = config->vision.width;
  gboolean three = config->vit.stem == FEW_STEM_CONVS;
  float *columns = tokens->work;
  float *embedded = columns + tokens->n_columns;
  if (three)
    embed_three (vit, pass, b, tokens->input, columns, tokens->n_columns / 2, embedded, tokens->ld);
  else
    ops->patchify (stream, b, config->image_size, p, tokens->input, columns);
  if (config->vit.class_token == FEW_CLASS_NONE || config->vit.registers > 0)
    {
      place_patches (vit, pass, b, columns, tokens);
      return;
    }
  if (!three)
    ops->linear (stream, b * tokens->patches, columns, 3 * p * p, vit->conv1, vit->conv1_bias,
                 FEW_ACTIVATION_NONE, NULL, 0, embedded, tokens->ld);
  ops->assemble_tokens (stream, b, tokens->t, w, vit->class_embedding, embedded, tokens->ld,
                        vit->positions, tokens->x, tokens->ld);
}

/* The memory, with the pixels in it. */
static gboolean
prepare_tokens (const FewVit *vit, const FewPass *pass, guint b, const float *pixels,
                Tokens *tokens, GError **error)
{
  const FewClipConfig *config = pass->config;
  guint t = few_vit_tokens (config);
  guint w = config->vision.width;
  guint patches = few_vit_patches (config);
  gsize ld = few_row_stride (w);
  gsize n_x = (gsize) b * t * ld;
  gsize n_columns;
  gsize n_embedded;
  gsize n_patches = patch_floats (config, b, &n_columns, &n_embedded);
  gsize n_pool = config->vit.pool == FEW_POOL_CLASS
                     ? 0
                     : (gsize) b * (t + 1) * w + few_map_head_workspace (&vit->map, b);
  gsize n_work = MAX (few_transformer_workspace (&config->vision, b * t), MAX (n_patches, n_pool));
  if (pass->inserted)
    n_work = MAX (n_work, few_inserted_workspace (pass->inserted, (gsize) b * t, ld));
  float *x =
      few_activations_get (pass->activations, n_x + n_work + (gsize) b * config->embed_dim, error);
  if (!x)
    return FALSE;
  float *input = vit->stages ? NULL : x + n_x + n_columns + n_embedded;
  *tokens = (Tokens) { t, patches, ld, x, x + n_x, x + n_x + n_work, n_columns, input, pixels };
  if (input)
    pass->backend->ops->upload (pass->stream, input, pixels,
                                (gsize) b * 3 * config->image_size * config->image_size);
  return TRUE;
}

/* Patches, class token, positions, ln_pre. */
static void
embed_patches (const FewVit *vit, const FewPass *pass, guint b, Tokens *tokens)
{
  if (vit->stages)
    embed_stages (vit, pass, b, tokens);
  else
    embed_convs (vit, pass, b, tokens);
  if (vit->ln_pre_weight)
    pass->backend->ops->layer_norm (pass->stream, b * tokens->t, pass->config->vision.width,
                                    tokens->x, tokens->ld, vit->ln_pre_weight, vit->ln_pre_bias,
                                    pass->config->vision.ln_epsilon, tokens->x, tokens->ld);
}

/* x [M, W] → features [M, D] */
static void
project (const FewVit *vit, const FewPass *pass, guint m, const float *x, float *features)
{
  guint w = pass->config->vision.width;
  if (vit->projection)
    pass->backend->ops->linear (pass->stream, m, x, w, vit->projection, vit->projection_bias,
                                FEW_ACTIVATION_NONE, NULL, 0, features, pass->config->embed_dim);
}

void
few_vit_head (gconstpointer state, const FewPass *pass, guint m, const float *x, gsize ld,
              float *work, float *features)
{
  const FewVit *vit = state;
  guint w = pass->config->vision.width;
  pass->backend->ops->layer_norm (pass->stream, m, w, x, ld, vit->ln_post_weight, vit->ln_post_bias,
                                  pass->config->vision.ln_epsilon,
                                  vit->projection ? work : features, w);
  project (vit, pass, m, work, features);
}

/* The mean of each picture's patches, then the last norm. */
static void
pool_mean (const FewVit *vit, const FewPass *pass, guint b, const Tokens *tokens)
{
  guint w = pass->config->vision.width;
  for (guint i = 0; i < b; i++)
    {
      const float *first = tokens->x + ((gsize) (i + 1) * tokens->t - tokens->patches) * tokens->ld;
      pass->backend->ops->gemm (pass->stream, FALSE, FALSE, 1, w, tokens->patches,
                                1.0f / (float) tokens->patches, vit->ones, tokens->patches, first,
                                tokens->ld, 0, tokens->work + (gsize) i * w, w);
    }
  few_vit_head (vit, pass, b, tokens->work, w, tokens->work + (gsize) b * w, tokens->out);
}

static void
pool_map (const FewVit *vit, const FewPass *pass, guint b, const Tokens *tokens)
{
  guint w = pass->config->vision.width;
  guint m = b * tokens->t;
  float *dense = tokens->work;
  float *pooled = dense + (gsize) m * w;
  float *work = pooled + (gsize) b * w;
  pass->backend->ops->layer_norm (pass->stream, m, w, tokens->x, tokens->ld, vit->ln_post_weight,
                                  vit->ln_post_bias, pass->config->vision.ln_epsilon, dense, w);
  few_map_head_forward (&vit->map, pass->backend->ops, pass->stream, b, tokens->t, dense, work,
                        vit->projection ? pooled : tokens->out);
  project (vit, pass, b, pooled, tokens->out);
}

/* All blocks, with what is inserted behind one of them, for which there may be no memory. */
static void
run_blocks (const FewVit *vit, const FewPass *pass, guint b, const Tokens *tokens, GError **error)
{
  const FewInserted *inserted = pass->inserted;
  const FewBackendOps *ops = pass->backend->ops;
  FewTransformer part = vit->transformer;
  if (inserted)
    {
      part.config.layers = inserted->after;
      few_transformer_forward (&part, ops, pass->stream, b, tokens->t, FALSE, tokens->x,
                               tokens->work, "visual", NULL, NULL);
      if (!few_inserted_forward (inserted, ops, pass->stream, b * tokens->t, tokens->ld, tokens->x,
                                 tokens->work, error))
        return;
      part.blocks += inserted->after;
      part.config.layers = vit->transformer.config.layers - inserted->after;
    }
  part.first_alone = pass->config->vit.pool == FEW_POOL_CLASS && b >= pass->backend->gathers_from;
  few_transformer_forward (&part, ops, pass->stream, b, tokens->t, FALSE, tokens->x, tokens->work,
                           "visual", inserted ? NULL : pass->tap, pass->tap_user);
}

typedef struct
{
  Tokens tokens;
  GError *error;
} Whole;

/* From pixels to features */
static void
run_whole (gconstpointer state, const FewPass *pass, guint b, gpointer memory)
{
  const FewVit *vit = state;
  Whole *whole = memory;
  Tokens *tokens = &whole->tokens;
  embed_patches (vit, pass, b, tokens);
  run_blocks (vit, pass, b, tokens, &whole->error);
  if (pass->config->vit.pool == FEW_POOL_MAP)
    pool_map (vit, pass, b, tokens);
  else if (pass->config->vit.pool == FEW_POOL_MEAN)
    pool_mean (vit, pass, b, tokens);
  else /* only the class token of each picture: rows t apart */
    few_vit_head (vit, pass, b, tokens->x, tokens->ld * tokens->t, tokens->work, tokens->out);
}

gboolean
few_vit_forward (gconstpointer state, const FewPass *pass, guint b, const float *pixels,
                 float *features, GError **error)
{
  const FewBackendOps *ops = pass->backend->ops;
  Whole whole = { .error = NULL };
  if (!prepare_tokens (state, pass, b, pixels, &whole.tokens, error))
    return FALSE;
  few_pass_repeat (state, pass, b, run_whole, &whole);
  ops->download (pass->stream, features, whole.tokens.out, (gsize) b * pass->config->embed_dim);
  if (!whole.error)
    return ops->check (pass->stream, error);
  g_propagate_error (error, whole.error);
  return FALSE;
}

gboolean
few_vit_tokens_after (gconstpointer state, const FewPass *pass, guint b, guint blocks,
                      const float *pixels, float *out, GError **error)
{
  const FewVit *vit = state;
  const FewBackendOps *ops = pass->backend->ops;
  Tokens tokens;
  if (!prepare_tokens (vit, pass, b, pixels, &tokens, error))
    return FALSE;
  embed_patches (vit, pass, b, &tokens);
  FewTransformer part = vit->transformer;
  part.config.layers = blocks;
  few_transformer_forward (&part, ops, pass->stream, b, tokens.t, FALSE, tokens.x, tokens.work,
                           "visual", NULL, NULL);
  ops->download (pass->stream, out, tokens.x, (gsize) b * tokens.t * tokens.ld);
  return ops->check (pass->stream, error);
}
