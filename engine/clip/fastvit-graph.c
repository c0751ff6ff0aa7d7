/* SPDX-License-Identifier: MIT */
/* fastvit.c's forward pass as an ONNX graph over [1, C, S, S]. The branches of training are summed
 * before they are written, as for a device: what runs it has one convolution a layer. The sums stay
 * f32: they are few, and f16 would round them once more. */
#include "clip/fastvit.h"
#include "clip/fold.h"
#include "clip/graph.h"
#include "clip/shapes.h"

typedef struct
{
  FewOnnx *onnx;
  FewLoader loader; /* without a device: for branches, and what goes wrong with them */
  gsize side;       /* of the grid that x is */
} Writer;

static gboolean
has (const Writer *to, const char *prefix, const char *name)
{
  g_autofree char *whole = g_strconcat (prefix, name, NULL);
  return few_load_has (&to->loader, whole);
}

static const char *
add_gelu (const Writer *to, const char *x)
{
  return few_graph_activation (to->onnx, x, FEW_ACTIVATION_GELU);
}

/* ---- convolutions */

/* The sum of branches as one convolution, n channels out of c; nothing after an error. */
static const char *
add_fold (Writer *to, const char *x, const FewFold *fold, gsize c, gsize stride)
{
  const gsize dims[] = { fold->n, fold->per, fold->kernel, fold->kernel };
  const gsize n = fold->n;
  const FewGraphConv shape = { n, c, fold->kernel, stride, c / fold->per, TRUE };
  to->side = (to->side + stride - 1) / stride;
  if (to->loader.error)
    return x;
  return few_graph_conv_of (to->onnx, x, &shape, few_onnx_floats (to->onnx, 4, dims, fold->weights),
                            few_onnx_floats (to->onnx, 1, &n, fold->bias));
}

/* timm's MobileOneBlock: c channels that do not mix (per 1) or do (per c) */
static const char *
add_branches (Writer *to, const char *x, const char *prefix, const FewGraphConv *shape)
{
  g_auto (FewFold) fold = { NULL };
  few_fold_init (&fold, &to->loader, (guint) shape->out, (guint) (shape->in / shape->groups),
                 (guint) shape->kernel);
  few_fold_add_branches (&fold, prefix);
  return add_fold (to, x, &fold, shape->in, shape->stride);
}

/* Layer PREFIXNAME over the channels of each cell. */
static const char *
add_layer (const Writer *to, const char *x, const char *prefix, const char *name, gsize out,
           gsize in)
{
  const gsize dims[] = { out, in };
  const gint64 kernel[] = { (gint64) out, (gint64) in, 1, 1 };
  const FewGraphConv shape = { out, in, 1, 1, 1, FALSE };
  g_autofree char *weight = g_strconcat (prefix, name, ".weight", NULL);
  g_autofree char *bias = g_strconcat (prefix, name, ".bias", NULL);
  const char *matrix = few_onnx_weight (to->onnx, weight, 2, dims, FALSE);
  matrix = few_onnx_op (to->onnx, "Reshape", matrix, few_onnx_integers (to->onnx, 4, kernel), NULL);
  return few_graph_conv_of (to->onnx, x, &shape, matrix,
                            few_onnx_weight (to->onnx, bias, 1, &out, FALSE));
}

/* Gains of the channels of a grid. */
static const char *
add_gain (const Writer *to, const char *x, const char *prefix, const char *name, gsize w)
{
  const gint64 shape[] = { (gint64) w, 1, 1 };
  g_autofree char *whole = g_strconcat (prefix, name, NULL);
  const char *gains = few_onnx_weight (to->onnx, whole, 1, &w, FALSE);
  gains = few_onnx_op (to->onnx, "Reshape", gains, few_onnx_integers (to->onnx, 3, shape), NULL);
  return few_onnx_infix (to->onnx, x, "Mul", gains);
}

