/* SPDX-License-Identifier: MIT */
/* Linear layers, norms, attention and convolutions as ONNX nodes. */
#include "clip/graph.h"
#include <math.h>

static const char *
add_number (FewOnnx *graph, double value)
{
  return few_onnx_number (graph, FEW_ONNX_FLOAT, value);
}

const char *
few_graph_linear (FewOnnx *graph, const char *x, const char *weight, const char *bias, gsize out,
                  gsize in)
{
  const char *w = few_onnx_weight (graph, weight, 2, (gsize[]) { out, in }, TRUE);
  const char *product = few_onnx_op (graph, "MatMul", x, w, NULL);
  if (!bias)
    return product;
  return few_onnx_op (graph, "Add", product, few_onnx_weight (graph, bias, 1, &out, FALSE), NULL);
}

const char *
few_graph_layer_norm (FewOnnx *graph, const char *x, const char *prefix, gsize width,
                      double epsilon)
{
  g_autofree char *weight = g_strconcat (prefix, ".weight", NULL);
  g_autofree char *bias = g_strconcat (prefix, ".bias", NULL);
  const char *w = few_onnx_weight (graph, weight, 1, &width, FALSE);
  const char *b = few_onnx_weight (graph, bias, 1, &width, FALSE);
  const char *out = few_onnx_op (graph, "LayerNormalization", x, w, b, NULL);
  few_onnx_set_int (graph, "axis", -1);
  few_onnx_set_float (graph, "epsilon", epsilon);
  return out;
}

const char *
few_graph_gain (FewOnnx *graph, const char *x, const char *name, gsize width)
{
  return few_onnx_infix (graph, x, "Mul", few_onnx_weight (graph, name, 1, &width, FALSE));
}

/* x · Φ (x) */
static const char *
add_gelu (FewOnnx *graph, const char *x)
{
  const char *scaled = few_onnx_op (graph, "Mul", x, add_number (graph, sqrt (0.5)), NULL);
  const char *erf = few_onnx_op (graph, "Erf", scaled, NULL);
  const char *one = few_onnx_op (graph, "Add", erf, add_number (graph, 1), NULL);
  const char *half = few_onnx_op (graph, "Mul", x, add_number (graph, 0.5), NULL);
  return few_onnx_op (graph, "Mul", half, one, NULL);
}

/* ½ (1 + tanh (√(2/π) (x + 0.044715 x³))) x = σ (√(8/π) (x + 0.044715 x³)) x */
static const char *
add_tanh_gelu (FewOnnx *graph, const char *x)
{
  const char *square = few_onnx_op (graph, "Mul", x, x, NULL);
  const char *bent = few_onnx_op (graph, "Mul", square, add_number (graph, 0.0713548162726), NULL);
  const char *slope = few_onnx_op (graph, "Add", bent, add_number (graph, 1.5957691216), NULL);
  const char *scaled = few_onnx_op (graph, "Mul", x, slope, NULL);
  return few_onnx_op (graph, "Mul", x, few_onnx_op (graph, "Sigmoid", scaled, NULL), NULL);
}

const char *
few_graph_activation (FewOnnx *graph, const char *x, FewActivation activation)
{
  switch (activation)
    {
    case FEW_ACTIVATION_NONE:
      return x;
    case FEW_ACTIVATION_RELU:
      return few_onnx_op (graph, "Relu", x, NULL);
    case FEW_ACTIVATION_GELU:
      return add_gelu (graph, x);
    case FEW_ACTIVATION_QUICK_GELU:
      {
        const char *scaled = few_onnx_op (graph, "Mul", x, add_number (graph, 1.702), NULL);
        return few_onnx_op (graph, "Mul", x, few_onnx_op (graph, "Sigmoid", scaled, NULL), NULL);
      }
    case FEW_ACTIVATION_TANH_GELU:
      return add_tanh_gelu (graph, x);
    case FEW_ACTIVATION_SILU:
      return few_onnx_op (graph, "Mul", x, few_onnx_op (graph, "Sigmoid", x, NULL), NULL);
    }
  g_return_val_if_reached (NULL);
}

