/* SPDX-License-Identifier: MIT */
/* One source for every level: GNU C vectors of the level's own width. meson compiles it with
 * FEW_KERNELS set to the table's name and FEW_LEVEL to its level. */
#include "backend/cpu/amx.h"
#include "backend/cpu/kernels-levelled.h"
#include "backend/cpu/vector.h"
#include <math.h>

/* The product of m rows (a compile-time constant) and one panel, accumulated in registers. */
INLINE void
tile_of (const guint m, guint k, const float *a, gsize lda, const float *panel, const float *ahead,
         guint ahead_step, const FewEpilogue *e, float *c, gsize ldc, guint columns)
{
  Vec sum[TILE_ROWS][2];
#pragma GCC unroll 16
  for (guint i = 0; i < m; i++)
    sum[i][0] = sum[i][1] = (Vec) { 0 };
  for (guint j = 0; j < k; j++, panel += COLUMNS, ahead += ahead_step)
    {
      Vec left = load (panel);
      Vec right = load (panel + LANES);
      __builtin_prefetch (ahead, 0, 2);
#pragma GCC unroll 16
      for (guint i = 0; i < m; i++)
        {
          float x = a[i * lda + j];
          sum[i][0] += x * left;
          sum[i][1] += x * right;
        }
    }
  store_tile (m, sum, e, c, ldc, columns);
}

static void
tile (guint m, guint k, const float *a, gsize lda, const float *panel, const float *ahead,
      guint ahead_step, const FewEpilogue *e, float *c, gsize ldc, guint columns)
{
#define CALL(n) tile_of (n, k, a, lda, panel, ahead, ahead_step, e, c, ldc, columns)
  SWITCH_HEIGHT (m, CALL)
#undef CALL
}

static void
layer_norm (guint w, const float *x, const float *gamma, const float *beta, float epsilon, float *y)
{
  Vec total = { 0 };
  float rest = 0;
  guint i;
  for (i = 0; i + LANES <= w; i += LANES)
    total += load (x + i);
  for (; i < w; i++)
    rest += x[i];
  float mean = (sum_of (total) + rest) / (float) w;
  total = (Vec) { 0 };
  rest = 0;
  for (i = 0; i + LANES <= w; i += LANES)
    {
      Vec d = load (x + i) - mean;
      total += d * d;
    }
  for (; i < w; i++)
    rest += (x[i] - mean) * (x[i] - mean);
  float scale = 1 / sqrtf ((sum_of (total) + rest) / (float) w + epsilon);
  for (i = 0; i + LANES <= w; i += LANES)
    store (y + i, (load (x + i) - mean) * scale * load (gamma + i) + load (beta + i));
  for (; i < w; i++)
    y[i] = (x[i] - mean) * scale * gamma[i] + beta[i];
}

static float
largest_of (guint n, const float *x)
{
  float largest = x[0];
  Vec best = splat (largest);
  guint i;
  for (i = 0; i + LANES <= n; i += LANES)
    best = at_least (load (x + i), best);
  for (guint j = 0; j < LANES; j++)
    largest = best[j] > largest ? best[j] : largest;
  for (; i < n; i++)
    largest = x[i] > largest ? x[i] : largest;
  return largest;
}

static void
softmax (guint n, guint padded, float *row)
{
  float largest = largest_of (n, row);
  float sum = 0;
  guint i;
  Vec total = { 0 };
  for (i = 0; i + LANES <= n; i += LANES)
    {
      Vec e = vec_exp (load (row + i) - largest);
      store (row + i, e);
      total += e;
    }
  if (i < n)
    {
      float last[LANES] = { 0 };
      memcpy (last, row + i, (n - i) * sizeof (float));
      store (last, vec_exp (load (last) - largest));
      for (guint j = i; j < n; j++)
        sum += row[j] = last[j - i];
    }
  float scale = 1 / (sum + sum_of (total));
  for (i = 0; i < n; i++)
    row[i] *= scale;
  for (; i < padded; i++)
    row[i] = 0;
}

static void
relu (gsize n, float *x)
{
  for (gsize i = 0; i < n; i++)
    x[i] = x[i] > 0 ? x[i] : 0;
}

static void
relu_backward (gsize n, const float *output, float *gradient)
{
  for (gsize i = 0; i < n; i++)
    gradient[i] = output[i] > 0 ? gradient[i] : 0;
}

