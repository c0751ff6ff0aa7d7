/* SPDX-License-Identifier: MIT */
/* A picture to a tower's pixels as an ONNX graph: Pillow's antialiased filters (image/resize.c) as
 * products with matrices that the graph computes from the picture's size, in double precision and
 * rounded to 22 bits behind the point as Pillow's, each result rounded to whole numbers from 0 to
 * 255. ONNX's own Resize is not taken: runtimes differ in what "antialias" and "cubic" are, and
 * older ones have no antialias. The weights are two matrices of whole numbers, 11 bits each, whose
 * products with 8 bits single precision adds up without rounding: the pixels are Pillow's, bit for
 * bit. Where the picture goes, and what of it, is as in image/fit.c. */
#include "clip/pixels-graph.h"
#include "base/error.h"

static const char *
add_double (FewOnnx *graph, double value)
{
  return few_onnx_number (graph, FEW_ONNX_DOUBLE, value);
}

/* ((c3 t + c2) t + c1) t + c0 */
static const char *
add_cubic (FewOnnx *graph, const char *t, const double c[4])
{
  const char *sum = few_onnx_infix_number (graph, FEW_ONNX_DOUBLE, t, "Mul", c[3]);
  for (int i = 2; i >= 0; i--)
    {
      sum = c[i] != 0 ? few_onnx_infix_number (graph, FEW_ONNX_DOUBLE, sum, "Add", c[i]) : sum;
      sum = i > 0 ? few_onnx_infix (graph, sum, "Mul", t) : sum;
    }
  return sum;
}

/* The bicubic kernel, a = −0.5: a polynomial to 1 and another to 2, each 0 at the end that it
 * shares with the other, so that a clamped argument takes it out of the sum. Or the bilinear. */
static const char *
add_kernel (FewOnnx *graph, FewResample resample, const char *t)
{
  static const double near[4] = { 1, 0, -2.5, 1.5 };
  static const double far[4] = { 2, -4, 2.5, -0.5 };
  const char *distance = few_onnx_op (graph, "Abs", t, NULL);
  if (resample == FEW_RESAMPLE_BILINEAR)
    return few_onnx_infix_number (graph, FEW_ONNX_DOUBLE,
                                  few_onnx_infix (graph, add_double (graph, 1), "Sub", distance),
                                  "Max", 0);
  const char *inner = few_onnx_infix_number (graph, FEW_ONNX_DOUBLE, distance, "Min", 1);
  const char *outer = few_onnx_infix_number (
      graph, FEW_ONNX_DOUBLE, few_onnx_infix_number (graph, FEW_ONNX_DOUBLE, distance, "Max", 1),
      "Min", 2);
  return few_onnx_infix (graph, add_cubic (graph, inner, near), "Add",
                         add_cubic (graph, outer, far));
}

/* Half away from zero. */
static const char *
round_away (FewOnnx *graph, const char *x)
{
  const char *size = few_onnx_op (graph, "Abs", x, NULL);
  const char *whole = few_onnx_op (
      graph, "Floor", few_onnx_infix_number (graph, FEW_ONNX_DOUBLE, size, "Add", 0.5), NULL);
  return few_onnx_infix (graph, few_onnx_op (graph, "Sign", x, NULL), "Mul", whole);
}

/* One side of the picture: `in` and `out` samples, before and after it is resized, are scalars in
 * double precision; of the latter those from `from` on go to the `side` that are wanted. `inside`
 * [side, 1] is 1 for the places that they cover; NULL: all. */
typedef struct
{
  const char *in, *out, *from, *inside;
} Side;

static const char *
as_column (FewOnnx *graph, const char *x)
{
  return few_onnx_op (graph, "Reshape", x, few_onnx_integers (graph, 2, (const gint64[]) { -1, 1 }),
                      NULL);
}

/* 0, 1, … below a scalar, in double precision */
static const char *
add_range (FewOnnx *graph, const char *end)
{
  const char *range = few_onnx_op (graph, "Range", few_onnx_integer (graph, 0), end,
                                   few_onnx_integer (graph, 1), NULL);
  return few_onnx_cast (graph, range, FEW_ONNX_DOUBLE);
}