/* [T, W] → [heads, T, head_width], or its last two turned */
static const char *
split_heads (FewOnnx *graph, const char *x, guint heads, guint head_width, gboolean turned)
{
  const gint64 shape[] = { -1, heads, head_width };
  const gint64 order[] = { 1, turned ? 2 : 0, turned ? 0 : 2 };
  const char *split = few_onnx_op (graph, "Reshape", x, few_onnx_integers (graph, 3, shape), NULL);
  const char *out = few_onnx_op (graph, "Transpose", split, NULL);
  few_onnx_set_ints (graph, "perm", 3, order);
  return out;
}

const char *
few_graph_attention (FewOnnx *graph, const char *q, const char *k, const char *v, guint heads,
                     guint head_width)
{
  const gint64 shape[] = { -1, (gint64) heads * head_width };
  const char *scale = add_number (graph, 1 / sqrt ((double) head_width));
  const char *queries =
      split_heads (graph, few_onnx_op (graph, "Mul", q, scale, NULL), heads, head_width, FALSE);
  const char *keys = split_heads (graph, k, heads, head_width, TRUE);
  const char *values = split_heads (graph, v, heads, head_width, FALSE);
  const char *alike = few_onnx_op (graph, "MatMul", queries, keys, NULL);
  const char *shares = few_onnx_op (graph, "Softmax", alike, NULL);
  few_onnx_set_int (graph, "axis", -1);
  const char *mixed = few_onnx_op (graph, "MatMul", shares, values, NULL);
  const char *together = few_onnx_op (graph, "Transpose", mixed, NULL);
  few_onnx_set_ints (graph, "perm", 3, (const gint64[]) { 1, 0, 2 });
  return few_onnx_op (graph, "Reshape", together, few_onnx_integers (graph, 2, shape), NULL);
}

static const char *
take_slice (FewOnnx *graph, const char *x, gint64 first, gint64 end, gint64 axis)
{
  return few_onnx_op (graph, "Slice", x, few_onnx_integers (graph, 1, &first),
                      few_onnx_integers (graph, 1, &end), few_onnx_integers (graph, 1, &axis),
                      NULL);
}

const char *
few_graph_columns (FewOnnx *graph, const char *x, gint64 first, gint64 end)
{
  return take_slice (graph, x, first, end, 1);
}

const char *
few_graph_rows (FewOnnx *graph, const char *x, gint64 first, gint64 end)
{
  return take_slice (graph, x, first, end, 0);
}

const char *
few_graph_mean_row (FewOnnx *graph, const char *x)
{
  const gint64 rows = 0;
  const char *mean = few_onnx_op (graph, "ReduceMean", x, NULL);
  few_onnx_set_ints (graph, "axes", 1, &rows);
  few_onnx_set_int (graph, "keepdims", 1);
  return mean;
}

const char *
few_graph_tokens (FewOnnx *graph, const char *x, gsize channels)
{
  const gint64 shape[] = { (gint64) channels, -1 };
  const char *flat = few_onnx_op (graph, "Reshape", x, few_onnx_integers (graph, 2, shape), NULL);
  const char *out = few_onnx_op (graph, "Transpose", flat, NULL);
  few_onnx_set_ints (graph, "perm", 2, (const gint64[]) { 1, 0 });
  return out;
}

const char *
few_graph_grid (FewOnnx *graph, const char *tokens, gsize channels, gsize side)
{
  const gint64 shape[] = { 1, (gint64) channels, (gint64) side, (gint64) side };
  const char *turned = few_onnx_op (graph, "Transpose", tokens, NULL);
  few_onnx_set_ints (graph, "perm", 2, (const gint64[]) { 1, 0 });
  return few_onnx_op (graph, "Reshape", turned, few_onnx_integers (graph, 4, shape), NULL);
}

/* ---- grids */