static void
blend_normalise (guint d, float alpha, const float *a, const float *f, float *y,
                 float *inverse_norm)
{
  Vec total = { 0 };
  float rest = 0;
  float other = 1 - alpha;
  guint i;
  for (i = 0; i + LANES <= d; i += LANES)
    {
      Vec u = alpha * load (a + i) + other * load (f + i);
      total += u * u;
      store (y + i, u);
    }
  for (; i < d; i++)
    {
      y[i] = alpha * a[i] + other * f[i];
      rest += y[i] * y[i];
    }
  float norm = sqrtf (sum_of (total) + rest);
  float inverse = norm > 1e-12f ? 1 / norm : 0;
  *inverse_norm = inverse;
  for (i = 0; i < d; i++)
    y[i] *= inverse;
}

static void
blend_normalise_backward (guint d, float alpha, const float *y, float inverse_norm, const float *dy,
                          float *da)
{
  Vec total = { 0 };
  float rest = 0;
  guint i;
  for (i = 0; i + LANES <= d; i += LANES)
    total += load (y + i) * load (dy + i);
  for (; i < d; i++)
    rest += y[i] * dy[i];
  float along = sum_of (total) + rest;
  float scale = alpha * inverse_norm;
  for (i = 0; i < d; i++)
    da[i] = (dy[i] - y[i] * along) * scale;
}

static void
cross_entropy (guint k, guint label, float scale, float *logits, float *loss, float *correct)
{
  float own = logits[label];
  float largest = largest_of (k, logits);
  float right = 1;
  float sum = 0;
  for (guint i = 0; i < k; i++)
    {
      right = i != label && logits[i] >= own ? 0 : right;
      sum += logits[i] = expf (logits[i] - largest);
    }
  *loss = logf (sum) + largest - own;
  *correct = right;
  for (guint i = 0; i < k; i++)
    logits[i] *= scale / sum;
  logits[label] -= scale;
}

static float
largest_blend (guint n, float a, const float *x, float b, const float *y)
{
  Vec best[2] = { splat (-INFINITY), splat (-INFINITY) };
  float largest = -INFINITY;
  guint i;
  for (i = 0; i + 2 * LANES <= n; i += 2 * LANES)
    {
      best[0] = at_least (a * load (x + i) + b * load (y + i), best[0]);
      best[1] = at_least (a * load (x + i + LANES) + b * load (y + i + LANES), best[1]);
    }
  for (; i < n; i++)
    {
      float value = a * x[i] + b * y[i];
      largest = value > largest ? value : largest;
    }
  best[0] = at_least (best[0], best[1]);
  for (guint j = 0; j < LANES; j++)
    largest = best[0][j] > largest ? best[0][j] : largest;
  return largest;
}

static guint
index_of_largest_blend (guint n, float a, const float *x, float b, const float *y)
{
  Vec best = splat (-INFINITY);
  IntVec at = { 0 };
  IntVec current;
  IntVec step = at + (gint32) LANES;
  for (guint j = 0; j < LANES; j++)
    current[j] = (gint32) j;
  guint i;
  for (i = 0; i + LANES <= n; i += LANES, current += step)
    {
      Vec value = a * load (x + i) + b * load (y + i);
      IntVec better = value > best;
      at = (current & better) | (at & ~better);
      best = at_least (value, best);
    }
  float largest = i ? best[0] : -INFINITY;
  guint index = i ? (guint) at[0] : 0;
  for (guint j = 1; i && j < LANES; j++)
    if (best[j] > largest || (best[j] == largest && (guint) at[j] < index))
      {
        largest = best[j];
        index = (guint) at[j];
      }
  for (; i < n; i++)
    if (a * x[i] + b * y[i] > largest)
      {
        largest = a * x[i] + b * y[i];
        index = i;
      }
  return index;
}

/* The blends of few entries one by one: the same sums as above. */
static void
largest_blends (guint n, const guint32 *bounds, float a, const float *x, float b, const float *y,
                float *largest)
{
  for (guint i = 0; i < n; i++)
    {
      largest[i] = -INFINITY;
      for (guint32 j = bounds[i]; j < bounds[i + 1]; j++)
        {
          float value = a * x[j] + b * y[j];
          largest[i] = value > largest[i] ? value : largest[i];
        }
    }
}

static void
mark_blends (guint n, float a, const float *x, float b, const float *y, float least, guint32 *marks)
{
  guint i;
  for (i = 0; i + LANES <= n; i += LANES)
    {
      IntVec reached = a * load (x + i) + b * load (y + i) >= splat (least);
      store ((float *) marks + i, (Vec) ((IntVec) load ((float *) marks + i) | reached));
    }
  for (; i < n; i++)
    marks[i] |= a * x[i] + b * y[i] >= least ? G_MAXUINT32 : 0;
}

