/* SPDX-License-Identifier: MIT */
/* How strange a picture is, as an ONNX graph: trust.c's arithmetic, with ranks as counts. */
#include "adapt/trust.h"
#include "adapt/trust-graph.h"

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
  return few_onnx_infix (graph, count, "Div", few_onnx_number (graph, FEW_ONNX_DOUBLE, n));
}

/* The same, going on in proportion beyond the largest, as trust.c has it. */
static const char *
add_rank_beyond (FewOnnx *graph, const float *values, guint n, const char *value)
{
  double largest = values[n - 1];
  const char *rank = add_rank (graph, values, n, value);
  const char *past = few_onnx_infix (graph, few_onnx_cast (graph, value, FEW_ONNX_DOUBLE), "Sub",
                                     few_onnx_number (graph, FEW_ONNX_DOUBLE, largest));
  const char *beyond = few_onnx_op (graph, "Relu", past, NULL);
  return few_onnx_infix (
      graph, rank, "Add",
      few_onnx_infix (graph, beyond, "Div",
                      few_onnx_number (graph, FEW_ONNX_DOUBLE, few_trust_spread (values, n))));
}

static const char *
add_mean (FewOnnx *graph, const char *a, const char *b)
{
  return few_onnx_infix (graph, few_onnx_infix (graph, a, "Add", b), "Mul",
                         few_onnx_number (graph, FEW_ONNX_DOUBLE, 0.5));
}

/* x [1, D], a unit feature → its distance */
static const char *
add_distance (FewOnnx *graph, const FewTrust *trust, const char *x)
{
  const FewTrustMetric *metric = &trust->metric;
  guint d = trust->info.dim;
  guint k = trust->info.n_classes;
  const char *scores =
      few_onnx_infix (graph, x, "MatMul", few_onnx_turned (graph, k, d, metric->w, 1));
  scores = few_onnx_infix (graph, scores, "Add",
                           few_onnx_floats (graph, 2, (gsize[]) { 1, k }, metric->b));
  const char *nearest = few_onnx_op (graph, "ReduceMax", scores, NULL);
  few_onnx_set_int (graph, "keepdims", 0);
  const char *off = few_onnx_infix (graph, x, "Sub",
                                    few_onnx_floats (graph, 2, (gsize[]) { 1, d }, metric->centre));
  const char *weighed =
      metric->precision
          ? few_onnx_infix (graph, off, "MatMul",
                            few_onnx_turned (graph, d, d, metric->precision, 1))
          : few_onnx_infix_number (graph, FEW_ONNX_FLOAT, off, "Mul", metric->isotropic);
  const char *square = add_sum (graph, few_onnx_infix (graph, off, "Mul", weighed));
  return few_onnx_infix (graph, square, "Sub",
                         few_onnx_infix_number (graph, FEW_ONNX_FLOAT, nearest, "Mul", 2));
}

const char *
few_trust_graph (FewOnnx *graph, const FewTrust *trust, const char *unit, const char *probability)
{
  guint n = trust->info.n_told;
  guint d = trust->info.dim;
  const char *doubt =
      few_onnx_infix (graph, few_onnx_number (graph, FEW_ONNX_FLOAT, 1), "Sub", probability);
  const char *own = add_mean (
      graph, add_rank_beyond (graph, trust->distances, n, add_distance (graph, trust, unit)),
      add_rank (graph, trust->doubts, n, doubt));
  if (!trust->odds)
    return own;
  const char *odds =
      few_onnx_infix (graph, unit, "MatMul", few_onnx_turned (graph, 1, d, trust->odds_w, 1));
  odds = few_onnx_infix_number (graph, FEW_ONNX_FLOAT, add_sum (graph, odds), "Add", trust->odds_b);
  return add_mean (graph, own, add_rank_beyond (graph, trust->odds, n, odds));
}
