/* SPDX-License-Identifier: MIT */
/* A picture to a tower's pixels as an ONNX graph: Pillow's antialiased bicubic (image/resize.c) as
 * two products with matrices that the graph computes from the picture's size, in double precision
 * and rounded to 22 bits behind the point as Pillow's, each rounded to whole numbers from 0 to 255.
 * ONNX's own Resize is not taken: runtimes differ in what "antialias" and "cubic" are, and older
 * ones have no antialias. What differs from Pillow are sums in single precision: a sample in some
 * ten thousand comes out by 1 of 255 another. */
#include "clip/pixels-graph.h"

static const char *
add_double (FewOnnx *graph, double value)
{
  return few_onnx_number (graph, FEW_ONNX_DOUBLE, value);
}

/* Two operands, as an infix operator would write them. */
static const char *
apply (FewOnnx *graph, const char *a, const char *op, const char *b)
{
  return few_onnx_op (graph, op, a, b, NULL);
}

static const char *
apply_number (FewOnnx *graph, const char *a, const char *op, double b)
{
  return apply (graph, a, op, add_double (graph, b));
}

/* ((c3 t + c2) t + c1) t + c0 */
static const char *
add_cubic (FewOnnx *graph, const char *t, const double c[4])
{
  const char *sum = apply_number (graph, t, "Mul", c[3]);
  for (int i = 2; i >= 0; i--)
    {
      sum = c[i] != 0 ? apply_number (graph, sum, "Add", c[i]) : sum;
      sum = i > 0 ? apply (graph, sum, "Mul", t) : sum;
    }
  return sum;
}

/* The bicubic kernel, a = −0.5: a polynomial to 1 and another to 2, each 0 at the end that it
 * shares with the other, so that a clamped argument takes it out of the sum. */
static const char *
add_kernel (FewOnnx *graph, const char *t)
{
  static const double near[4] = { 1, 0, -2.5, 1.5 };
  static const double far[4] = { 2, -4, 2.5, -0.5 };
  const char *distance = few_onnx_op (graph, "Abs", t, NULL);
  const char *inner = apply_number (graph, distance, "Min", 1);
  const char *outer = apply_number (graph, apply_number (graph, distance, "Max", 1), "Min", 2);
  return apply (graph, add_cubic (graph, inner, near), "Add", add_cubic (graph, outer, far));
}

/* Half away from zero. */
static const char *
round_away (FewOnnx *graph, const char *x)
{
  const char *size = few_onnx_op (graph, "Abs", x, NULL);
  const char *whole = few_onnx_op (graph, "Floor", apply_number (graph, size, "Add", 0.5), NULL);
  return apply (graph, few_onnx_op (graph, "Sign", x, NULL), "Mul", whole);
}

/* weights [side, in] of a line of `in` samples that is resized to `out` and cut to `side` in its
 * middle; both are scalars of whole numbers. */
static const char *
add_weights (FewOnnx *graph, const char *in, const char *out, guint side)
{
  static const double precision = 1 << 22;
  const char *n = few_onnx_cast (graph, in, FEW_ONNX_DOUBLE);
  const char *total = few_onnx_cast (graph, out, FEW_ONNX_DOUBLE);
  const char *scale = apply (graph, n, "Div", total);
  const char *widening = apply_number (graph, scale, "Max", 1);
  /* the place of the first sample that is kept: half to even, as Python's round */
  const char *spare = apply_number (graph, total, "Sub", side);
  const char *from = few_onnx_op (graph, "Round", apply_number (graph, spare, "Mul", 0.5), NULL);
  const char *rows =
      few_onnx_op (graph, "Range", few_onnx_integer (graph, 0), few_onnx_integer (graph, side),
                   few_onnx_integer (graph, 1), NULL);
  rows = few_onnx_cast (graph, rows, FEW_ONNX_DOUBLE);
  rows = apply_number (graph, apply (graph, rows, "Add", from), "Add", 0.5);
  const char *centres = apply (graph, rows, "Mul", scale);
  centres = few_onnx_op (graph, "Reshape", centres,
                         few_onnx_integers (graph, 2, (const gint64[]) { -1, 1 }), NULL);
  const char *samples = few_onnx_op (graph, "Range", few_onnx_integer (graph, 0), in,
                                     few_onnx_integer (graph, 1), NULL);
  samples = apply_number (graph, few_onnx_cast (graph, samples, FEW_ONNX_DOUBLE), "Add", 0.5);
  const char *apart = apply (graph, samples, "Sub", centres);
  const char *kernel = add_kernel (graph, apply (graph, apart, "Div", widening));
  const char *sums = few_onnx_op (graph, "ReduceSum", kernel,
                                  few_onnx_integers (graph, 1, (const gint64[]) { 1 }), NULL);
  few_onnx_set_int (graph, "keepdims", 1);
  const char *shares = apply (graph, kernel, "Div", sums);
  shares = round_away (graph, apply_number (graph, shares, "Mul", precision));
  shares = apply_number (graph, shares, "Mul", 1 / precision);
  return few_onnx_cast (graph, shares, FEW_ONNX_FLOAT);
}