/* The middle of what is resized; a side that is shorter than wanted lies in the middle. */
static Side
fit_side (FewOnnx *graph, const FewPreprocess *p, const char *in, const char *out, gboolean covers)
{
  Side side = { .in = in, .out = out };
  const char *half = few_onnx_infix_number (
      graph, FEW_ONNX_DOUBLE, few_onnx_infix_number (graph, FEW_ONNX_DOUBLE, out, "Sub", p->size),
      "Mul", 0.5);
  const char *cut = p->floors_crop ? "Floor" : "Round"; /* half to even */
  if (covers)
    {
      side.from = few_onnx_op (graph, cut, half, NULL);
      return side;
    }
  const char *more = few_onnx_op (
      graph, cut, few_onnx_infix_number (graph, FEW_ONNX_DOUBLE, half, "Max", 0), NULL);
  const char *less = few_onnx_op (
      graph, "Ceil", few_onnx_infix_number (graph, FEW_ONNX_DOUBLE, half, "Min", 0), NULL);
  side.from = few_onnx_infix (graph, more, "Add", less);
  const char *places = few_onnx_infix (graph, add_range (graph, few_onnx_integer (graph, p->size)),
                                       "Add", side.from);
  const char *begun = few_onnx_op (graph, "GreaterOrEqual", places, add_double (graph, 0), NULL);
  const char *going = few_onnx_op (graph, "Less", places, out, NULL);
  const char *both = few_onnx_op (graph, "And", begun, going, NULL);
  side.inside = as_column (graph, few_onnx_cast (graph, both, FEW_ONNX_DOUBLE));
  return side;
}

/* Rows that add up to 1; those of places without picture are 0. */
static const char *
normalise_rows (FewOnnx *graph, const char *kernel, const char *inside)
{
  const gint64 axis = 1;
  const char *sums =
      few_onnx_op (graph, "ReduceSum", kernel, few_onnx_integers (graph, 1, &axis), NULL);
  few_onnx_set_int (graph, "keepdims", 1);
  if (!inside)
    return few_onnx_infix (graph, kernel, "Div", sums);
  const char *outside = few_onnx_infix (graph, add_double (graph, 1), "Sub", inside);
  const char *safe =
      few_onnx_infix (graph, few_onnx_infix (graph, sums, "Mul", inside), "Add", outside);
  return few_onnx_infix (graph, few_onnx_infix (graph, kernel, "Mul", inside), "Div", safe);
}

/* Weights [side, in] of 2^-22, high · 2^11 + low, both whole numbers in float. */
typedef struct
{
  const char *high, *low;
} Weights;

static Weights
add_weights (FewOnnx *graph, const FewPreprocess *p, const Side *side)
{
  static const double precision = 1 << 22;
  static const double step = 1 << 11;
  const char *scale = few_onnx_infix (graph, side->in, "Div", side->out);
  const char *widening = few_onnx_infix_number (graph, FEW_ONNX_DOUBLE, scale, "Max", 1);
  const char *narrowing = few_onnx_infix (graph, add_double (graph, 1), "Div", widening);
  const char *rows = add_range (graph, few_onnx_integer (graph, p->size));
  rows = few_onnx_infix_number (graph, FEW_ONNX_DOUBLE,
                                few_onnx_infix (graph, rows, "Add", side->from), "Add", 0.5);
  const char *centres = as_column (graph, few_onnx_infix (graph, rows, "Mul", scale));
  const char *end = few_onnx_cast (graph, side->in, FEW_ONNX_INT64);
  const char *samples =
      few_onnx_infix_number (graph, FEW_ONNX_DOUBLE, add_range (graph, end), "Add", 0.5);
  const char *apart = few_onnx_infix (graph, samples, "Sub", centres);
  const char *kernel =
      add_kernel (graph, p->resample, few_onnx_infix (graph, apart, "Mul", narrowing));
  const char *shares = normalise_rows (graph, kernel, side->inside);
  const char *whole =
      round_away (graph, few_onnx_infix_number (graph, FEW_ONNX_DOUBLE, shares, "Mul", precision));
  const char *high = few_onnx_op (
      graph, "Round", few_onnx_infix_number (graph, FEW_ONNX_DOUBLE, whole, "Mul", 1 / step), NULL);
  const char *low = few_onnx_infix (
      graph, whole, "Sub", few_onnx_infix_number (graph, FEW_ONNX_DOUBLE, high, "Mul", step));
  return (Weights) { few_onnx_cast (graph, high, FEW_ONNX_FLOAT),
                     few_onnx_cast (graph, low, FEW_ONNX_FLOAT) };
}

