/* SPDX-License-Identifier: MIT */
/* Linear layers, norms, attention and transformer blocks as ONNX nodes. */
#include "clip/graph.h"
#include <math.h>

static const char *
add_number (FewOnnx *graph, double value)
{
  return few_onnx_number (graph, few_onnx_weight_type (graph), value);
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

/* Columns from · W to (from + 1) · W */
static const char *
take_columns (FewOnnx *graph, const char *x, gint64 from, gint64 width)
{
  gint64 first = from * width;
  gint64 end = first + width;
  return few_onnx_op (graph, "Slice", x, few_onnx_integers (graph, 1, &first),
                      few_onnx_integers (graph, 1, &end),
                      few_onnx_integers (graph, 1, (const gint64[]) { 1 }), NULL);
}

static const char *
add_self_attention (FewOnnx *graph, const FewTransformerConfig *config, const char *prefix,
                    const char *x)
{
  gsize w = config->width;
  g_autofree char *in_weight = g_strconcat (prefix, "attn.in_proj_weight", NULL);
  g_autofree char *in_bias = g_strconcat (prefix, "attn.in_proj_bias", NULL);
  g_autofree char *out_weight = g_strconcat (prefix, "attn.out_proj.weight", NULL);
  g_autofree char *out_bias = g_strconcat (prefix, "attn.out_proj.bias", NULL);
  const char *all = few_graph_linear (graph, x, in_weight, in_bias, 3 * w, w);
  const char *q = take_columns (graph, all, 0, config->width);
  const char *k = take_columns (graph, all, 1, config->width);
  const char *v = take_columns (graph, all, 2, config->width);
  const char *seen = few_graph_attention (graph, q, k, v, config->heads, config->head_width);
  return few_graph_linear (graph, seen, out_weight, out_bias, w, w);
}

static const char *
add_mlp (FewOnnx *graph, const FewTransformerConfig *config, const char *prefix, const char *x)
{
  gsize w = config->width;
  gsize m = config->mlp_width;
  g_autofree char *in_weight = g_strconcat (prefix, "mlp.c_fc.weight", NULL);
  g_autofree char *in_bias = g_strconcat (prefix, "mlp.c_fc.bias", NULL);
  g_autofree char *out_weight = g_strconcat (prefix, "mlp.c_proj.weight", NULL);
  g_autofree char *out_bias = g_strconcat (prefix, "mlp.c_proj.bias", NULL);
  const char *wide = few_graph_linear (graph, x, in_weight, in_bias, m, w);
  const char *active = few_graph_activation (graph, wide, config->activation);
  return few_graph_linear (graph, active, out_weight, out_bias, w, m);
}

const char *
few_graph_blocks (FewOnnx *graph, const FewTransformerConfig *config, guint first, guint end,
                  const char *prefix, const char *x)
{
  for (guint i = first; i < end; i++)
    {
      g_autofree char *block = g_strdup_printf ("%stransformer.resblocks.%u.", prefix, i);
      g_autofree char *ln_1 = g_strconcat (block, "ln_1", NULL);
      g_autofree char *ln_2 = g_strconcat (block, "ln_2", NULL);
      const char *y = few_graph_layer_norm (graph, x, ln_1, config->width, config->ln_epsilon);
      x = few_onnx_op (graph, "Add", x, add_self_attention (graph, config, block, y), NULL);
      y = few_graph_layer_norm (graph, x, ln_2, config->width, config->ln_epsilon);
      x = few_onnx_op (graph, "Add", x, add_mlp (graph, config, block, y), NULL);
    }
  return x;
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
