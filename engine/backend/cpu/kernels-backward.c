/* SPDX-License-Identifier: MIT */
/* Kernels of what is trained through a frozen tower, and of methods past the adapter. */
#include "backend/cpu/kernels-levelled.h"
#include "backend/cpu/vector.h"
#include <math.h>

/* The n mod LANES last elements go through a padded vector, so that they get the same arithmetic
 * as the others. */
#define FOR_VECTORS(n, body)                                                                       \
  {                                                                                                \
    gsize i;                                                                                       \
    for (i = 0; i + LANES <= (n); i += LANES)                                                      \
      body (i, LANES);                                                                             \
    if (i < (n))                                                                                   \
      body (i, (n) - i);                                                                           \
  }

INLINE Vec
load_some (const float *p, gsize n)
{
  Vec v = { 0 };
  if (n == LANES)
    return load (p);
  memcpy (&v, p, n * sizeof (float));
  return v;
}

INLINE void
store_some (float *p, Vec v, gsize n)
{
  if (n == LANES)
    store (p, v);
  else
    memcpy (p, &v, n * sizeof (float));
}

void
FEW_LEVELLED (activate) (gsize n, FewActivation activation, const float *x, float *y){
#define BODY(i, m) store_some (y + (i), activate (load_some (x + (i), m), activation), m)
  FOR_VECTORS (n, BODY)
#undef BODY
}

INLINE Vec derivative (Vec x, FewActivation activation)
{
  Vec one = splat (1);
  Vec s;
  switch (activation)
    {
    case FEW_ACTIVATION_RELU:
      return select_positive (x, one);
    case FEW_ACTIVATION_GELU: /* Φ + xφ */
      return vec_phi (x) + x * 0.3989422804014327f * vec_exp (-0.5f * x * x);
    case FEW_ACTIVATION_QUICK_GELU: /* s + 1.702 x s (1 − s) */
      s = 1.0f / (1.0f + vec_exp (x * -1.702f));
      return s + 1.702f * x * s * (1.0f - s);
    case FEW_ACTIVATION_TANH_GELU: /* s + x s (1 − s) (2u)′ */
      s = 1.0f / (1.0f + vec_exp (x * (-1.5957691216f - 0.0713548162726f * x * x)));
      return s + x * s * (1.0f - s) * (1.5957691216f + 0.2140644488178f * x * x);
    case FEW_ACTIVATION_SILU:
      s = 1.0f / (1.0f + vec_exp (-x));
      return s + x * s * (1.0f - s);
    default:
      return one;
    }
}

void
FEW_LEVELLED (activation_backward) (gsize n, FewActivation activation, const float *x,
                                    float *gradient)
{
#define BODY(i, m)                                                                                 \
  store_some (gradient + (i),                                                                      \
              load_some (gradient + (i), m) * derivative (load_some (x + (i), m), activation), m)
  FOR_VECTORS (n, BODY)
#undef BODY
}

/* With x̂ = (x − mean)·s and g = γ·dy: dx += s·(g − mean (g) − x̂·mean (g·x̂)). */
void
FEW_LEVELLED (layer_norm_backward) (guint w, const float *x, const float *gamma, float epsilon,
                                    const float *dy, float *dx)
{
  double sum = 0;
  double squares = 0;
  double g_sum = 0;
  double g_along = 0;
  for (guint i = 0; i < w; i++)
    sum += x[i];
  float mean = (float) (sum / w);
  for (guint i = 0; i < w; i++)
    {
      float centred = x[i] - mean;
      float g = gamma[i] * dy[i];
      squares += (double) centred * centred;
      g_sum += g;
      g_along += (double) g * centred;
    }
  float s = (float) (1 / sqrt (squares / w + epsilon));
  float g_mean = (float) (g_sum / w);
  float along = (float) (g_along / w) * s * s;
  for (guint i = 0; i < w; i++)
    dx[i] += s * (gamma[i] * dy[i] - g_mean - (x[i] - mean) * along);
}

void
FEW_LEVELLED (affinity) (gsize n, float sharpness, float *x)
{
#define BODY(i, m) store_some (x + (i), vec_exp (sharpness * (load_some (x + (i), m) - 1.0f)), m)
  FOR_VECTORS (n, BODY)
#undef BODY
}

void
FEW_LEVELLED (multiply) (gsize n, float scale, const float *x, float *y)
{
  for (gsize i = 0; i < n; i++)
    y[i] *= scale * x[i];
}