/* ---- what the sides become */

typedef struct
{
  const char *width, *height;
} Size;

static Size
find_size (FewOnnx *graph, const FewPreprocess *p, Size in)
{
  double side = p->resize[0] ? p->resize[0] : p->size;
  double second = p->resize[1] ? p->resize[1] : side;
  Size out = in;
  if (p->mode == FEW_RESIZE_NONE)
    return out;
  if (p->mode == FEW_RESIZE_SQUASH)
    return (Size) { add_double (graph, side), add_double (graph, second) };
  gboolean longest = p->mode == FEW_RESIZE_LONGEST;
  const char *reference = few_onnx_infix (graph, in.width, longest ? "Max" : "Min", in.height);
  const char **sides[] = { &out.width, &out.height };
  const char *longer = few_onnx_infix_number (graph, FEW_ONNX_DOUBLE, reference, "Div", side);
  for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
    if (longest)
      {
        const char *even =
            few_onnx_op (graph, "Round", few_onnx_infix (graph, *sides[i], "Div", longer), NULL);
        *sides[i] = few_onnx_infix_number (graph, FEW_ONNX_DOUBLE, even, "Max", 1);
      }
    else
      {
        const char *product =
            few_onnx_infix_number (graph, FEW_ONNX_DOUBLE, *sides[i], "Mul", side);
        *sides[i] =
            few_onnx_op (graph, "Floor", few_onnx_infix (graph, product, "Div", reference), NULL);
      }
  return out;
}

/* Whether no place of the square stays without picture, whatever its shape. */
static gboolean
always_covers (const FewPreprocess *p)
{
  guint least = p->resize[0] ? p->resize[0] : p->size;
  if (p->mode == FEW_RESIZE_SQUASH && p->resize[1])
    least = MIN (least, p->resize[1]);
  return (p->mode == FEW_RESIZE_SHORTEST || p->mode == FEW_RESIZE_SQUASH) && least >= p->size;
}

/* ---- pixels */

/* What both products come to, as whole numbers from 0 to 255. */
static const char *
round_samples (FewOnnx *graph, const char *high, const char *low)
{
  const char *tall = few_onnx_cast (graph, high, FEW_ONNX_DOUBLE);
  const char *sum =
      few_onnx_infix (graph, few_onnx_infix_number (graph, FEW_ONNX_DOUBLE, tall, "Mul", 1 << 11),
                      "Add", few_onnx_cast (graph, low, FEW_ONNX_DOUBLE));
  const char *half = few_onnx_infix_number (graph, FEW_ONNX_DOUBLE, sum, "Add", 1 << 21);
  const char *whole = few_onnx_op (
      graph, "Floor", few_onnx_infix_number (graph, FEW_ONNX_DOUBLE, half, "Mul", 1.0 / (1 << 22)),
      NULL);
  return few_onnx_op (graph, "Clip", few_onnx_cast (graph, whole, FEW_ONNX_FLOAT),
                      few_onnx_number (graph, FEW_ONNX_FLOAT, 0),
                      few_onnx_number (graph, FEW_ONNX_FLOAT, 255), NULL);
}

