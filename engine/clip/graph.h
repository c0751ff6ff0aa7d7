/* SPDX-License-Identifier: MIT */
/* What the ONNX graphs of several families of towers share. Values are those of one picture: tokens
 * [T, W], or channels before a grid [1, C, S, S]; all FLOAT. */
#pragma once
#include "clip/transformer.h"
#include "onnx/graph.h"

/* ---- of tokens, or whatever has its channels last */

/* x · weightᵀ + bias; weight [out, in], as torch's Linear stores it; bias NULL: none. */
const char *few_graph_linear (FewOnnx *graph, const char *x, const char *weight, const char *bias,
                              gsize out, gsize in);
/* PREFIX.weight and PREFIX.bias */
const char *few_graph_layer_norm (FewOnnx *graph, const char *x, const char *prefix, gsize width,
                                  double epsilon);
const char *few_graph_activation (FewOnnx *graph, const char *x, FewActivation activation);
/* x times a vector of the model's */
const char *few_graph_gain (FewOnnx *graph, const char *x, const char *name, gsize width);
/* softmax (q · kᵀ / √head_width) · v over heads: q [M, W], k and v [T, W] → [M, W] */
const char *few_graph_attention (FewOnnx *graph, const char *q, const char *k, const char *v,
                                 guint heads, guint head_width);
/* Columns `first` … `end` − 1 of x [M, W]; rows likewise. */
const char *few_graph_columns (FewOnnx *graph, const char *x, gint64 first, gint64 end);
const char *few_graph_rows (FewOnnx *graph, const char *x, gint64 first, gint64 end);
/* The mean over rows: [M, W] → [1, W] */
const char *few_graph_mean_row (FewOnnx *graph, const char *x);

/* Residual blocks `first` … `end` − 1 of PREFIXtransformer.resblocks, as few_transformer_forward.
 * `rotation`: of attention [T, head_width]; NULL: no rotary positions. */
typedef struct
{
  const FewTransformerConfig *config;
  const float *rotation;
  guint tokens; /* T */
} FewGraphBlocks;
const char *few_graph_blocks (FewOnnx *graph, const FewGraphBlocks *blocks, guint first, guint end,
                              const char *prefix, const char *x);

/* An adapter's a = [ReLU] (ReLU (x · W1ᵀ) · W2ᵀ), and alpha · a + (1 − alpha) · x. */
const char *few_graph_bottleneck (FewOnnx *graph, const char *x, const float *w1, const float *w2,
                                  guint hidden, guint width, gboolean final_relu);
const char *few_graph_blend (FewOnnx *graph, const char *a, const char *x, double alpha);

/* ---- of grids */

/* Kernels [out, in / groups, kernel, kernel]; the grid is padded by half a kernel, or not. */
typedef struct
{
  gsize out, in, kernel, stride, groups; /* groups 0: 1 */
  gboolean padded;
} FewGraphConv;

/* PREFIX.weight, and PREFIX.bias where there is a bias */
const char *few_graph_conv (FewOnnx *graph, const char *x, const FewGraphConv *shape,
                            const char *prefix, gboolean bias);
/* The same of values. */
const char *few_graph_conv_of (FewOnnx *graph, const char *x, const FewGraphConv *shape,
                               const char *weight, const char *bias);
/* PREFIX's running mean and variance, ε = 1e-5; runtimes fold it into a convolution before it. */
const char *few_graph_batch_norm (FewOnnx *graph, const char *x, const char *prefix,
                                  gsize channels);
/* [1, C, S, S] to [1, S, S, C], or back */
const char *few_graph_turn_grid (FewOnnx *graph, const char *x, gboolean channels_last);
/* few_graph_layer_norm over the channels of [1, C, S, S] */
const char *few_graph_grid_norm (FewOnnx *graph, const char *x, const char *prefix, gsize width,
                                 double epsilon);
/* [1, C, S, S] → [1, C, 1, 1] */
const char *few_graph_grid_mean (FewOnnx *graph, const char *x);
/* x [1, C, S, S] → tokens [S·S, C], and back */
const char *few_graph_tokens (FewOnnx *graph, const char *x, gsize channels);
const char *few_graph_grid (FewOnnx *graph, const char *tokens, gsize channels, gsize side);
