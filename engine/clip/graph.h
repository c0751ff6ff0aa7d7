/* SPDX-License-Identifier: MIT */
/* What the ONNX graphs of several families of towers share. Values are those of one picture: tokens
 * [T, W], without a batch, in the type of the weights. */
#pragma once
#include "clip/transformer.h"
#include "onnx/graph.h"

/* x · weightᵀ + bias; weight [out, in], as torch's Linear stores it; bias NULL: none. */
const char *few_graph_linear (FewOnnx *graph, const char *x, const char *weight, const char *bias,
                              gsize out, gsize in);
const char *few_graph_layer_norm (FewOnnx *graph, const char *x, const char *prefix, gsize width,
                                  double epsilon);
const char *few_graph_activation (FewOnnx *graph, const char *x, FewActivation activation);
/* softmax (q · kᵀ / √head_width) · v over heads: q [M, W], k and v [T, W] → [M, W] */
const char *few_graph_attention (FewOnnx *graph, const char *q, const char *k, const char *v,
                                 guint heads, guint head_width);
/* Residual blocks `first` … `end` − 1, as few_transformer_forward. */
const char *few_graph_blocks (FewOnnx *graph, const FewTransformerConfig *config, guint first,
                              guint end, const char *prefix, const char *x);
/* An adapter's a = [ReLU] (ReLU (x · W1ᵀ) · W2ᵀ), and alpha · a + (1 − alpha) · x; both FLOAT. */
const char *few_graph_bottleneck (FewOnnx *graph, const char *x, const float *w1, const float *w2,
                                  guint hidden, guint width, gboolean final_relu);
const char *few_graph_blend (FewOnnx *graph, const char *a, const char *x, double alpha);
/* x [1, C, S, S] → tokens [S·S, C] */
const char *few_graph_tokens (FewOnnx *graph, const char *x, gsize channels);
