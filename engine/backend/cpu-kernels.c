/* One source for every level: GNU C vectors of the level's own width. meson compiles it with FEW_KERNELS set to the table's
 * name and FEW_LEVEL to its level. */
#include "cpu-kernels.h"
#include <math.h>
#include <string.h>

#if defined __AVX512F__
#define VECTOR_BYTES 64
#define TILE_ROWS 14
#elif defined __AVX__
#define VECTOR_BYTES 32
#define TILE_ROWS 6
#elif defined __aarch64__
#define VECTOR_BYTES 16
#define TILE_ROWS 12
#else
#define VECTOR_BYTES 16
#define TILE_ROWS 6
#endif

enum { LANES = VECTOR_BYTES / sizeof (float), COLUMNS = 2 * LANES };

typedef float Vec __attribute__ ((vector_size (VECTOR_BYTES)));
typedef float VecU __attribute__ ((vector_size (VECTOR_BYTES), aligned (4), may_alias));
typedef gint32 IntVec __attribute__ ((vector_size (VECTOR_BYTES)));

#define INLINE static inline __attribute__ ((always_inline))

INLINE Vec
load (const float *p)
{
  return *(const VecU *) p;
}

INLINE void
store (float *p, Vec v)
{
  *(VecU *) p = v;
}

INLINE Vec
splat (float x)
{
  return x - (Vec){ 0 };
}

INLINE Vec
select_positive (Vec condition, Vec yes)
{
  return (Vec) ((IntVec) yes & (condition > 0));
}

INLINE Vec
at_least (Vec x, Vec floor)
{
  IntVec less = x < floor;
  return (Vec) (((IntVec) x & ~less) | ((IntVec) floor & less));
}

/* exp to about 1 ulp for |x| < 87, clamped outside: 2ⁿ · p(f), f in [−½, ½], degree 6. */
INLINE Vec
vec_exp (Vec x)
{
  x = at_least (x, splat (-87.0f));
  x = -at_least (-x, splat (-88.0f));
  Vec t = x * 1.44269504088896f;
  const float shifter = 12582912.0f; /* 1.5·2²³: adding it rounds to an integer */
  Vec n = (t + shifter) - shifter;
  Vec f = x - n * 0.693359375f - n * -2.12194440e-4f;
  Vec p = splat (1.0f / 720);
  p = p * f + 1.0f / 120;
  p = p * f + 1.0f / 24;
  p = p * f + 1.0f / 6;
  p = p * f + 0.5f;
  p = p * f + 1.0f;
  p = p * f + 1.0f;
  IntVec power = (__builtin_convertvector (n, IntVec) + 127) << 23;
  return p * (Vec) power;
}

/* x·Φ(x) with the error function of Abramowitz and Stegun 7.1.26, |error| ≤ 1.5e-7. */
INLINE Vec
vec_gelu (Vec x)
{
  Vec z = x * 0.70710678118655f, positive = at_least (z, -z);
  Vec t = 1.0f / (1.0f + 0.3275911f * positive);
  Vec p = splat (1.061405429f);
  p = p * t - 1.453152027f;
  p = p * t + 1.421413741f;
  p = p * t - 0.284496736f;
  p = p * t + 0.254829592f;
  Vec tail = 0.5f * p * t * vec_exp (-positive * positive); /* 1 − Φ(|x|) */
  IntVec negative = z < 0;
  Vec phi = (Vec) (((IntVec) tail & negative) | ((IntVec) (1.0f - tail) & ~negative));
  return x * phi;
}

INLINE Vec
activate (Vec x, FewActivation activation)
{
  switch (activation)
    {
    case FEW_ACTIVATION_RELU:
      return select_positive (x, x);
    case FEW_ACTIVATION_GELU:
      return vec_gelu (x);
    case FEW_ACTIVATION_QUICK_GELU:
      return x / (1.0f + vec_exp (x * -1.702f));
    default:
      return x;
    }
}

INLINE Vec
finish (Vec sum, const FewEpilogue *e, guint row, guint column)
{
  sum *= e->scale;
  if (e->bias)
    sum += load (e->bias + column);
  if (e->residual_first)
    {
      sum += e->beta * load (e->residual + row * e->ld_residual + column);
      return activate (sum, e->activation);
    }
  sum = activate (sum, e->activation);
  if (e->residual)
    sum += e->beta * load (e->residual + row * e->ld_residual + column);
  return sum;
}

