/* SPDX-License-Identifier: MIT */
/* conv-stem.c's forward pass as an ONNX graph, over [1, C, S, S]. */
#include "clip/conv-stem.h"
#include "clip/graph.h"

enum { STAGES = 2, KERNEL = 3, EXPANSION = 4 };
static const double EPSILON = 1e-6;
#define BACKBONE "visual.trunk.patch_embed.backbone."

static const char *
add_conv (const FewTowerGraph *to, const char *x, const FewGraphConv *shape, const char *prefix,
          const char *name)
{
  g_autofree char *whole = g_strconcat (prefix, name, NULL);
  return few_graph_conv (to->onnx, x, shape, whole, TRUE);
}

static const char *
add_norm (const FewTowerGraph *to, const char *x, const char *prefix, const char *name, gsize width)
{
  g_autofree char *whole = g_strconcat (prefix, name, NULL);
  return few_graph_grid_norm (to->onnx, x, whole, width, EPSILON);
}

/* x, or the mean of the neighbours that there are around each second place, in `out` channels */
static const char *
go_around (const FewTowerGraph *to, const char *x, gsize in, gsize out, gsize stride,
           const char *prefix)
{
  static const gint64 kernel[] = { KERNEL, KERNEL };
  static const gint64 pads[] = { 1, 1, 1, 1 };
  const gint64 strides[] = { (gint64) stride, (gint64) stride };
  const FewGraphConv expand = { out, in, 1, 1, 1, FALSE };
  if (stride == 1)
    return x;
  const char *mean = few_onnx_op (to->onnx, "AveragePool", x, NULL);
  few_onnx_set_ints (to->onnx, "kernel_shape", 2, kernel);
  few_onnx_set_ints (to->onnx, "strides", 2, strides);
  few_onnx_set_ints (to->onnx, "pads", 4, pads);
  few_onnx_set_int (to->onnx, "count_include_pad", 0);
  return in == out ? mean : add_conv (to, mean, &expand, prefix, "shortcut.expand");
}

static const char *
add_block (const FewTowerGraph *to, const char *x, gsize in, gsize out, gsize stride,
           const char *prefix)
{
  gsize middle = EXPANSION * out;
  const FewGraphConv fc1 = { middle, in, 1, 1, 1, FALSE };
  const FewGraphConv depthwise = { middle, middle, KERNEL, stride, middle, TRUE };
  const FewGraphConv fc2 = { out, middle, 1, 1, 1, FALSE };
  const char *y = add_norm (to, x, prefix, "pre_norm", in);
  y = few_graph_activation (to->onnx, add_conv (to, y, &fc1, prefix, "conv1_1x1"),
                            FEW_ACTIVATION_GELU);
  y = few_graph_activation (to->onnx, add_conv (to, y, &depthwise, prefix, "conv2_kxk"),
                            FEW_ACTIVATION_GELU);
  y = add_conv (to, y, &fc2, prefix, "conv3_1x1");
  return few_onnx_infix (to->onnx, y, "Add", go_around (to, x, in, out, stride, prefix));
}

const char *
few_conv_stem_graph (const FewTowerGraph *to, const char *pixels)
{
  const FewClipConfig *config = to->config;
  gsize width = config->stage_widths[0];
  const FewGraphConv first = { width, 3, KERNEL, 2, 1, TRUE };
  const FewGraphConv second = { width, width, KERNEL, 1, 1, TRUE };
  const char *x = add_conv (to, pixels, &first, BACKBONE, "stem.conv1");
  x = add_norm (to, x, BACKBONE, "stem.norm1", width);
  x = few_graph_activation (to->onnx, x, FEW_ACTIVATION_GELU);
  x = add_conv (to, x, &second, BACKBONE, "stem.conv2");
  for (guint s = 0; s < STAGES; s++)
    for (guint i = 0; i < config->stage_depths[s]; i++)
      {
        g_autofree char *prefix = g_strdup_printf (BACKBONE "stages.%u.%u.", s, i);
        x = add_block (to, x, width, config->stage_widths[s], i == 0 ? 2 : 1, prefix);
        width = config->stage_widths[s];
      }
  const FewGraphConv last = { config->vision.width, width, KERNEL, 2, 1, TRUE };
  x = add_norm (to, x, BACKBONE, "pool.norm", width);
  return add_conv (to, x, &last, BACKBONE, "pool.proj");
}