const char *
few_graph_conv_of (FewOnnx *graph, const char *x, const FewGraphConv *shape, const char *weight,
                   const char *bias)
{
  gint64 pad = shape->padded ? (gint64) shape->kernel / 2 : 0;
  const gint64 pads[] = { pad, pad, pad, pad };
  const gint64 strides[] = { (gint64) shape->stride, (gint64) shape->stride };
  const gint64 kernel[] = { (gint64) shape->kernel, (gint64) shape->kernel };
  const char *out = few_onnx_op (graph, "Conv", x, weight, bias, NULL);
  few_onnx_set_ints (graph, "kernel_shape", 2, kernel);
  few_onnx_set_ints (graph, "pads", 4, pads);
  few_onnx_set_ints (graph, "strides", 2, strides);
  few_onnx_set_int (graph, "group", shape->groups > 0 ? (gint64) shape->groups : 1);
  return out;
}

const char *
few_graph_conv (FewOnnx *graph, const char *x, const FewGraphConv *shape, const char *prefix,
                gboolean bias)
{
  gsize groups = shape->groups > 0 ? shape->groups : 1;
  const gsize dims[] = { shape->out, shape->in / groups, shape->kernel, shape->kernel };
  g_autofree char *weight = g_strconcat (prefix, ".weight", NULL);
  g_autofree char *own_bias = g_strconcat (prefix, ".bias", NULL);
  const char *w = few_onnx_weight (graph, weight, 4, dims, FALSE);
  const char *b = bias ? few_onnx_weight (graph, own_bias, 1, &shape->out, FALSE) : NULL;
  return few_graph_conv_of (graph, x, shape, w, b);
}

const char *
few_graph_batch_norm (FewOnnx *graph, const char *x, const char *prefix, gsize channels)
{
  static const char *const parts[] = { ".weight", ".bias", ".running_mean", ".running_var" };
  const char *values[G_N_ELEMENTS (parts)];
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *part = g_strconcat (prefix, parts[i], NULL);
      values[i] = few_onnx_weight (graph, part, 1, &channels, FALSE);
    }
  const char *out = few_onnx_op (graph, "BatchNormalization", x, values[0], values[1], values[2],
                                 values[3], NULL);
  few_onnx_set_float (graph, "epsilon", 1e-5);
  return out;
}

const char *
few_graph_turn_grid (FewOnnx *graph, const char *x, gboolean channels_last)
{
  static const gint64 last[] = { 0, 2, 3, 1 };
  static const gint64 first[] = { 0, 3, 1, 2 };
  const char *out = few_onnx_op (graph, "Transpose", x, NULL);
  few_onnx_set_ints (graph, "perm", 4, channels_last ? last : first);
  return out;
}

const char *
few_graph_grid_norm (FewOnnx *graph, const char *x, const char *prefix, gsize width, double epsilon)
{
  const char *turned = few_graph_turn_grid (graph, x, TRUE);
  const char *normal = few_graph_layer_norm (graph, turned, prefix, width, epsilon);
  return few_graph_turn_grid (graph, normal, FALSE);
}

const char *
few_graph_grid_mean (FewOnnx *graph, const char *x)
{
  return few_onnx_op (graph, "GlobalAveragePool", x, NULL);
}

/* ---- adapters */

const char *
few_graph_bottleneck (FewOnnx *graph, const char *x, const float *w1, const float *w2, guint hidden,
                      guint width, gboolean final_relu)
{
  const char *first = few_onnx_turned (graph, hidden, width, w1, 1);
  const char *second = few_onnx_turned (graph, width, hidden, w2, 1);
  const char *inner = few_onnx_op (graph, "Relu", few_onnx_infix (graph, x, "MatMul", first), NULL);
  const char *a = few_onnx_infix (graph, inner, "MatMul", second);
  return final_relu ? few_onnx_op (graph, "Relu", a, NULL) : a;
}

const char *
few_graph_blend (FewOnnx *graph, const char *a, const char *x, double alpha)
{
  const char *mine = few_onnx_infix_number (graph, FEW_ONNX_FLOAT, a, "Mul", alpha);
  const char *clip = few_onnx_infix_number (graph, FEW_ONNX_FLOAT, x, "Mul", 1 - alpha);
  return few_onnx_infix (graph, mine, "Add", clip);
}
