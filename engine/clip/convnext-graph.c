/* SPDX-License-Identifier: MIT */
/* convnext.c's forward pass as an ONNX graph: convolutions over [1, C, S, S], norms and layers over
 * [1, S, S, C]. */
#include "clip/convnext.h"
#include "clip/graph.h"
#include "clip/tower.h"

/* A norm over the channels of [1, C, S, S] */
static const char *
add_norm (const FewTowerGraph *to, const char *x, const char *prefix, gsize width)
{
  return few_graph_grid_norm (to->onnx, x, prefix, width, to->config->vision.ln_epsilon);
}

/* x + γ · fc2 (gelu (fc1 (norm (depthwise x)))) */
static const char *
add_block (const FewTowerGraph *to, const char *x, gsize w, const char *prefix)
{
  const FewGraphConv depthwise = { w, w, FEW_CONVNEXT_KERNEL, 1, w, TRUE };
  FewOnnx *graph = to->onnx;
  g_autofree char *conv = g_strconcat (prefix, "conv_dw", NULL);
  g_autofree char *norm = g_strconcat (prefix, "norm", NULL);
  g_autofree char *fc1 = g_strconcat (prefix, "mlp.fc1.weight", NULL);
  g_autofree char *fc1_bias = g_strconcat (prefix, "mlp.fc1.bias", NULL);
  g_autofree char *fc2 = g_strconcat (prefix, "mlp.fc2.weight", NULL);
  g_autofree char *fc2_bias = g_strconcat (prefix, "mlp.fc2.bias", NULL);
  g_autofree char *gamma = g_strconcat (prefix, "gamma", NULL);
  const char *y =
      few_graph_turn_grid (graph, few_graph_conv (graph, x, &depthwise, conv, TRUE), TRUE);
  y = few_graph_layer_norm (graph, y, norm, w, to->config->vision.ln_epsilon);
  y = few_graph_linear (graph, y, fc1, fc1_bias, 4 * w, w);
  y = few_graph_activation (graph, y, FEW_ACTIVATION_GELU);
  y = few_graph_linear (graph, y, fc2, fc2_bias, w, 4 * w);
  y = few_graph_turn_grid (graph, few_graph_gain (graph, y, gamma, w), FALSE);
  return few_onnx_infix (graph, x, "Add", y);
}

/* The stem, or what halves the grid: between stages the norm comes first. */
static const char *
enter_stage (const FewTowerGraph *to, const char *x, guint s)
{
  gsize w = to->config->stage_widths[s];
  if (s == 0)
    {
      const FewGraphConv stem = { w, 3, FEW_CONVNEXT_STEM, FEW_CONVNEXT_STEM, 1, FALSE };
      return add_norm (to, few_graph_conv (to->onnx, x, &stem, "visual.trunk.stem.0", TRUE),
                       "visual.trunk.stem.1", w);
    }
  gsize before = to->config->stage_widths[s - 1];
  const FewGraphConv halving = { w, before, 2, 2, 1, FALSE };
  g_autofree char *norm = g_strdup_printf ("visual.trunk.stages.%u.downsample.0", s);
  g_autofree char *conv = g_strdup_printf ("visual.trunk.stages.%u.downsample.1", s);
  return few_graph_conv (to->onnx, add_norm (to, x, norm, before), &halving, conv, TRUE);
}

/* x [1, W] → [1, D] */
static const char *
add_projection (const FewTowerGraph *to, const char *x, gsize w)
{
  gsize d = to->config->embed_dim;
  gsize h = to->config->head_width;
  if (h == 0)
    return few_graph_linear (to->onnx, x, "visual.head.proj.weight", NULL, d, w);
  const char *hidden = few_graph_linear (to->onnx, x, "visual.head.mlp.fc1.weight",
                                         "visual.head.mlp.fc1.bias", h, w);
  hidden = few_graph_activation (to->onnx, hidden, FEW_ACTIVATION_GELU);
  return few_graph_linear (to->onnx, hidden, "visual.head.mlp.fc2.weight", NULL, d, h);
}

const char *
few_convnext_graph (const FewTowerGraph *to, const char *pixels, GError **error G_GNUC_UNUSED)
{
  const FewClipConfig *config = to->config;
  gsize last = config->stage_widths[FEW_CONVNEXT_STAGES - 1];
  const gint64 row[] = { 1, (gint64) last };
  const char *x = pixels;
  for (guint s = 0; s < FEW_CONVNEXT_STAGES; s++)
    {
      x = enter_stage (to, x, s);
      for (guint i = 0; i < config->stage_depths[s]; i++)
        {
          g_autofree char *block = g_strdup_printf ("visual.trunk.stages.%u.blocks.%u.", s, i);
          x = add_block (to, x, config->stage_widths[s], block);
        }
    }
  const char *mean = few_onnx_op (to->onnx, "Reshape", few_graph_grid_mean (to->onnx, x),
                                  few_onnx_integers (to->onnx, 2, row), NULL);
  mean = few_graph_layer_norm (to->onnx, mean, "visual.trunk.head.norm", last,
                               config->vision.ln_epsilon);
  return add_projection (to, mean, last);
}