/* As bits they are in the order of what they stand for, and what is no number comes last. */
static float
largest_magnitude (gsize n, const float *x)
{
  guint32 largest = 0;
  for (gsize i = 0; i < n; i++)
    {
      guint32 bits;
      memcpy (&bits, x + i, sizeof bits);
      largest = MAX (largest, bits & G_MAXINT32);
    }
  float magnitude;
  memcpy (&magnitude, &largest, sizeof magnitude);
  return magnitude;
}

static float
dot (gsize n, const float *x, const float *y)
{
  Vec total = { 0 };
  float rest = 0;
  gsize i;
  for (i = 0; i + LANES <= n; i += LANES)
    total += load (x + i) * load (y + i);
  for (; i < n; i++)
    rest += x[i] * y[i];
  return sum_of (total) + rest;
}

/* torch.optim.Adam and AdamW. */
static void
adam (gsize n, const FewUpdate *u, const float *restrict gradient, float *restrict m,
      float *restrict v, float *restrict weights)
{
  float correction1 = 1 - powf (u->beta1, (float) u->step);
  float correction2 = 1 - powf (u->beta2, (float) u->step);
  float rate = u->rate / correction1;
  float root = 1 / sqrtf (correction2);
  float shrink = u->decoupled ? 1 - u->rate * u->weight_decay : 1;
  float l2 = u->decoupled ? 0 : u->weight_decay;
  float b1 = u->beta1;
  float b2 = u->beta2;
  float epsilon = u->epsilon;
  for (gsize i = 0; i < n; i++)
    {
      float w = weights[i] * shrink;
      float g = gradient[i] + l2 * w;
      m[i] = b1 * m[i] + (1 - b1) * g;
      v[i] = b2 * v[i] + (1 - b2) * g * g;
      weights[i] = w - rate * m[i] / (sqrtf (v[i]) * root + epsilon);
    }
}

/* torch.optim.SGD with momentum, no dampening: the first step's velocity is the gradient itself. */
static void
sgd (gsize n, const FewUpdate *u, const float *restrict gradient, float *restrict velocity,
     float *restrict weights)
{
  float keep = u->step > 1 ? u->beta1 : 0;
  for (gsize i = 0; i < n; i++)
    {
      velocity[i] = keep * velocity[i] + gradient[i] + u->weight_decay * weights[i];
      weights[i] -= u->rate * velocity[i];
    }
}

const FewKernels FEW_KERNELS = {
  .name = FEW_LEVEL,
  .tile_columns = COLUMNS,
  .tile = { TILE_ROWS, tile, NULL, NULL, 0, BLOCK_BYTES },
#if defined __AMX_BF16__
  .pairs = { AMX_TILE_ROWS, FEW_LEVELLED (tile_pairs), few_amx_open, few_amx_close, AMX_PART,
             AMX_BLOCK_BYTES },
  .pairs_beat_winograd = TRUE,
#elif defined __AVX512BF16__
  .pairs = { TILE_ROWS, FEW_LEVELLED (tile_pairs), NULL, NULL, 0, BLOCK_BYTES },
#endif
#if defined __AVX512BF16__
  .to_pairs = FEW_LEVELLED (to_pairs),
#endif
  .winograd_input = FEW_LEVELLED (winograd_input),
  .winograd_output = FEW_LEVELLED (winograd_output),
  .depthwise = FEW_LEVELLED (depthwise),
  .layer_norm = layer_norm,
  .softmax = softmax,
  .relu = relu,
  .relu_backward = relu_backward,
  .blend_normalise = blend_normalise,
  .blend_normalise_backward = blend_normalise_backward,
  .cross_entropy = cross_entropy,
  .largest_blend = largest_blend,
  .index_of_largest_blend = index_of_largest_blend,
  .largest_blends = largest_blends,
  .mark_blends = mark_blends,
  .largest_magnitude = largest_magnitude,
  .dot = dot,
  .adam = adam,
  .sgd = sgd,
  .activate = FEW_LEVELLED (activate),
  .activation_backward = FEW_LEVELLED (activation_backward),
  .layer_norm_backward = FEW_LEVELLED (layer_norm_backward),
  .affinity = FEW_LEVELLED (affinity),
  .multiply = FEW_LEVELLED (multiply),
  .double_rows = TILE_ROWS,
  .double_columns = VECTOR_BYTES / sizeof (double) * 2,
  .double_tile = FEW_LEVELLED (double_tile),
  .double_tile_rows = FEW_LEVELLED (double_tile_rows),
  .double_tile_columns = FEW_LEVELLED (double_tile_columns),
  .double_softmax = FEW_LEVELLED (double_softmax),
};
