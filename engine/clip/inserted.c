/* SPDX-License-Identifier: MIT */
/* An adapter between the blocks of a tower, as the tower is run and as a graph. */
#include "clip/inserted.h"
#include "clip/graph.h"
#include "base/memory.h"

gsize
few_inserted_workspace (const FewInserted *in, gsize m, gsize ld)
{
  return 2 * (gsize) in->hidden * in->width + m * (ld + in->hidden + 1);
}

gboolean
few_inserted_forward (const FewInserted *in, const FewBackendOps *ops, FewStream *stream, guint m,
                      gsize ld, float *x, float *work, GError **error)
{
  gsize half = (gsize) in->hidden * in->width;
  float *w1 = work;
  float *w2 = w1 + half;
  float *hidden = w2 + half;
  float *a = hidden + (gsize) m * in->hidden;
  float *ratios = a + m * ld;
  g_autofree float *ratio = few_try_floats (m, 1, "a picture's tokens", error);
  if (!ratio)
    return FALSE;
  for (guint i = 0; i < m; i++)
    ratio[i] = (float) in->ratio;
  ops->upload (stream, ratios, ratio, m);
  ops->upload (stream, w1, in->w1, half);
  ops->upload (stream, w2, in->w2, half);
  ops->clear (stream, a, m * ld);
  ops->gemm (stream, FALSE, TRUE, m, in->hidden, in->width, 1, x, ld, w1, in->width, 0, hidden,
             in->hidden);
  ops->relu (stream, (gsize) m * in->hidden, hidden);
  ops->gemm (stream, FALSE, TRUE, m, in->width, in->hidden, 1, hidden, in->hidden, w2, in->hidden,
             0, a, ld);
  if (in->final_relu)
    ops->relu (stream, m * ld, a);
  ops->add_scaled_rows (stream, m, (guint) ld, ratios, a, x, x); /* x + ratio (a − x) */
  return TRUE;
}

const char *
few_inserted_graph (const FewInserted *in, FewOnnx *graph, const char *x)
{
  const char *a =
      few_graph_bottleneck (graph, x, in->w1, in->w2, in->hidden, in->width, in->final_relu);
  return few_graph_blend (graph, a, x, in->ratio);
}
