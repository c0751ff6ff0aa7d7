/* SPDX-License-Identifier: MIT */
/* vit-pass.c's forward pass as an ONNX graph, whatever FewVitStyle says. */
#include "base/memory.h"
#include "clip/conv-stem.h"
#include "clip/graph.h"
#include "clip/vit.h"

/* ---- from pixels to tokens */

/* MobileCLIP B's patches: 4 × 4 pixels, then 2 × 2 of those twice. */
static const char *
add_three_convs (const FewTowerGraph *to, const char *pixels)
{
  gsize w = to->config->vision.width;
  const FewGraphConv shapes[] = { { w / 4, 3, 4, 4, 1, FALSE },
                                  { w / 4, w / 4, 2, 2, 1, FALSE },
                                  { w, w / 4, 2, 2, 1, FALSE } };
  const char *x = pixels;
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      gboolean last = i + 1 == G_N_ELEMENTS (shapes);
      g_autofree char *conv = g_strdup_printf ("visual.trunk.patch_embed.backbone.%u.conv", i);
      g_autofree char *norm = g_strdup_printf ("visual.trunk.patch_embed.backbone.%u.bn", i);
      x = few_graph_conv (to->onnx, x, &shapes[i], conv, last);
      if (!last)
        x = few_graph_activation (to->onnx, few_graph_batch_norm (to->onnx, x, norm, shapes[i].out),
                                  FEW_ACTIVATION_GELU);
    }
  return x;
}

/* [1, W, side, side] */
static const char *
add_grid (const FewTowerGraph *to, const char *pixels)
{
  gsize p = to->config->patch_size;
  const FewGraphConv shape = { to->config->vision.width, 3, p, p, 1, FALSE };
  switch (to->config->vit.stem)
    {
    case FEW_STEM_PATCH:
      return few_graph_conv (to->onnx, pixels, &shape, "visual.conv1", to->config->vit.patch_bias);
    case FEW_STEM_CONVS:
      return add_three_convs (to, pixels);
    case FEW_STEM_STAGES:
      return few_conv_stem_graph (to, pixels);
    }
  g_return_val_if_reached (NULL);
}

static const char *
add_class_token (const FewTowerGraph *to, const char *patches)
{
  gsize w = to->config->vision.width;
  const gint64 row[] = { 1, (gint64) w };
  const char *token = few_onnx_weight (to->onnx, "visual.class_embedding", 1, &w, FALSE);
  token = few_onnx_op (to->onnx, "Reshape", token, few_onnx_integers (to->onnx, 2, row), NULL);
  const char *tokens = few_onnx_op (to->onnx, "Concat", token, patches, NULL);
  few_onnx_set_int (to->onnx, "axis", 0);
  return tokens;
}

/* DINO's: class token, registers and patches with the positions as they are loaded. */
static const char *
add_registers (const FewTowerGraph *to, const char *patches, GError **error)
{
  const FewVitStyle *style = &to->config->vit;
  gsize w = to->config->vision.width;
  const gsize all[] = { few_vit_tokens (to->config), w };
  g_autofree float *positions = few_vit_positions (to->config, to->weights, error);
  if (!positions)
    return NULL;
  if (style->registers > 0)
    {
      const gsize some[] = { style->registers, w };
      const char *registers = few_onnx_weight (to->onnx, "visual.registers", 2, some, FALSE);
      patches = few_onnx_op (to->onnx, "Concat", registers, patches, NULL);
      few_onnx_set_int (to->onnx, "axis", 0);
    }
  return few_onnx_infix (to->onnx, add_class_token (to, patches), "Add",
                         few_onnx_floats (to->onnx, 2, all, positions));
}

/* Patches, class token, positions, ln_pre. A class token without a position joins behind them. */
static const char *
add_tokens (const FewTowerGraph *to, const char *pixels, GError **error)
{
  const FewVitStyle *style = &to->config->vit;
  gsize w = to->config->vision.width;
  gsize placed = few_vit_tokens (to->config) - (style->class_token == FEW_CLASS_UNPLACED);
  const gsize dims[] = { placed, w };
  const char *x = few_graph_tokens (to->onnx, add_grid (to, pixels), w);
  if (style->registers > 0 || style->learned_grid > 0)
    return add_registers (to, x, error);
  if (style->class_token == FEW_CLASS_FIRST)
    x = add_class_token (to, x);
  if (!style->no_positions)
    x = few_onnx_infix (to->onnx, x, "Add",
                        few_onnx_weight (to->onnx, "visual.positional_embedding", 2, dims, FALSE));
  if (style->class_token == FEW_CLASS_UNPLACED)
    x = add_class_token (to, x);
  return style->no_ln_pre ? x
                          : few_graph_layer_norm (to->onnx, x, "visual.ln_pre", w,
                                                  to->config->vision.ln_epsilon);
}

/* ---- from tokens to features */

static const char *
add_last_norm (const FewTowerGraph *to, const char *x)
{
  const FewTransformerConfig *c = &to->config->vision;
  return few_graph_layer_norm (to->onnx, x, "visual.ln_post", c->width, c->ln_epsilon);
}

