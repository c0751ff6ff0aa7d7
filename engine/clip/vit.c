/* SPDX-License-Identifier: MIT */
/* CLIP's VisionTransformer (openai/CLIP model.py): patches, class token, positions, ln_pre,
 * blocks, ln_post of the class token, proj. */
#include "clip/vision.h"
#include <fewshot/model.h>
#include <string.h>

void
few_vit_load (FewVit *vit, const FewClipConfig *config, FewLoader *loader)
{
  guint w = config->vision.width;
  guint grid = config->image_size / config->patch_size;
  vit->conv1 = few_load_patch_conv (loader, w, config->patch_size, "visual.conv1.weight");
  vit->class_embedding = few_load_vector (loader, w, "visual.class_embedding");
  vit->positions =
      few_load_table (loader, (gsize) grid * grid + 1, w, "visual.positional_embedding");
  vit->ln_pre_weight = few_load_vector (loader, w, "visual.ln_pre.weight");
  vit->ln_pre_bias = few_load_vector (loader, w, "visual.ln_pre.bias");
  few_transformer_load (&vit->transformer, &config->vision, loader, "visual.");
  vit->ln_post_weight = few_load_vector (loader, w, "visual.ln_post.weight");
  vit->ln_post_bias = few_load_vector (loader, w, "visual.ln_post.bias");
  vit->proj = few_load_matrix (loader, config->embed_dim, w, TRUE, "visual.proj");
}

void
few_vit_clear (FewVit *vit)
{
  few_transformer_clear (&vit->transformer);
}

/* Memory of one pass: x [B·T, ld] tokens, work for the blocks, out [B, D]. */
typedef struct
{
  guint t;
  gsize ld;
  float *x, *work, *out;
} Pass;

/* Patches, class token, positions, ln_pre. */
static gboolean
embed (const FewVit *vit, const FewClipConfig *config, FewBackend *backend, FewStream *stream,
       FewActivations *activations, guint b, const float *pixels, Pass *pass, GError **error)
{
  const FewBackendOps *ops = backend->ops;
  guint r = config->image_size;
  guint p = config->patch_size;
  guint grid = r / p;
  guint patches = grid * grid;
  guint t = patches + 1;
  guint w = config->vision.width;
  guint k = 3 * p * p;
  gsize ld = few_row_stride (w);
  gsize n_pixels = (gsize) b * 3 * r * r;
  gsize n_x = (gsize) b * t * ld;
  gsize n_columns = (gsize) b * patches * k;
  gsize n_embedded = (gsize) b * patches * ld;
  gsize n_work =
      MAX (few_transformer_workspace (&config->vision, b * t), n_columns + n_embedded + n_pixels);
  float *x = few_activations_get (activations, n_x + n_work + (gsize) b * config->embed_dim, error);
  if (!x)
    return FALSE;
  *pass = (Pass) { t, ld, x, x + n_x, x + n_x + n_work };
  float *columns = pass->work;
  float *embedded = columns + n_columns;
  float *input = embedded + n_embedded;
  ops->upload (stream, input, pixels, n_pixels);
  ops->patchify (stream, b, r, p, input, columns);
  ops->linear (stream, b * patches, columns, k, vit->conv1, NULL, FEW_ACTIVATION_NONE, NULL, 0,
               embedded, ld);
  ops->assemble_tokens (stream, b, t, w, vit->class_embedding, embedded, ld, vit->positions, x, ld);
  ops->layer_norm (stream, b * t, w, x, ld, vit->ln_pre_weight, vit->ln_pre_bias,
                   config->vision.ln_epsilon, x, ld);
  return TRUE;
}

void
few_vit_head (const FewVit *vit, const FewClipConfig *config, FewBackend *backend,
              FewStream *stream, guint m, const float *x, gsize ld, float *work, float *features)
{
  guint w = config->vision.width;
  backend->ops->layer_norm (stream, m, w, x, ld, vit->ln_post_weight, vit->ln_post_bias,
                            config->vision.ln_epsilon, work, w);
  backend->ops->linear (stream, m, work, w, vit->proj, NULL, FEW_ACTIVATION_NONE, NULL, 0, features,
                        config->embed_dim);
}

gboolean
few_vit_forward (const FewVit *vit, const FewClipConfig *config, FewBackend *backend,
                 FewStream *stream, FewActivations *activations, guint b, const float *pixels,
                 float *features, FewTapFunc tap, gpointer tap_user, GError **error)
{
  Pass pass;
  if (!embed (vit, config, backend, stream, activations, b, pixels, &pass, error))
    return FALSE;
  few_transformer_forward (&vit->transformer, backend->ops, stream, b, pass.t, FALSE, pass.x,
                           pass.work, "visual", tap, tap_user);
  /* only the class token of each picture: rows t apart */
  few_vit_head (vit, config, backend, stream, b, pass.x, pass.ld * pass.t, pass.work, pass.out);
  backend->ops->download (stream, features, pass.out, (gsize) b * config->embed_dim);
  return backend->ops->check (stream, error);
}

gboolean
few_vit_tokens (const FewVit *vit, const FewClipConfig *config, FewBackend *backend,
                FewStream *stream, FewActivations *activations, guint b, guint blocks,
                const float *pixels, float *tokens, GError **error)
{
  Pass pass;
  if (!embed (vit, config, backend, stream, activations, b, pixels, &pass, error))
    return FALSE;
  FewTransformer part = vit->transformer;
  part.config.layers = blocks;
  few_transformer_forward (&part, backend->ops, stream, b, pass.t, FALSE, pass.x, pass.work,
                           "visual", NULL, NULL);
  backend->ops->download (stream, tokens, pass.x, (gsize) b * pass.t * pass.ld);
  return backend->ops->check (stream, error);
}
