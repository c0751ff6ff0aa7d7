/* SPDX-License-Identifier: MIT */
/* The head that pools by a learned query, over the ops of ResNet's attention pool. */
#include "clip/map-head.h"
#include "base/memory.h"
#include <math.h>

/* queries [heads, W]: of each head Wₖᵀ (W_q latent + b_q) */
static gboolean
fold_query (const FewMapHead *head, const float *latent, const float *in_proj, const float *bias,
            float *queries, GError **error)
{
  gsize w = head->width;
  guint head_width = head->width / head->heads;
  g_autofree double *sums = few_try_copy (NULL, w, sizeof *sums, "the pool", error);
  g_autofree float *query = sums ? few_try_floats (w, 1, "the pool", error) : NULL;
  if (!query)
    return FALSE;
  for (gsize i = 0; i < w; i++)
    {
      double sum = bias[i];
      for (gsize j = 0; j < w; j++)
        sum += (double) in_proj[i * w + j] * latent[j];
      query[i] = (float) sum;
    }
  const float *keys = in_proj + w * w;
  for (guint h = 0; h < head->heads; h++)
    {
      for (gsize j = 0; j < w; j++)
        sums[j] = 0;
      for (gsize i = (gsize) h * head_width; i < (gsize) (h + 1) * head_width; i++)
        for (gsize j = 0; j < w; j++)
          sums[j] += (double) keys[i * w + j] * query[i];
      for (gsize j = 0; j < w; j++)
        queries[h * w + j] = (float) sums[j];
    }
  return TRUE;
}

static void
load_attention (FewMapHead *head, FewLoader *loader)
{
  gsize w = head->width;
  g_auto (FewWeightView) latent = { NULL };
  g_auto (FewWeightView) in_proj = { NULL };
  g_auto (FewWeightView) bias = { NULL };
  head->values = g_new0 (FewMatrix *, head->heads);
  g_autofree float *queries = few_try_floats (head->heads, w, "the pool", &loader->error);
  if (!queries || !few_load_view (loader, &latent, "visual.map.latent", 1, &w)
      || !few_load_view (loader, &in_proj, "visual.map.in_proj_weight", 2, (gsize[]) { 3 * w, w })
      || !few_load_view (loader, &bias, "visual.map.in_proj_bias", 1, (gsize[]) { 3 * w })
      || !fold_query (head, latent.floats, in_proj.floats, bias.floats, queries, &loader->error))
    return;
  guint head_width = head->width / head->heads;
  head->queries = few_load_floats (loader, queries, head->heads * w);
  head->values_bias = few_load_floats (loader, bias.floats + 2 * w, w);
  for (guint h = 0; h < head->heads; h++)
    head->values[h] = few_load_host_matrix (loader, head_width, head->width,
                                            in_proj.floats + (2 * w + h * head_width) * w);
}

void
few_map_head_load (FewMapHead *head, const FewTransformerConfig *tower, guint heads,
                   guint mlp_width, FewLoader *loader)
{
  guint w = tower->width;
  *head = (FewMapHead) { .width = w,
                         .heads = heads,
                         .mlp_width = mlp_width,
                         .activation = tower->activation,
                         .epsilon = tower->ln_epsilon };
  if (loader->error)
    return;
  load_attention (head, loader);
  head->out_proj = few_load_matrix (loader, w, w, FALSE, "visual.map.out_proj.weight");
  head->out_bias = few_load_vector (loader, w, "visual.map.out_proj.bias");
  head->norm_weight = few_load_vector (loader, w, "visual.map.norm.weight");
  head->norm_bias = few_load_vector (loader, w, "visual.map.norm.bias");
  head->c_fc = few_load_matrix (loader, mlp_width, w, FALSE, "visual.map.c_fc.weight");
  head->c_fc_bias = few_load_vector (loader, mlp_width, "visual.map.c_fc.bias");
  head->c_proj = few_load_matrix (loader, w, mlp_width, FALSE, "visual.map.c_proj.weight");
  head->c_proj_bias = few_load_vector (loader, w, "visual.map.c_proj.bias");
}

void
few_map_head_clear (FewMapHead *head)
{
  g_clear_pointer (&head->values, g_free);
}

gsize
few_map_head_workspace (const FewMapHead *head, guint b)
{
  return (gsize) b * (2 * (gsize) head->heads * head->width + 2 * head->width + head->mlp_width);
}

void
few_map_head_forward (const FewMapHead *head, const FewBackendOps *ops, FewStream *stream, guint b,
                      guint t, const float *x, float *work, float *y)
{
  guint w = head->width;
  guint all = head->heads * w;
  guint head_width = w / head->heads;
  float *queries = work;
  float *found = queries + (gsize) b * all;
  float *pooled = found + (gsize) b * all;
  float *normal = pooled + (gsize) b * w;
  float *hidden = normal + (gsize) b * w;
  g_autofree guint32 *same = g_new0 (guint32, b);
  ops->gather_rows (stream, b, all, same, head->queries, all, queries);
  ops->pool_attention (stream, b, t, w, head->heads, 1 / sqrtf ((float) head_width), queries, x,
                       found);
  ops->grouped_linear (stream, head->heads, b, found, all, head->values, head->values_bias, pooled,
                       w);
  ops->linear (stream, b, pooled, w, head->out_proj, head->out_bias, FEW_ACTIVATION_NONE, NULL, 0,
               y, w);
  ops->layer_norm (stream, b, w, y, w, head->norm_weight, head->norm_bias, head->epsilon, normal,
                   w);
  ops->linear (stream, b, normal, w, head->c_fc, head->c_fc_bias, head->activation, NULL, 0, hidden,
               head->mlp_width);
  ops->linear (stream, b, hidden, head->mlp_width, head->c_proj, head->c_proj_bias,
               FEW_ACTIVATION_NONE, y, w, y, w);
}