/* The product of m rows (a compile-time constant) and one panel, accumulated in registers. */
INLINE void
tile_of (const guint m, guint k, const float *a, gsize lda, const float *panel, const float *ahead, guint ahead_step, const FewEpilogue *e,
         float *c, gsize ldc, guint columns)
{
  Vec sum[TILE_ROWS][2];
#pragma GCC unroll 16
  for (guint i = 0; i < m; i++)
    sum[i][0] = sum[i][1] = (Vec){ 0 };
  for (guint j = 0; j < k; j++, panel += COLUMNS, ahead += ahead_step)
    {
      Vec left = load (panel), right = load (panel + LANES);
      __builtin_prefetch (ahead, 0, 2);
#pragma GCC unroll 16
      for (guint i = 0; i < m; i++)
        {
          float x = a[i * lda + j];
          sum[i][0] += x * left;
          sum[i][1] += x * right;
        }
    }
  if (columns == COLUMNS)
    {
#pragma GCC unroll 16
      for (guint i = 0; i < m; i++)
        {
          store (c + i * ldc, finish (sum[i][0], e, i, 0));
          store (c + i * ldc + LANES, finish (sum[i][1], e, i, LANES));
        }
      return;
    }
  /* The last panel of a width that is no multiple: the same arithmetic on a padded copy of what the epilogue reads. */
  for (guint i = 0; i < m; i++)
    {
      float bias[COLUMNS] = { 0 }, residual[COLUMNS] = { 0 }, row[COLUMNS];
      FewEpilogue padded = *e;
      if (e->bias)
        padded.bias = memcpy (bias, e->bias, columns * sizeof (float));
      if (e->residual)
        padded.residual = memcpy (residual, e->residual + i * e->ld_residual, columns * sizeof (float));
      store (row, finish (sum[i][0], &padded, 0, 0));
      store (row + LANES, finish (sum[i][1], &padded, 0, LANES));
      memcpy (c + i * ldc, row, columns * sizeof (float));
    }
}

static void
tile (guint m, guint k, const float *a, gsize lda, const float *panel, const float *ahead, guint ahead_step, const FewEpilogue *e, float *c,
      gsize ldc, guint columns)
{
  switch (m)
    {
#define CASE(n)                                                                                                                  \
  case n:                                                                                                                        \
    tile_of (n, k, a, lda, panel, ahead, ahead_step, e, c, ldc, columns);                                                        \
    break;
      CASE (1) CASE (2) CASE (3) CASE (4) CASE (5) CASE (6)
#if TILE_ROWS > 6
      CASE (7) CASE (8) CASE (9) CASE (10) CASE (11) CASE (12)
#endif
#if TILE_ROWS > 12
      CASE (13) CASE (14)
#endif
#undef CASE
    }
}

INLINE float
sum_of (Vec v)
{
  float sum = 0;
  for (guint i = 0; i < LANES; i++)
    sum += v[i];
  return sum;
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
  total = (Vec){ 0 }, rest = 0;
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

static void
softmax (guint n, guint padded, float *row)
{
  float largest = row[0];
  for (guint i = 1; i < n; i++)
    largest = row[i] > largest ? row[i] : largest;
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
blend_normalise (guint d, float alpha, const float *a, const float *f, float *y, float *inverse_norm)
{
  Vec total = { 0 };
  float rest = 0, other = 1 - alpha;
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
  float norm = sqrtf (sum_of (total) + rest), inverse = norm > 1e-12f ? 1 / norm : 0;
  *inverse_norm = inverse;
  for (i = 0; i < d; i++)
    y[i] *= inverse;
}

static void
blend_normalise_backward (guint d, float alpha, const float *y, float inverse_norm, const float *dy, float *da)
{
  Vec total = { 0 };
  float rest = 0;
  guint i;
  for (i = 0; i + LANES <= d; i += LANES)
    total += load (y + i) * load (dy + i);
  for (; i < d; i++)
    rest += y[i] * dy[i];
  float along = sum_of (total) + rest, scale = alpha * inverse_norm;
  for (i = 0; i < d; i++)
    da[i] = (dy[i] - y[i] * along) * scale;
}

static void
cross_entropy (guint k, guint label, float scale, float *logits, float *loss, float *correct)
{
  float own = logits[label], largest = own;
  for (guint i = 0; i < k; i++)
    largest = logits[i] > largest ? logits[i] : largest;
  float right = 1, sum = 0;
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
adam (gsize n, const FewUpdate *u, const float *restrict gradient, float *restrict m, float *restrict v, float *restrict weights)
{
  float correction1 = 1 - powf (u->beta1, (float) u->step), correction2 = 1 - powf (u->beta2, (float) u->step);
  float rate = u->rate / correction1, root = 1 / sqrtf (correction2);
  float shrink = u->decoupled ? 1 - u->rate * u->weight_decay : 1, l2 = u->decoupled ? 0 : u->weight_decay;
  float b1 = u->beta1, b2 = u->beta2, epsilon = u->epsilon;
  for (gsize i = 0; i < n; i++)
    {
      float w = weights[i] * shrink, g = gradient[i] + l2 * w;
      m[i] = b1 * m[i] + (1 - b1) * g;
      v[i] = b2 * v[i] + (1 - b2) * g * g;
      weights[i] = w - rate * m[i] / (sqrtf (v[i]) * root + epsilon);
    }
}

/* torch.optim.SGD with momentum, no dampening: the first step's velocity is the gradient itself. */
static void
sgd (gsize n, const FewUpdate *u, const float *restrict gradient, float *restrict velocity, float *restrict weights)
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
  .tile_rows = TILE_ROWS,
  .tile_columns = COLUMNS,
  .tile = tile,
  .layer_norm = layer_norm,
  .softmax = softmax,
  .relu = relu,
  .relu_backward = relu_backward,
  .blend_normalise = blend_normalise,
  .blend_normalise_backward = blend_normalise_backward,
  .cross_entropy = cross_entropy,
  .dot = dot,
  .adam = adam,
  .sgd = sgd,
};
