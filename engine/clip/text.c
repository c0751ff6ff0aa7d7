/* SPDX-License-Identifier: MIT */
/* The text tower's weights and its pass. */
#include "clip/text.h"
#include "base/error.h"
#include "base/memory.h"
#include "clip/shapes.h"
#include <fewshot/model.h>
#include <math.h>
#include <string.h>

gboolean
few_text_measure (FewClipConfig *config, const FewWeights *weights, const char *path,
                  GError **error)
{
  FewTransformerConfig *t = &config->text;
  FewTextStyle *style = &config->text_style;
  guint64 end = (guint64) style->first_position + config->context_length;
  if (style->kind == FEW_TEXT_CLIP) /* of no text, too */
    return TRUE;
  t->width = few_shape_dim (weights, "token_embedding.weight", 1);
  t->layers = few_shape_count (weights, "transformer.resblocks.", ".ln_1.weight");
  t->heads = t->width / t->head_width;
  t->mlp_width = few_shape_dim (weights, "transformer.resblocks.0.mlp.c_fc.weight", 0);
  config->vocab_size = few_shape_dim (weights, "token_embedding.weight", 0);
  style->hidden_width = few_shape_dim (weights, "text_hidden.weight", 0);
  return few_clip_in_range (config->vocab_size, 1, FEW_MAX_VOCABULARY, "vocab_size", path, error)
         && few_clip_in_range (style->hidden_width, style->projection == FEW_PROJECTION_MLP ? 1 : 0,
                               FEW_MAX_WIDTH, "hidden width of the text's projection", path, error)
         && (style->kind == FEW_TEXT_M2M
             || few_clip_in_range (few_shape_dim (weights, "positional_embedding", 0), (gint64) end,
                                   FEW_MAX_TOKENS, "the number of a text's positions", path, error))
         && (style->projection != FEW_PROJECTION_NONE
             || few_clip_in_range (t->width, config->embed_dim, config->embed_dim, "text width",
                                   path, error))
         && few_clip_check_transformer (t, "text", path, error);
}

/* ---- state */

/* BERT adds the embedding of a token's type, of which texts have one, everywhere. */
static void
load_typed_positions (FewTextTower *text, const FewClipConfig *config, FewLoader *loader)
{
  guint w = config->text.width;
  gsize n = (gsize) config->context_length * w;
  gsize rows = few_shape_dim (loader->weights, "positional_embedding", 0);
  gsize types = few_shape_dim (loader->weights, "token_types", 0);
  g_auto (FewWeightView) table = { NULL };
  g_auto (FewWeightView) type = { NULL };
  if (!few_load_view (loader, &table, "positional_embedding", 2, (gsize[]) { rows, w })
      || !few_load_view (loader, &type, "token_types", 2, (gsize[]) { types, w }))
    return;
  if (types == 0)
    {
      few_load_refuse (loader, "token_types");
      return;
    }
  g_autofree float *sum = few_try_floats (n, 1, "the positions", &loader->error);
  const float *first = table.floats + (gsize) config->text_style.first_position * w;
  for (gsize i = 0; sum && i < n; i++)
    sum[i] = first[i] + type.floats[i % w];
  if (sum)
    text->positions = few_load_floats (loader, sum, n);
}

/* Sines of a position's angles, then their cosines (fairseq's order; transformers'
 * M2M100SinusoidalPositionalEmbedding): bands 10000^(−j/(W/2 − 1)). */
static void
load_waves (FewTextTower *text, const FewClipConfig *config, FewLoader *loader)
{
  guint half = config->text.width / 2;
  guint context = config->context_length;
  gsize n = (gsize) context * config->text.width;
  g_autofree float *waves = few_try_floats (n, 1, "the positions", &loader->error);
  if (!waves)
    return;
  memset (waves, 0, n * sizeof (float)); /* an odd width ends in a zero */
  for (guint i = 0; i < context; i++)
    for (guint j = 0; j < half; j++)
      {
        double position = (double) i + config->text_style.first_position;
        double angle = position * pow (10000, -(double) j / MAX (half - 1, 1));
        float *row = waves + (gsize) i * config->text.width;
        row[j] = (float) sin (angle);
        row[half + j] = (float) cos (angle);
      }
  text->positions = few_load_floats (loader, waves, n);
}

/* Embeddings of tokens and positions. */
static void
load_embeddings (FewTextTower *text, const FewClipConfig *config, FewLoader *loader)
{
  guint w = config->text.width;
  float gain = config->text_style.kind == FEW_TEXT_M2M ? sqrtf ((float) w) : 1;
  text->token_embedding =
      few_load_gained_table (loader, config->vocab_size, w, gain, "token_embedding.weight");
  switch (config->text_style.kind)
    {
    case FEW_TEXT_BERT:
      load_typed_positions (text, config, loader);
      text->ln_embed_weight = few_load_vector (loader, w, "ln_embed.weight");
      text->ln_embed_bias = few_load_vector (loader, w, "ln_embed.bias");
      break;
    case FEW_TEXT_M2M:
      load_waves (text, config, loader);
      break;
    case FEW_TEXT_CLIP:
    default:
      text->positions = few_load_table (loader, config->context_length, w, "positional_embedding");
      break;
    }
}