static const char *
turn_over (FewOnnx *graph, const char *x)
{
  return few_onnx_op (graph, "Transpose", x, NULL);
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

/* x [3, R, R], with `fill` where neither side has picture */
static const char *
add_fill (FewOnnx *graph, const FewPreprocess *p, const char *x, const Side *across,
          const Side *down)
{
  const double fill[3] = { p->fill[0], p->fill[1], p->fill[2] };
  const char *turned = turn_over (graph, across->inside);
  const char *inside = few_onnx_infix (graph, down->inside, "Mul", turned);
  const char *outside = few_onnx_infix (graph, add_double (graph, 1), "Sub", inside);
  const char *share = few_onnx_cast (graph, outside, FEW_ONNX_FLOAT);
  return few_onnx_infix (graph, x, "Add",
                         few_onnx_infix (graph, share, "Mul", add_triplet (graph, fill)));
}

/* picture uint8 [H, W, 3] → [3, R, R], whole numbers from 0 to 255 */
static const char *
add_square (FewOnnx *graph, const FewPreprocess *p, const char *picture)
{
  const gint64 flat[] = { 0, 3 * (gint64) p->size };
  const gint64 planes[] = { p->size, 3, p->size };
  const char *shape = few_onnx_op (graph, "Shape", picture, NULL);
  shape = few_onnx_cast (graph, shape, FEW_ONNX_DOUBLE);
  Size in;
  in.height = few_onnx_op (graph, "Gather", shape, few_onnx_integer (graph, 0), NULL);
  in.width = few_onnx_op (graph, "Gather", shape, few_onnx_integer (graph, 1), NULL);
  Size out = find_size (graph, p, in);
  Side across = fit_side (graph, p, in.width, out.width, always_covers (p));
  Side down = fit_side (graph, p, in.height, out.height, always_covers (p));
  Weights columns = add_weights (graph, p, &across);
  Weights rows = add_weights (graph, p, &down);
  /* [H, W, 3] → [H, 3, R] → [R, 3, R] → [3, R, R] */
  const char *x = few_onnx_cast (graph, turn (graph, picture, 0, 2, 1), FEW_ONNX_FLOAT);
  x = round_samples (graph, few_onnx_infix (graph, x, "MatMul", turn_over (graph, columns.high)),
                     few_onnx_infix (graph, x, "MatMul", turn_over (graph, columns.low)));
  x = few_onnx_op (graph, "Reshape", x, few_onnx_integers (graph, 2, flat), NULL);
  x = round_samples (graph, few_onnx_infix (graph, rows.high, "MatMul", x),
                     few_onnx_infix (graph, rows.low, "MatMul", x));
  x = few_onnx_op (graph, "Reshape", x, few_onnx_integers (graph, 3, planes), NULL);
  x = turn (graph, x, 1, 0, 2);
  return across.inside ? add_fill (graph, p, x, &across, &down) : x;
}

const char *
few_graph_pixels (FewOnnx *graph, const FewPreprocess *preprocess, const char *picture,
                  GError **error)
{
  const gint64 zero = 0;
  gboolean as_it_is = preprocess->mode == FEW_RESIZE_NONE;
  if (!as_it_is && preprocess->resample != FEW_RESAMPLE_BICUBIC
      && preprocess->resample != FEW_RESAMPLE_BILINEAR)
    {
      few_fail (error, UNSUPPORTED,
                "This model resizes pictures neither bicubic nor bilinear, and its preprocessing "
                "cannot be written as ONNX. Export the classifier alone.");
      return NULL;
    }
  double white = preprocess->white > 0 ? preprocess->white : 255;
  const char *x = add_square (graph, preprocess, picture);
  x = few_onnx_infix (graph, x, "Div", few_onnx_number (graph, FEW_ONNX_FLOAT, white));
  x = few_onnx_infix (graph, x, "Sub", add_triplet (graph, preprocess->mean));
  x = few_onnx_infix (graph, x, "Div", add_triplet (graph, preprocess->std));
  return few_onnx_op (graph, "Unsqueeze", x, few_onnx_integers (graph, 1, &zero), NULL);
}
