/* SPDX-License-Identifier: MIT */
/* Sums branches of convolutions on the host and brings the sum to the device. */
#include "clip/fold.h"
#include "base/memory.h"

gboolean
few_fold_init (FewFold *fold, FewLoader *loader, guint n, guint per, guint kernel)
{
  gsize k = (gsize) per * kernel * kernel;
  *fold = (FewFold) { loader, n, per, kernel, NULL, NULL };
  if (loader->error)
    return FALSE;
  fold->weights = few_try_floats (n, k, "the convolutions", &loader->error);
  fold->bias = fold->weights ? few_try_floats (n, 1, "the convolutions", &loader->error) : NULL;
  for (gsize i = 0; fold->bias && i < n * k; i++)
    fold->weights[i] = 0;
  for (guint i = 0; fold->bias && i < n; i++)
    fold->bias[i] = 0;
  return fold->bias != NULL;
}

void
few_fold_clear (FewFold *fold)
{
  g_clear_pointer (&fold->weights, g_free);
  g_clear_pointer (&fold->bias, g_free);
}

static gboolean
is_ready (const FewFold *fold)
{
  return fold->bias && !fold->loader->error;
}

/* weights [N, per, kernel, kernel] += scale [N] · a smaller kernel, in the middle */
static void
add_kernel (FewFold *fold, guint kernel, const float *weights, const float *scale)
{
  guint edge = (fold->kernel - kernel) / 2;
  gsize planes = (gsize) fold->n * fold->per;
  for (gsize plane = 0; plane < planes; plane++)
    for (guint y = 0; y < kernel; y++)
      for (guint x = 0; x < kernel; x++)
        {
          gsize to = (plane * fold->kernel + y + edge) * fold->kernel + x + edge;
          float gain = scale ? scale[plane / fold->per] : 1;
          fold->weights[to] += gain * weights[(plane * kernel + y) * kernel + x];
        }
}

void
few_fold_add_conv (FewFold *fold, guint kernel, const char *prefix)
{
  guint n = fold->n;
  g_autofree char *name = g_strconcat (prefix, ".conv.weight", NULL);
  g_autofree char *norm = g_strconcat (prefix, ".bn", NULL);
  g_auto (FewWeightView) view = { NULL };
  g_autofree float *scale = g_new (float, 2 * (gsize) n);
  if (!is_ready (fold)
      || !few_load_view (fold->loader, &view, name, 4, (gsize[]) { n, fold->per, kernel, kernel })
      || !few_load_norm (fold->loader, norm, n, scale, scale + n))
    return;
  add_kernel (fold, kernel, view.floats, scale);
  for (guint i = 0; i < n; i++)
    fold->bias[i] += scale[n + i];
}

void
few_fold_add_plain (FewFold *fold, const char *name)
{
  guint n = fold->n;
  g_autofree char *weight = g_strconcat (name, ".weight", NULL);
  g_autofree char *bias = g_strconcat (name, ".bias", NULL);
  g_auto (FewWeightView) view = { NULL };
  g_auto (FewWeightView) biases = { NULL };
  if (!is_ready (fold)
      || !few_load_view (fold->loader, &view, weight, 4,
                         (gsize[]) { n, fold->per, fold->kernel, fold->kernel })
      || !few_load_view (fold->loader, &biases, bias, 1, (gsize[]) { n }))
    return;
  add_kernel (fold, fold->kernel, view.floats, NULL);
  for (guint i = 0; i < n; i++)
    fold->bias[i] += biases.floats[i];
}

void
few_fold_add_identity (FewFold *fold, float sign, const char *norm)
{
  guint n = fold->n;
  gsize area = (gsize) fold->kernel * fold->kernel;
  g_autofree float *scale = g_new0 (float, 2 * (gsize) n);
  if (!is_ready (fold) || (norm && !few_load_norm (fold->loader, norm, n, scale, scale + n)))
    return;
  for (guint i = 0; i < n; i++)
    {
      gsize plane = fold->per == 1 ? i : (gsize) i * fold->per + i;
      fold->weights[plane * area + area / 2] += sign * (norm ? scale[i] : 1);
      fold->bias[i] += sign * scale[n + i];
    }
}

void
few_fold_scale (FewFold *fold, const char *gains)
{
  gsize k = (gsize) fold->per * fold->kernel * fold->kernel;
  g_auto (FewWeightView) view = { NULL };
  if (!is_ready (fold) || !few_load_view (fold->loader, &view, gains, 1, (gsize[]) { fold->n }))
    return;
  for (gsize i = 0; i < fold->n * k; i++)
    fold->weights[i] *= view.floats[i / k];
  for (guint i = 0; i < fold->n; i++)
    fold->bias[i] *= view.floats[i];
}

void
few_fold_add_branches (FewFold *fold, const char *prefix)
{
  g_autofree char *identity = g_strconcat (prefix, ".identity", NULL);
  g_autofree char *identity_weight = g_strconcat (identity, ".weight", NULL);
  g_autofree char *narrow = g_strconcat (prefix, ".conv_scale", NULL);
  g_autofree char *narrow_weight = g_strconcat (narrow, ".conv.weight", NULL);
  g_autofree char *wide = g_strconcat (prefix, ".conv_kxk.0", NULL);
  g_autofree char *second = g_strconcat (prefix, ".conv_kxk.1.conv.weight", NULL);
  if (!is_ready (fold))
    return;
  few_fold_add_conv (fold, fold->kernel, wide);
  if (few_load_has (fold->loader, narrow_weight))
    few_fold_add_conv (fold, 1, narrow);
  if (few_load_has (fold->loader, identity_weight))
    few_fold_add_identity (fold, 1, identity);
  if (few_load_has (fold->loader, second))
    few_load_refuse (fold->loader, second);
}

float *
few_fold_depthwise (const FewFold *fold)
{
  gsize taps = (gsize) fold->kernel * fold->kernel;
  g_autofree float *turned =
      is_ready (fold) ? few_try_floats (fold->n, taps, "the convolutions", &fold->loader->error)
                      : NULL;
  for (gsize i = 0; turned && i < fold->n * taps; i++)
    turned[i % taps * fold->n + i / taps] = fold->weights[i];
  return turned ? few_load_floats (fold->loader, turned, fold->n * taps) : NULL;
}

FewMatrix *
few_fold_matrix (const FewFold *fold)
{
  return is_ready (fold) ? few_load_host_matrix (fold->loader, fold->n, fold->per, fold->weights)
                         : NULL;
}

FewMatrix *
few_fold_conv (const FewFold *fold, const FewConvShape *shape)
{
  gsize taps = (gsize) fold->kernel * fold->kernel;
  gsize k = fold->per * taps;
  g_autofree float *nhwc =
      is_ready (fold) ? few_try_floats (fold->n, k, "the convolutions", &fold->loader->error)
                      : NULL;
  for (gsize i = 0; nhwc && i < fold->n * k; i++)
    nhwc[i / k * k + i % taps * fold->per + i % k / taps] = fold->weights[i];
  return nhwc ? few_load_host_conv (fold->loader, shape, nhwc) : NULL;
}

float *
few_fold_bias (const FewFold *fold)
{
  return is_ready (fold) ? few_load_floats (fold->loader, fold->bias, fold->n) : NULL;
}
