/* SPDX-License-Identifier: MIT */
/* vit.c's forward pass as an ONNX graph. */
#include "clip/graph.h"
#include "clip/tower.h"

const char *
few_vit_graph (const FewClipConfig *config, const FewInserted *inserted, FewOnnx *graph,
               const char *pixels)
{
  gsize w = config->vision.width;
  gsize p = config->patch_size;
  gsize grid = config->image_size / config->patch_size;
  const gint64 stride[] = { (gint64) p, (gint64) p };
  const gint64 row[] = { 1, (gint64) w };
  const gint64 zero = 0;
  const gint64 one = 1;
  const char *conv =
      few_onnx_weight (graph, "visual.conv1.weight", 4, (gsize[]) { w, 3, p, p }, FALSE);
  const char *patches = few_onnx_op (graph, "Conv", pixels, conv, NULL);
  few_onnx_set_ints (graph, "strides", 2, stride);
  const char *class_token = few_onnx_weight (graph, "visual.class_embedding", 1, &w, FALSE);
  class_token =
      few_onnx_op (graph, "Reshape", class_token, few_onnx_integers (graph, 2, row), NULL);
  const char *x =
      few_onnx_op (graph, "Concat", class_token, few_graph_tokens (graph, patches, w), NULL);
  few_onnx_set_int (graph, "axis", 0);
  const char *positions = few_onnx_weight (graph, "visual.positional_embedding", 2,
                                           (gsize[]) { grid * grid + 1, w }, FALSE);
  x = few_onnx_op (graph, "Add", x, positions, NULL);
  x = few_graph_layer_norm (graph, x, "visual.ln_pre", w, config->vision.ln_epsilon);
  guint before = inserted ? inserted->after : config->vision.layers;
  x = few_graph_blocks (graph, &config->vision, 0, before, "visual.", x);
  if (inserted)
    x = few_inserted_graph (inserted, graph, x);
  x = few_graph_blocks (graph, &config->vision, before, config->vision.layers, "visual.", x);
  x = few_onnx_op (graph, "Slice", x, few_onnx_integers (graph, 1, &zero),
                   few_onnx_integers (graph, 1, &one), NULL);
  x = few_graph_layer_norm (graph, x, "visual.ln_post", w, config->vision.ln_epsilon);
  const char *projection =
      few_onnx_weight (graph, "visual.proj", 2, (gsize[]) { w, config->embed_dim }, FALSE);
  return few_onnx_op (graph, "MatMul", x, projection, NULL);
}
