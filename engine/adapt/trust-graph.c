/* SPDX-License-Identifier: MIT */
/* How strange a picture is, as an ONNX graph: trust.c's arithmetic, with ranks as counts. */
#include "adapt/trust.h"
#include "adapt/trust-graph.h"

static const char *
apply (FewOnnx *graph, const char *a, const char *op, const char *b)
{
  return few_onnx_op (graph, op, a, b, NULL);
}

static const char *
apply_number (FewOnnx *graph, const char *a, const char *op, double b)
{
  return apply (graph, a, op, few_onnx_number (graph, FEW_ONNX_FLOAT, b));
}

/* All of x, as a scalar. */
static const char *
add_sum (FewOnnx *graph, const char *x)
{
  const char *sum = few_onnx_op (graph, "ReduceSum", x, NULL);
  few_onnx_set_int (graph, "keepdims", 0);
  return sum;
}

/* The share of the n values that are at most `value`, in double precision as the engine's. */
static const char *
add_rank (FewOnnx *graph, const float *values, guint n, const char *value)
{
  const gsize dim = n;
  const char *told = few_onnx_floats (graph, 1, &dim, values);
  const char *below = few_onnx_op (graph, "LessOrEqual", told, value, NULL);
  const char *count = add_sum (graph, few_onnx_cast (graph, below, FEW_ONNX_DOUBLE));
  return apply (graph, count, "Div", few_onnx_number (graph, FEW_ONNX_DOUBLE, n));
}

static const char *
add_mean (FewOnnx *graph, const char *a, const char *b)
{
  return apply (graph, apply (graph, a, "Add", b), "Mul",
                few_onnx_number (graph, FEW_ONNX_DOUBLE, 0.5));
}

/* x [1, D], a unit feature → its distance */
static const char *
add_distance (FewOnnx *graph, const FewTrust *trust, const char *x)
{
  const FewTrustMetric *metric = &trust->metric;
  guint d = trust->info.dim;
  guint k = trust->info.n_classes;
  const char *scores = apply (graph, x, "MatMul", few_onnx_turned (graph, k, d, metric->w, 1));
  scores = apply (graph, scores, "Add", few_onnx_floats (graph, 2, (gsize[]) { 1, k }, metric->b));
  const char *nearest = few_onnx_op (graph, "ReduceMax", scores, NULL);
  few_onnx_set_int (graph, "keepdims", 0);
  const char *off =
      apply (graph, x, "Sub", few_onnx_floats (graph, 2, (gsize[]) { 1, d }, metric->centre));
  const char *weighed =
      metric->precision
          ? apply (graph, off, "MatMul", few_onnx_turned (graph, d, d, metric->precision, 1))
          : apply_number (graph, off, "Mul", metric->isotropic);
  const char *square = add_sum (graph, apply (graph, off, "Mul", weighed));
  return apply (graph, square, "Sub", apply_number (graph, nearest, "Mul", 2));
}

const char *
few_trust_graph (FewOnnx *graph, const FewTrust *trust, const char *unit, const char *probability)
{
  guint n = trust->info.n_told;
  guint d = trust->info.dim;
  const char *doubt = apply (graph, few_onnx_number (graph, FEW_ONNX_FLOAT, 1), "Sub", probability);
  const char *own =
      add_mean (graph, add_rank (graph, trust->distances, n, add_distance (graph, trust, unit)),
                add_rank (graph, trust->doubts, n, doubt));
  if (!trust->odds)
    return own;
  const char *odds = apply (graph, unit, "MatMul", few_onnx_turned (graph, 1, d, trust->odds_w, 1));
  odds = apply_number (graph, add_sum (graph, odds), "Add", trust->odds_b);
  return add_mean (graph, own, add_rank (graph, trust->odds, n, odds));
}
