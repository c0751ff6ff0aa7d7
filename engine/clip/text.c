/* SPDX-License-Identifier: MIT */
/* The text tower's weights and its pass. */
#include "clip/text.h"
#include <fewshot/model.h>

void
few_text_load (FewTextTower *text, const FewClipConfig *config, FewLoader *loader)
{
  guint w = config->text.width;
  text->token_embedding = few_load_table (loader, config->vocab_size, w, "token_embedding.weight");
  text->positions = few_load_table (loader, config->context_length, w, "positional_embedding");
  few_transformer_load (&text->transformer, &config->text, loader, "");
  text->ln_final_weight = few_load_vector (loader, w, "ln_final.weight");
  text->ln_final_bias = few_load_vector (loader, w, "ln_final.bias");
  FewProjection projection = config->text_style.projection;
  guint d = config->embed_dim;
  if (projection == FEW_PROJECTION_PARAMETER)
    text->text_projection = few_load_matrix (loader, d, w, TRUE, "text_projection");
  else if (projection != FEW_PROJECTION_NONE)
    text->text_projection = few_load_matrix (loader, d, w, FALSE, "text_head.weight");
  if (projection == FEW_PROJECTION_LINEAR)
    text->projection_bias = few_load_vector (loader, d, "text_head.bias");
}

void
few_text_clear (FewTextTower *text)
{
  few_transformer_clear (&text->transformer);
}

gboolean
few_text_forward (const FewTextTower *text, const FewClipConfig *config, FewBackend *backend,
                  FewStream *stream, FewActivations *activations, guint b, guint t,
                  const gint32 *ids, const guint32 *rows, float *features, FewTapFunc tap,
                  gpointer tap_user, GError **error)
{
  const FewBackendOps *ops = backend->ops;
  guint w = config->text.width;
  guint d = config->embed_dim;
  gsize ld = few_row_stride (w);
  gsize n_x = (gsize) b * t * ld;
  gsize n_work = few_transformer_workspace (&config->text, b * t) + (gsize) b * w;
  float *x = few_activations_get (activations, n_x + n_work + (gsize) b * d, error);
  if (!x)
    return FALSE;
  float *work = x + n_x;
  float *out = work + n_work;
  ops->embed_tokens (stream, b, t, w, ids, text->token_embedding, text->positions, x, ld);
  few_transformer_forward (&text->transformer, ops, stream, b, t, !config->text_style.sees_all, x,
                           work, "text", tap, tap_user);
  ops->gather_rows (stream, b, w, rows, x, ld, work);
  ops->layer_norm (stream, b, w, work, w, text->ln_final_weight, text->ln_final_bias,
                   config->text.ln_epsilon, work, w);
  if (text->text_projection)
    ops->linear (stream, b, work, w, text->text_projection, text->projection_bias,
                 FEW_ACTIVATION_NONE, NULL, 0, out, d);
  else
    out = work;
  ops->download (stream, features, out, (gsize) b * d);
  return ops->check (stream, error);
}
