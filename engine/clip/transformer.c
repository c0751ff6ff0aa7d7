/* SPDX-License-Identifier: MIT */
/* Residual attention blocks, and the memory that passes run in. */
#include "clip/transformer.h"
#include <fewshot/model.h>

float *
few_activations_get (FewActivations *activations, gsize n, GError **error)
{
  if (activations->n < n)
    {
      few_activations_clear (activations);
      activations->memory = activations->backend->ops->alloc (activations->backend, n, error);
      activations->n = activations->memory ? n : 0;
    }
  return activations->memory;
}

void
few_activations_clear (FewActivations *activations)
{
  if (activations->memory)
    activations->backend->ops->free (activations->backend, activations->memory);
  activations->memory = NULL;
  activations->n = 0;
}

void
few_transformer_load (FewTransformer *transformer, const FewTransformerConfig *config,
                      FewLoader *loader, const char *prefix)
{
  guint w = config->width;
  guint m = config->mlp_width;
  transformer->config = *config;
  transformer->blocks = g_new0 (FewBlock, config->layers);
  for (guint i = 0; i < config->layers && !loader->error; i++)
    {
      FewBlock *b = &transformer->blocks[i];
      g_autofree char *p = g_strdup_printf ("%stransformer.resblocks.%u.", prefix, i);
      b->ln_1_weight = few_load_vector (loader, w, "%sln_1.weight", p);
      b->ln_1_bias = few_load_vector (loader, w, "%sln_1.bias", p);
      b->in_proj = few_load_matrix (loader, 3 * w, w, FALSE, "%sattn.in_proj_weight", p);
      b->in_proj_bias = few_load_vector (loader, 3 * w, "%sattn.in_proj_bias", p);
      b->out_proj = few_load_matrix (loader, w, w, FALSE, "%sattn.out_proj.weight", p);
      b->out_proj_bias = few_load_vector (loader, w, "%sattn.out_proj.bias", p);
      b->ln_2_weight = few_load_vector (loader, w, "%sln_2.weight", p);
      b->ln_2_bias = few_load_vector (loader, w, "%sln_2.bias", p);
      b->c_fc = few_load_matrix (loader, m, w, FALSE, "%smlp.c_fc.weight", p);
      b->c_fc_bias = few_load_vector (loader, m, "%smlp.c_fc.bias", p);
      b->c_proj = few_load_matrix (loader, w, m, FALSE, "%smlp.c_proj.weight", p);
      b->c_proj_bias = few_load_vector (loader, w, "%smlp.c_proj.bias", p);
    }
}

void
few_transformer_clear (FewTransformer *transformer)
{
  g_clear_pointer (&transformer->blocks, g_free);
}

gsize
few_transformer_workspace (const FewTransformerConfig *config, guint m)
{
  gsize wide = MAX (few_row_stride (3 * (gsize) config->width), few_row_stride (config->mlp_width));
  return m * (wide + few_row_stride (config->width));
}

static void
emit_rows (const FewBackendOps *ops, FewStream *stream, FewTapFunc tap, gpointer user,
           const char *name, const float *x, guint m, guint w, gsize ld)
{
  g_autofree float *dense = g_new (float, (gsize) m *w);
  for (guint i = 0; i < m; i++)
    ops->download (stream, dense + (gsize) i * w, x + i * ld, w);
  tap (user, name, dense, m, w);
}

void
few_transformer_forward (const FewTransformer *transformer, const FewBackendOps *ops,
                         FewStream *stream, guint b, guint t, gboolean causal, float *x,
                         float *work, const char *tower, FewTapFunc tap, gpointer tap_user)
{
  const FewTransformerConfig *c = &transformer->config;
  guint m = b * t;
  guint w = c->width;
  gsize ld = few_row_stride (w);
  gsize ld_qkv = few_row_stride (3 * (gsize) w);
  gsize ld_mlp = few_row_stride (c->mlp_width);
  float *y = work;
  float *wide = work + m * ld;
  for (guint i = 0; i < c->layers; i++)
    {
      const FewBlock *k = &transformer->blocks[i];
      ops->layer_norm (stream, m, w, x, ld, k->ln_1_weight, k->ln_1_bias, c->ln_epsilon, y, ld);
      ops->linear (stream, m, y, ld, k->in_proj, k->in_proj_bias, FEW_ACTIVATION_NONE, NULL, 0,
                   wide, ld_qkv);
      ops->attention (stream, b, t, c->heads, c->head_width, causal, wide, ld_qkv, y, ld);
      ops->linear (stream, m, y, ld, k->out_proj, k->out_proj_bias, FEW_ACTIVATION_NONE, x, ld, x,
                   ld);
      ops->layer_norm (stream, m, w, x, ld, k->ln_2_weight, k->ln_2_bias, c->ln_epsilon, y, ld);
      ops->linear (stream, m, y, ld, k->c_fc, k->c_fc_bias, c->activation, NULL, 0, wide, ld_mlp);
      ops->linear (stream, m, wide, ld_mlp, k->c_proj, k->c_proj_bias, FEW_ACTIVATION_NONE, x, ld,
                   x, ld);
      if (tap)
        {
          g_autofree char *name = g_strdup_printf ("%s.%u", tower, i);
          emit_rows (ops, stream, tap, tap_user, name, x, m, w, ld);
        }
    }
}
