/* SPDX-License-Identifier: MIT */
/* Preprocessing as an ONNX graph. */
#pragma once
#include "onnx/graph.h"
#include <fewshot/picture.h>

/* picture, uint8 [H, W, 3] → pixels, float [1, 3, R, R]. NULL: a filter that there is no graph
 * for. */
const char *few_graph_pixels (FewOnnx *graph, const FewPreprocess *preprocess, const char *picture,
                              GError **error);