/* To whole numbers from 0 to 255. */
static const char *
round_samples (FewOnnx *graph, const char *x)
{
  const char *half = few_onnx_number (graph, FEW_ONNX_FLOAT, 0.5);
  const char *whole = few_onnx_op (graph, "Floor", apply (graph, x, "Add", half), NULL);
  return few_onnx_op (graph, "Clip", whole, few_onnx_number (graph, FEW_ONNX_FLOAT, 0),
                      few_onnx_number (graph, FEW_ONNX_FLOAT, 255), NULL);
}

static const char *
turn (FewOnnx *graph, const char *x, gint64 first, gint64 second, gint64 third)
{
  const char *out = few_onnx_op (graph, "Transpose", x, NULL);
  few_onnx_set_ints (graph, "perm", 3, (const gint64[]) { first, second, third });
  return out;
}

/* [3] numbers as [3, 1, 1] */
static const char *
add_triplet (FewOnnx *graph, const double values[3])
{
  const float floats[3] = { (float) values[0], (float) values[1], (float) values[2] };
  return few_onnx_floats (graph, 3, (gsize[]) { 3, 1, 1 }, floats);
}

const char *
few_graph_pixels (FewOnnx *graph, const FewPreprocess *preprocess, const char *picture)
{
  guint side = preprocess->size;
  const gint64 flat[] = { 0, 3 * (gint64) side };
  const gint64 planes[] = { side, 3, side };
  const gint64 zero = 0;
  const char *shape = few_onnx_op (graph, "Shape", picture, NULL);
  const char *height = few_onnx_op (graph, "Gather", shape, few_onnx_integer (graph, 0), NULL);
  const char *width = few_onnx_op (graph, "Gather", shape, few_onnx_integer (graph, 1), NULL);
  const char *shorter = apply (graph, height, "Min", width);
  const char *r = few_onnx_integer (graph, side);
  const char *to_height = apply (graph, apply (graph, height, "Mul", r), "Div", shorter);
  const char *to_width = apply (graph, apply (graph, width, "Mul", r), "Div", shorter);
  const char *across =
      few_onnx_op (graph, "Transpose", add_weights (graph, width, to_width, side), NULL);
  const char *down = add_weights (graph, height, to_height, side);
  /* [H, W, 3] → [H, 3, R] → [R, 3, R] → [3, R, R] */
  const char *x = few_onnx_cast (graph, turn (graph, picture, 0, 2, 1), FEW_ONNX_FLOAT);
  x = round_samples (graph, apply (graph, x, "MatMul", across));
  x = few_onnx_op (graph, "Reshape", x, few_onnx_integers (graph, 2, flat), NULL);
  x = round_samples (graph, apply (graph, down, "MatMul", x));
  x = few_onnx_op (graph, "Reshape", x, few_onnx_integers (graph, 3, planes), NULL);
  x = turn (graph, x, 1, 0, 2);
  x = apply (graph, x, "Div", few_onnx_number (graph, FEW_ONNX_FLOAT, 255));
  x = apply (graph, x, "Sub", add_triplet (graph, preprocess->mean));
  x = apply (graph, x, "Div", add_triplet (graph, preprocess->std));
  return few_onnx_op (graph, "Unsqueeze", x, few_onnx_integers (graph, 1, &zero), NULL);
}
