/* SPDX-License-Identifier: MIT */
/* transformer.c's residual blocks as ONNX nodes. */
#include "clip/graph.h"

typedef struct
{
  FewOnnx *graph;
  const FewTransformerConfig *config;
  const char *cosines, *sines; /* [T, 1, head_width / 2]; NULL: nothing is turned */
} Writer;

/* The layer PREFIXNAME.weight [out, in] and .bias */
static const char *
add_layer (const Writer *to, const char *prefix, const char *name, const char *x, gsize out,
           gsize in)
{
  g_autofree char *weight = g_strconcat (prefix, name, ".weight", NULL);
  g_autofree char *bias = g_strconcat (prefix, name, ".bias", NULL);
  return few_graph_linear (to->graph, x, weight, bias, out, in);
}

static const char *
add_norm (const Writer *to, const char *prefix, const char *name, const char *x, gsize width)
{
  g_autofree char *whole = g_strconcat (prefix, name, NULL);
  return few_graph_layer_norm (to->graph, x, whole, width, to->config->ln_epsilon);
}

/* ---- rotary positions */

/* x [..., 2] → its first or second: the last axis of four goes */
static const char *
take_of_pairs (FewOnnx *graph, const char *pairs, gint64 which)
{
  const char *half = few_onnx_op (graph, "Gather", pairs, few_onnx_integer (graph, which), NULL);
  few_onnx_set_int (graph, "axis", 3);
  return half;
}

static void
add_rotation (Writer *to, const FewGraphBlocks *blocks)
{
  const gsize dims[] = { blocks->tokens, 1, to->config->head_width / 2, 2 };
  const char *table = few_onnx_floats (to->graph, 4, dims, blocks->rotation);
  to->cosines = take_of_pairs (to->graph, table, 0);
  to->sines = take_of_pairs (to->graph, table, 1);
}

/* a · cosines ± b · sines, as [T, heads, pairs, 1] */
static const char *
add_turned (const Writer *to, const char *a, const char *sign, const char *b)
{
  const gint64 last = 3;
  const char *along = few_onnx_infix (to->graph, a, "Mul", to->cosines);
  const char *across = few_onnx_infix (to->graph, b, "Mul", to->sines);
  const char *sum = few_onnx_infix (to->graph, along, sign, across);
  return few_onnx_op (to->graph, "Unsqueeze", sum, few_onnx_integers (to->graph, 1, &last), NULL);
}

/* Pairs (2i, 2i + 1) of each head of x [T, columns] */
static const char *
rotate_pairs (const Writer *to, const char *x, gint64 columns)
{
  gint64 pairs = to->config->head_width / 2;
  const gint64 apart[] = { -1, columns / to->config->head_width, pairs, 2 };
  const gint64 together[] = { -1, columns };
  FewOnnx *graph = to->graph;
  const char *all = few_onnx_op (graph, "Reshape", x, few_onnx_integers (graph, 4, apart), NULL);
  const char *first = take_of_pairs (graph, all, 0);
  const char *second = take_of_pairs (graph, all, 1);
  const char *turned = few_onnx_op (graph, "Concat", add_turned (to, first, "Sub", second),
                                    add_turned (to, second, "Add", first), NULL);
  few_onnx_set_int (graph, "axis", 3);
  return few_onnx_op (graph, "Reshape", turned, few_onnx_integers (graph, 2, together), NULL);
}

/* ---- both branches of a block */

static const char *
add_attention (const Writer *to, const char *prefix, const char *x)
{
  const FewTransformerConfig *c = to->config;
  gint64 w = c->width;
  g_autofree char *weight = g_strconcat (prefix, "attn.in_proj_weight", NULL);
  g_autofree char *bias = g_strconcat (prefix, "attn.in_proj_bias", NULL);
  const char *all = few_graph_linear (to->graph, x, weight, bias, 3 * (gsize) w, (gsize) w);
  const char *asking = few_graph_columns (to->graph, all, 0, 2 * w); /* queries and keys */
  if (to->cosines)
    asking = rotate_pairs (to, asking, 2 * w);
  const char *q = few_graph_columns (to->graph, asking, 0, w);
  const char *k = few_graph_columns (to->graph, asking, w, 2 * w);
  const char *v = few_graph_columns (to->graph, all, 2 * w, 3 * w);
  const char *seen = few_graph_attention (to->graph, q, k, v, c->heads, c->head_width);
  if (c->attention_norm)
    seen = add_norm (to, prefix, "attn.norm", seen, c->width);
  return add_layer (to, prefix, "attn.out_proj", seen, c->width, c->width);
}

static const char *
add_hidden (const Writer *to, const char *prefix, const char *x)
{
  const FewTransformerConfig *c = to->config;
  if (!c->gated)
    return few_graph_activation (
        to->graph, add_layer (to, prefix, "mlp.c_fc", x, c->mlp_width, c->width), c->activation);
  const char *gate = few_graph_activation (
      to->graph, add_layer (to, prefix, "mlp.gate", x, c->mlp_width, c->width), c->activation);
  const char *value = add_layer (to, prefix, "mlp.value", x, c->mlp_width, c->width);
  return few_onnx_infix (to->graph, gate, "Mul", value);
}

static const char *
add_mlp (const Writer *to, const char *prefix, const char *x)
{
  const FewTransformerConfig *c = to->config;
  if (c->hidden_norm)
    x = add_norm (to, prefix, "mlp.norm", x, c->width);
  const char *hidden = add_hidden (to, prefix, x);
  if (c->mlp_norm)
    hidden = add_norm (to, prefix, "mlp.norm", hidden, c->mlp_width);
  return add_layer (to, prefix, "mlp.c_proj", hidden, c->width, c->mlp_width);
}

/* x + the branch `add` of it, times its gains where it has some, with its norm where it stands */
static const char *
add_branch (const Writer *to, const char *prefix, const char *gains, const char *norm,
            const char *(*add) (const Writer *to, const char *prefix, const char *x), const char *x)
{
  const FewTransformerConfig *c = to->config;
  g_autofree char *name = g_strconcat (prefix, gains, NULL);
  const char *from = c->norms == FEW_NORM_FIRST ? add_norm (to, prefix, norm, x, c->width) : x;
  const char *branch = add (to, prefix, from);
  if (c->layer_scale)
    branch = few_graph_gain (to->graph, branch, name, c->width);
  if (c->norms == FEW_NORM_BRANCH)
    branch = add_norm (to, prefix, norm, branch, c->width);
  const char *sum = few_onnx_infix (to->graph, x, "Add", branch);
  return c->norms == FEW_NORM_LAST ? add_norm (to, prefix, norm, sum, c->width) : sum;
}

const char *
few_graph_blocks (FewOnnx *graph, const FewGraphBlocks *blocks, guint first, guint end,
                  const char *prefix, const char *x)
{
  Writer to = { .graph = graph, .config = blocks->config };
  if (blocks->rotation)
    add_rotation (&to, blocks);
  for (guint i = first; i < end; i++)
    {
      g_autofree char *block = g_strdup_printf ("%stransformer.resblocks.%u.", prefix, i);
      x = add_branch (&to, block, "ls_1.gamma", "ln_1", add_attention, x);
      x = add_branch (&to, block, "ls_2.gamma", "ln_2", add_mlp, x);
    }
  return x;
}
