/* SPDX-License-Identifier: MIT */
/* resnet.c's forward pass as an ONNX graph; batch norms stay nodes of their own, which runtimes
 * fold as the engine does. */
#include "clip/graph.h"
#include "clip/tower.h"

enum { STRIDE = 32 };

/* conv and its norm: "visual.conv1", "visual.bn1" */
static const char *
add_conv (FewOnnx *graph, const char *x, const char *conv, const char *norm,
          const FewGraphConv *shape)
{
  return few_graph_batch_norm (graph, few_graph_conv (graph, x, shape, conv, FALSE), norm,
                               shape->out);
}

static const char *
add_pool (FewOnnx *graph, const char *x, gsize side)
{
  const gint64 sides[] = { (gint64) side, (gint64) side };
  const char *out = few_onnx_op (graph, "AveragePool", x, NULL);
  few_onnx_set_ints (graph, "kernel_shape", 2, sides);
  few_onnx_set_ints (graph, "strides", 2, sides);
  return out;
}

static const char *
add_block_conv (FewOnnx *graph, const char *x, const char *prefix, guint number,
                const FewGraphConv *shape)
{
  g_autofree char *conv = g_strdup_printf ("%sconv%u", prefix, number);
  g_autofree char *norm = g_strdup_printf ("%sbn%u", prefix, number);
  return add_conv (graph, x, conv, norm, shape);
}

static const char *
add_bottleneck (FewOnnx *graph, const char *x, const char *prefix, gsize in, gsize planes,
                gsize stride)
{
  const char *y =
      add_block_conv (graph, x, prefix, 1, &(FewGraphConv) { planes, in, 1, 1, 1, TRUE });
  y = few_onnx_op (graph, "Relu", y, NULL);
  y = add_block_conv (graph, y, prefix, 2, &(FewGraphConv) { planes, planes, 3, 1, 1, TRUE });
  y = few_onnx_op (graph, "Relu", y, NULL);
  if (stride > 1)
    y = add_pool (graph, y, stride);
  y = add_block_conv (graph, y, prefix, 3, &(FewGraphConv) { 4 * planes, planes, 1, 1, 1, TRUE });
  const char *identity = x;
  if (stride > 1)
    identity = add_pool (graph, x, stride);
  if (stride > 1 || in != 4 * planes)
    {
      g_autofree char *conv = g_strconcat (prefix, "downsample.0", NULL);
      g_autofree char *norm = g_strconcat (prefix, "downsample.1", NULL);
      identity =
          add_conv (graph, identity, conv, norm, &(FewGraphConv) { 4 * planes, in, 1, 1, 1, TRUE });
    }
  return few_onnx_op (graph, "Relu", few_onnx_op (graph, "Add", y, identity, NULL), NULL);
}

static const char *
add_stem (FewOnnx *graph, const FewClipConfig *config, const char *x)
{
  gsize width = config->resnet_width;
  const FewGraphConv shapes[] = { { width / 2, 3, 3, 2, 1, TRUE },
                                  { width / 2, width / 2, 3, 1, 1, TRUE },
                                  { width, width / 2, 3, 1, 1, TRUE } };
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    x = few_onnx_op (graph, "Relu", add_block_conv (graph, x, "visual.", i + 1, &shapes[i]), NULL);
  return add_pool (graph, x, 2);
}

static const char *
add_projection (FewOnnx *graph, const char *x, const char *name, gsize out, gsize in)
{
  g_autofree char *weight = g_strdup_printf ("visual.attnpool.%s.weight", name);
  g_autofree char *bias = g_strdup_printf ("visual.attnpool.%s.bias", name);
  return few_graph_linear (graph, x, weight, bias, out, in);
}

/* The mean of the grid is the query. */
static const char *
add_attention_pool (FewOnnx *graph, const FewClipConfig *config, const char *x)
{
  gsize w = 32 * (gsize) config->resnet_width;
  gsize grid = config->image_size / STRIDE;
  const char *cells = few_graph_tokens (graph, x, w);
  const char *tokens =
      few_onnx_op (graph, "Concat", few_graph_mean_row (graph, cells), cells, NULL);
  few_onnx_set_int (graph, "axis", 0);
  const char *positions = few_onnx_weight (graph, "visual.attnpool.positional_embedding", 2,
                                           (gsize[]) { grid * grid + 1, w }, FALSE);
  tokens = few_onnx_op (graph, "Add", tokens, positions, NULL);
  const char *q = add_projection (graph, few_graph_rows (graph, tokens, 0, 1), "q_proj", w, w);
  const char *k = add_projection (graph, tokens, "k_proj", w, w);
  const char *v = add_projection (graph, tokens, "v_proj", w, w);
  const char *pooled =
      few_graph_attention (graph, q, k, v, config->resnet_heads, (guint) w / config->resnet_heads);
  return add_projection (graph, pooled, "c_proj", config->embed_dim, w);
}

const char *
few_resnet_graph (const FewTowerGraph *to, const char *pixels, GError **error G_GNUC_UNUSED)
{
  const FewClipConfig *config = to->config;
  FewOnnx *graph = to->onnx;
  const char *x = add_stem (graph, config, pixels);
  gsize channels = config->resnet_width;
  for (guint s = 0; s < FEW_RESNET_STAGES; s++)
    for (guint i = 0; i < config->resnet_layers[s]; i++)
      {
        g_autofree char *prefix = g_strdup_printf ("visual.layer%u.%u.", s + 1, i);
        gsize planes = (gsize) config->resnet_width << s;
        x = add_bottleneck (graph, x, prefix, channels, planes, s > 0 && i == 0 ? 2 : 1);
        channels = 4 * planes;
      }
  return add_attention_pool (graph, config, x);
}