/* x · σ (fc2 (relu (fc1 (mean x)))), where there is one */
static const char *
add_squeeze (const Writer *to, const char *x, const char *prefix, gsize w)
{
  g_autofree char *fc1 = g_strconcat (prefix, ".fc1.weight", NULL);
  if (!few_load_has (&to->loader, fc1))
    return x;
  gsize narrow = few_shape_dim (to->loader.weights, fc1, 0);
  const char *gate = few_graph_grid_mean (to->onnx, x);
  gate = add_layer (to, gate, prefix, ".fc1", narrow, w);
  gate = few_onnx_op (to->onnx, "Relu", gate, NULL);
  gate = add_layer (to, gate, prefix, ".fc2", w, narrow);
  return few_onnx_infix (to->onnx, x, "Mul", few_onnx_op (to->onnx, "Sigmoid", gate, NULL));
}

/* ---- a block */

/* Tokens of x, normalised: over channels by layers, or by what training saw. */
static const char *
add_attention_norm (const Writer *to, const char *x, const char *norm, gsize w)
{
  if (has (to, norm, ".running_mean"))
    return few_graph_tokens (to->onnx, few_graph_batch_norm (to->onnx, x, norm, w), w);
  return few_graph_layer_norm (to->onnx, few_graph_tokens (to->onnx, x, w), norm, w, 1e-5);
}

static const char *
add_attention (const Writer *to, const char *x, const char *prefix, gsize w)
{
  FewOnnx *graph = to->onnx;
  g_autofree char *norm = g_strconcat (prefix, "norm", NULL);
  g_autofree char *qkv = g_strconcat (prefix, "token_mixer.qkv.weight", NULL);
  g_autofree char *proj = g_strconcat (prefix, "token_mixer.proj.weight", NULL);
  g_autofree char *proj_bias = g_strconcat (prefix, "token_mixer.proj.bias", NULL);
  g_autofree char *gamma = g_strconcat (prefix, "layer_scale_1.gamma", NULL);
  gint64 width = (gint64) w;
  const char *tokens = add_attention_norm (to, x, norm, w);
  const char *all = few_graph_linear (graph, tokens, qkv, NULL, 3 * w, w);
  const char *q = few_graph_columns (graph, all, 0, width);
  const char *k = few_graph_columns (graph, all, width, 2 * width);
  const char *v = few_graph_columns (graph, all, 2 * width, 3 * width);
  const char *seen =
      few_graph_attention (graph, q, k, v, (guint) (w / FEW_FASTVIT_HEAD), FEW_FASTVIT_HEAD);
  seen = few_graph_linear (graph, seen, proj, proj_bias, w, w);
  seen = few_graph_gain (graph, seen, gamma, w);
  return few_onnx_infix (graph, x, "Add", few_graph_grid (graph, seen, w, to->side));
}

static const char *
add_mixer (Writer *to, const char *x, const char *prefix, gsize w)
{
  g_auto (FewFold) fold = { NULL };
  few_fastvit_fold_mixer (&fold, &to->loader, (guint) w, prefix);
  return add_fold (to, x, &fold, w, 1);
}

static const char *
add_block (Writer *to, const char *x, const char *prefix, gsize w, gsize hidden)
{
  gboolean attends = has (to, prefix, "token_mixer.qkv.weight");
  g_autofree char *spread = g_strconcat (prefix, "mlp.conv", NULL);
  g_auto (FewFold) fold = { NULL };
  x = attends ? add_attention (to, x, prefix, w) : add_mixer (to, x, prefix, w);
  few_fold_init (&fold, &to->loader, (guint) w, 1, 7);
  few_fold_add_conv (&fold, 7, spread);
  const char *y = add_fold (to, x, &fold, w, 1);
  y = add_gelu (to, add_layer (to, y, prefix, "mlp.fc1", hidden, w));
  y = add_layer (to, y, prefix, "mlp.fc2", w, hidden);
  y = add_gain (to, y, prefix, attends ? "layer_scale_2.gamma" : "layer_scale.gamma", w);
  return few_onnx_infix (to->onnx, x, "Add", y);
}