static void
load_projection (FewTextTower *text, const FewClipConfig *config, FewLoader *loader)
{
  const FewTextStyle *style = &config->text_style;
  guint w = config->text.width;
  guint d = config->embed_dim;
  guint h = style->hidden_width;
  switch (style->projection)
    {
    case FEW_PROJECTION_PARAMETER:
      text->text_projection = few_load_matrix (loader, d, w, TRUE, "text_projection");
      break;
    case FEW_PROJECTION_MLP:
      text->text_hidden = few_load_matrix (loader, h, w, FALSE, "text_hidden.weight");
      text->text_projection = few_load_matrix (loader, d, h, FALSE, "text_head.weight");
      break;
    case FEW_PROJECTION_LINEAR:
      text->projection_bias = few_load_vector (loader, d, "text_head.bias");
      text->text_projection = few_load_matrix (loader, d, w, FALSE, "text_head.weight");
      break;
    case FEW_PROJECTION_BARE:
      text->text_projection = few_load_matrix (loader, d, w, FALSE, "text_head.weight");
      break;
    case FEW_PROJECTION_NONE:
    default:
      break;
    }
}

void
few_text_load (FewTextTower *text, const FewClipConfig *config, FewLoader *loader)
{
  guint w = config->text.width;
  guint context = config->context_length;
  load_embeddings (text, config, loader);
  few_transformer_load (&text->transformer, &config->text, loader, "");
  if (config->text_style.kind != FEW_TEXT_BERT)
    {
      text->ln_final_weight = few_load_vector (loader, w, "ln_final.weight");
      text->ln_final_bias = few_load_vector (loader, w, "ln_final.bias");
    }
  if (config->text_style.pool == FEW_TEXT_MEAN)
    {
      g_autofree float *ones = g_new (float, context);
      for (guint i = 0; i < context; i++)
        ones[i] = 1;
      text->ones = few_load_floats (loader, ones, context);
    }
  load_projection (text, config, loader);
}

void
few_text_clear (FewTextTower *text)
{
  few_transformer_clear (&text->transformer);
}

/* ---- pass */

/* What a pass has: x [B·T, ld] tokens, work for the blocks and what follows, out [B, D]. */
typedef struct
{
  const FewTextTower *text;
  const FewClipConfig *config;
  const FewBackendOps *ops;
  FewStream *stream;
  guint b, t;
  gsize ld;
  float *x, *work, *out;
} Texts;

/* Tokens → work [B, W], normalised. */
static void
pool_texts (const Texts *p, const guint32 *rows)
{
  guint w = p->config->text.width;
  if (!p->text->ones)
    p->ops->gather_rows (p->stream, p->b, w, rows, p->x, p->ld, p->work);
  for (guint i = 0; p->text->ones && i < p->b; i++)
    p->ops->gemm (p->stream, FALSE, FALSE, 1, w, p->t, 1.0f / (float) p->t, p->text->ones, p->t,
                  p->x + (gsize) i * p->t * p->ld, p->ld, 0, p->work + (gsize) i * w, w);
  if (p->text->ln_final_weight)
    p->ops->layer_norm (p->stream, p->b, w, p->work, w, p->text->ln_final_weight,
                        p->text->ln_final_bias, p->config->text.ln_epsilon, p->work, w);
}

/* work [B, W] → the features, in `out` or where they are */
static const float *
project_texts (const Texts *p)
{
  guint w = p->config->text.width;
  guint h = p->config->text_style.hidden_width;
  const float *from = p->work;
  float *hidden = p->work + (gsize) p->b * w;
  if (!p->text->text_projection)
    return p->work;
  if (p->text->text_hidden)
    {
      p->ops->linear (p->stream, p->b, from, w, p->text->text_hidden, NULL, FEW_ACTIVATION_GELU,
                      NULL, 0, hidden, h);
      from = hidden;
      w = h;
    }
  p->ops->linear (p->stream, p->b, from, w, p->text->text_projection, p->text->projection_bias,
                  FEW_ACTIVATION_NONE, NULL, 0, p->out, p->config->embed_dim);
  return p->out;
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
  gsize n_work = few_transformer_workspace (&config->text, b * t)
                 + (gsize) b * (w + config->text_style.hidden_width);
  float *x = few_activations_get (activations, n_x + n_work + (gsize) b * d, error);
  if (!x)
    return FALSE;
  const Texts pass = { text, config, ops, stream, b, t, ld, x, x + n_x, x + n_x + n_work };
  gboolean causal = !config->text_style.sees_all && config->text_style.kind == FEW_TEXT_CLIP;
  ops->embed_tokens (stream, b, t, w, ids, text->token_embedding, text->positions, x, ld);
  if (text->ln_embed_weight)
    ops->layer_norm (stream, b * t, w, x, ld, text->ln_embed_weight, text->ln_embed_bias,
                     config->text.ln_epsilon, x, ld);
  few_transformer_forward (&text->transformer, ops, stream, b, t, causal, x, pass.work, "text", tap,
                           tap_user);
  pool_texts (&pass, rows);
  ops->download (stream, features, project_texts (&pass), (gsize) b * d);
  return ops->check (stream, error);
}