/* y = out_proj (attention (latent, tokens)); y + c_proj (act (c_fc (norm y))) */
static const char *
add_map_head (const FewTowerGraph *to, const char *tokens)
{
  const FewTransformerConfig *c = &to->config->vision;
  FewOnnx *graph = to->onnx;
  gsize w = c->width;
  gsize m = to->config->vit.map_mlp_width;
  guint heads = to->config->vit.map_heads;
  const gint64 row[] = { 1, (gint64) w };
  gsize three = 3 * w;
  const char *latent = few_onnx_weight (graph, "visual.map.latent", 1, &w, FALSE);
  const char *in =
      few_onnx_weight (graph, "visual.map.in_proj_weight", 2, (gsize[]) { three, w }, TRUE);
  const char *bias = few_onnx_weight (graph, "visual.map.in_proj_bias", 1, &three, FALSE);
  const gint64 wide[] = { 1, (gint64) three };
  bias = few_onnx_op (graph, "Reshape", bias, few_onnx_integers (graph, 2, wide), NULL);
  const char *asked =
      few_onnx_op (graph, "Reshape", latent, few_onnx_integers (graph, 2, row), NULL);
  const char *parts[3];
  for (guint i = 0; i < 3; i++) /* queries, keys, values */
    {
      gint64 first = (gint64) (i * w);
      const char *layer = few_graph_columns (graph, in, first, first + (gint64) w);
      const char *product = few_onnx_infix (graph, i == 0 ? asked : tokens, "MatMul", layer);
      parts[i] = few_onnx_infix (graph, product, "Add",
                                 few_graph_columns (graph, bias, first, first + (gint64) w));
    }
  const char *found =
      few_graph_attention (graph, parts[0], parts[1], parts[2], heads, (guint) w / heads);
  const char *y = few_graph_linear (graph, found, "visual.map.out_proj.weight",
                                    "visual.map.out_proj.bias", w, w);
  const char *normal = few_graph_layer_norm (graph, y, "visual.map.norm", w, c->ln_epsilon);
  const char *hidden = few_graph_activation (
      graph,
      few_graph_linear (graph, normal, "visual.map.c_fc.weight", "visual.map.c_fc.bias", m, w),
      c->activation);
  const char *thought =
      few_graph_linear (graph, hidden, "visual.map.c_proj.weight", "visual.map.c_proj.bias", w, m);
  return few_onnx_infix (graph, y, "Add", thought);
}

/* tokens [T, W] → [1, W] */
static const char *
add_pool (const FewTowerGraph *to, const char *tokens)
{
  gint64 t = few_vit_tokens (to->config);
  gint64 behind_class = to->config->vit.class_token != FEW_CLASS_NONE;
  switch (to->config->vit.pool)
    {
    case FEW_POOL_CLASS:
      return add_last_norm (to, few_graph_rows (to->onnx, tokens, 0, 1));
    case FEW_POOL_MEAN:
      {
        const char *patches = few_graph_rows (to->onnx, tokens, behind_class, t);
        return add_last_norm (to, few_graph_mean_row (to->onnx, patches));
      }
    case FEW_POOL_MAP:
      return add_map_head (to, add_last_norm (to, tokens));
    }
  g_return_val_if_reached (NULL);
}

static const char *
add_projection (const FewTowerGraph *to, const char *x)
{
  gsize w = to->config->vision.width;
  gsize d = to->config->embed_dim;
  switch (to->config->vit.projection)
    {
    case FEW_PROJECTION_PARAMETER:
      return few_onnx_infix (
          to->onnx, x, "MatMul",
          few_onnx_weight (to->onnx, "visual.proj", 2, (gsize[]) { w, d }, FALSE));
    case FEW_PROJECTION_LINEAR:
      return few_graph_linear (to->onnx, x, "visual.trunk.head.weight", "visual.trunk.head.bias", d,
                               w);
    case FEW_PROJECTION_BARE:
      return few_graph_linear (to->onnx, x, "visual.head.proj.weight", NULL, d, w);
    case FEW_PROJECTION_NONE:
      return x;
    case FEW_PROJECTION_MLP: /* texts alone have it */
      break;
    }
  g_return_val_if_reached (NULL);
}

const char *
few_vit_graph (const FewTowerGraph *to, const char *pixels, GError **error)
{
  const FewTransformerConfig *c = &to->config->vision;
  guint before = to->inserted ? to->inserted->after : c->layers;
  g_autofree float *rotation = NULL;
  if (c->rope_steps > 0 && !(rotation = few_vit_rotation (to->config, error)))
    return NULL;
  const FewGraphBlocks blocks = { c, rotation, few_vit_tokens (to->config) };
  const char *x = add_tokens (to, pixels, error);
  if (!x)
    return NULL;
  x = few_graph_blocks (to->onnx, &blocks, 0, before, "visual.", x);
  if (to->inserted)
    x = few_inserted_graph (to->inserted, to->onnx, x);
  x = few_graph_blocks (to->onnx, &blocks, before, c->layers, "visual.", x);
  return add_projection (to, add_pool (to, x));
}
