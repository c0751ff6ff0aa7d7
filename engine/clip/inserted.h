/* SPDX-License-Identifier: MIT */
/* What was learned into a tower, between its blocks: every token x that block `after` gives becomes
 * ratio · A (x) + (1 − ratio) · x, A (x) = [ReLU] (W2 · ReLU (W1 · x)). */
#pragma once
#include "backend/backend.h"
#include "onnx/graph.h"

typedef struct
{
  guint after; /* blocks before it, 1 … */
  guint width, hidden;
  gboolean final_relu;
  double ratio;
  const float *w1, *w2; /* [H, W], [W, H], host */
} FewInserted;

/* floats of workspace for m tokens, ld floats apart */
gsize few_inserted_workspace (const FewInserted *inserted, gsize m, gsize ld);
/* x [M, ld] in place. FALSE: there is no memory. */
gboolean few_inserted_forward (const FewInserted *inserted, const FewBackendOps *ops,
                               FewStream *stream, guint m, gsize ld, float *x, float *work,
                               GError **error);
/* The same of tokens [T, W] as a graph. */
const char *few_inserted_graph (const FewInserted *inserted, FewOnnx *graph, const char *x);