/* ---- stages */

static const char *
add_halving (Writer *to, const char *x, guint s, gsize w, gsize before)
{
  const FewGraphConv all = { w, w, 1, 1, 1, TRUE };
  g_autofree char *squeeze = g_strdup_printf ("visual.trunk.stages.%u.downsample.proj.0.se", s);
  g_autofree char *mix = g_strdup_printf ("visual.trunk.stages.%u.downsample.proj.1", s);
  g_auto (FewFold) fold = { NULL };
  few_fastvit_fold_halving (&fold, &to->loader, (guint) w, s);
  x = add_squeeze (to, add_fold (to, x, &fold, before, 2), squeeze, w);
  return add_gelu (to, add_branches (to, add_gelu (to, x), mix, &all));
}

/* x + a convolution of it, where the stage has positions */
static const char *
add_positions (const Writer *to, const char *x, guint s, gsize w)
{
  const FewGraphConv shape = { w, w, 7, 1, w, TRUE };
  g_autofree char *prefix = g_strdup_printf ("visual.trunk.stages.%u.pos_emb.pos_enc", s);
  if (!has (to, prefix, ".weight"))
    return x;
  return few_onnx_infix (to->onnx, x, "Add", few_graph_conv (to->onnx, x, &shape, prefix, TRUE));
}

static const char *
add_stage (Writer *to, const FewClipConfig *config, const char *x, guint s)
{
  gsize w = config->stage_widths[s];
  if (s > 0)
    x = add_halving (to, x, s, w, config->stage_widths[s - 1]);
  x = add_positions (to, x, s, w);
  for (guint i = 0; i < config->stage_depths[s]; i++)
    {
      g_autofree char *block = g_strdup_printf ("visual.trunk.stages.%u.blocks.%u.", s, i);
      x = add_block (to, x, block, w, w * config->vision.mlp_width);
    }
  return x;
}

static const char *
add_stem (Writer *to, const char *x, gsize w)
{
  const FewGraphConv shapes[] = { { w, 3, 3, 2, 1, TRUE },
                                  { w, w, 3, 2, w, TRUE },
                                  { w, w, 1, 1, 1, TRUE } };
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_autofree char *prefix = g_strdup_printf ("visual.trunk.stem.%u", i);
      x = add_gelu (to, add_branches (to, x, prefix, &shapes[i]));
    }
  return x;
}

const char *
few_fastvit_graph (const FewTowerGraph *tower, const char *pixels, GError **error)
{
  const FewClipConfig *config = tower->config;
  Writer to = { tower->onnx, { .weights = tower->weights }, config->image_size };
  guint stages = few_fastvit_stages (config);
  gsize w = config->stage_widths[stages - 1];
  const FewGraphConv last = { 2 * w, w, 3, 1, w, TRUE };
  const gint64 row[] = { 1, 2 * (gint64) w };
  const char *x = add_stem (&to, pixels, config->stage_widths[0]);
  for (guint s = 0; s < stages; s++)
    x = add_stage (&to, config, x, s);
  x = add_branches (&to, x, "visual.trunk.final_conv", &last);
  x = add_gelu (&to, add_squeeze (&to, x, "visual.trunk.final_conv.se", 2 * w));
  const char *mean = few_onnx_op (to.onnx, "Reshape", few_graph_grid_mean (to.onnx, x),
                                  few_onnx_integers (to.onnx, 2, row), NULL);
  const char *features = few_graph_linear (to.onnx, mean, "visual.trunk.head.fc.weight",
                                           "visual.trunk.head.fc.bias", config->embed_dim, 2 * w);
  if (!to.loader.error)
    return features;
  g_propagate_error (error, to.loader.error);
  return NULL;
}
