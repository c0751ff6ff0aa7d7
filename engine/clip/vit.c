/* CLIP's VisionTransformer (openai/CLIP model.py): patches, class token, positions, ln_pre, blocks, ln_post of the class token, proj. */
#include "vision.h"

void
few_vit_load (FewVit *vit, const FewClipConfig *config, FewLoader *loader)
{
  guint w = config->vision.width, grid = config->image_size / config->patch_size;
  vit->conv1 = few_load_patch_conv (loader, w, config->patch_size, "visual.conv1.weight");
  vit->class_embedding = few_load_vector (loader, w, "visual.class_embedding");
  vit->positions = few_load_table (loader, (gsize) grid * grid + 1, w, "visual.positional_embedding");
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

gboolean
few_vit_forward (const FewVit *vit, const FewClipConfig *config, FewBackend *backend, FewStream *stream, FewActivations *activations, guint b,
                 const float *pixels, float *features, FewTapFunc tap, gpointer tap_user, GError **error)
{
  const FewBackendOps *ops = backend->ops;
  guint r = config->image_size, p = config->patch_size, grid = r / p, patches = grid * grid, t = patches + 1;
  guint w = config->vision.width, d = config->embed_dim, k = 3 * p * p;
  gsize ld = few_row_stride (w), n_pixels = (gsize) b * 3 * r * r;
  gsize n_x = (gsize) b * t * ld, n_columns = (gsize) b * patches * k, n_embedded = (gsize) b * patches * ld;
  gsize n_work = MAX (few_transformer_workspace (&config->vision, b * t), n_columns + n_embedded + n_pixels);
  float *x = few_activations_get (activations, n_x + n_work + (gsize) b * d, error);
  if (!x)
    return FALSE;
  float *work = x + n_x, *columns = work, *embedded = columns + n_columns, *input = embedded + n_embedded, *out = work + n_work;

  ops->upload (stream, input, pixels, n_pixels);
  ops->patchify (stream, b, r, p, input, columns);
  ops->linear (stream, b * patches, columns, k, vit->conv1, NULL, FEW_ACTIVATION_NONE, NULL, 0, embedded, ld);
  ops->assemble_tokens (stream, b, t, w, vit->class_embedding, embedded, ld, vit->positions, x, ld);
  ops->layer_norm (stream, b * t, w, x, ld, vit->ln_pre_weight, vit->ln_pre_bias, config->vision.ln_epsilon, x, ld);
  few_transformer_forward (&vit->transformer, ops, stream, b, t, FALSE, x, work, "visual", tap, tap_user);
  /* only the class token of each picture: rows t apart */
  ops->layer_norm (stream, b, w, x, ld * t, vit->ln_post_weight, vit->ln_post_bias, config->vision.ln_epsilon, work, ld);
  ops->linear (stream, b, work, ld, vit->proj, NULL, FEW_ACTIVATION_NONE, NULL, 0, out, d);
  ops->download (stream, features, out, (gsize) b * d);
  return TRUE;
}
