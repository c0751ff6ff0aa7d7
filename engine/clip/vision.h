/* SPDX-License-Identifier: MIT */
/* The image tower: ViT or ModifiedResNet. */
#pragma once
#include "clip/transformer.h"
#include <fewshot/model.h>

typedef struct
{
  FewMatrix *conv1;
  float *class_embedding, *positions, *ln_pre_weight, *ln_pre_bias, *ln_post_weight, *ln_post_bias;
  FewTransformer transformer;
  FewMatrix *proj;
} FewVit;

typedef struct FewResnet FewResnet;

void few_vit_load (FewVit *vit, const FewClipConfig *config, FewLoader *loader);
void few_vit_clear (FewVit *vit);
/* pixels [B, 3, R, R] host → features [B, D] host */
gboolean few_vit_forward (const FewVit *vit, const FewClipConfig *config, FewBackend *backend,
                          FewStream *stream, FewActivations *activations, guint b,
                          const float *pixels, float *features, FewTapFunc tap, gpointer tap_user,
                          GError **error);

/* pixels as few_vit_forward → tokens [B, T, few_row_stride (W)] host after the first `blocks`
 * blocks, T = patches + 1; the values behind W mean nothing */
gboolean few_vit_tokens (const FewVit *vit, const FewClipConfig *config, FewBackend *backend,
                         FewStream *stream, FewActivations *activations, guint b, guint blocks,
                         const float *pixels, float *tokens, GError **error);
/* ln_post and proj: class tokens x [M, W], ld floats apart → features [M, D] device; work [M, W] */
void few_vit_head (const FewVit *vit, const FewClipConfig *config, FewBackend *backend,
                   FewStream *stream, guint m, const float *x, gsize ld, float *work,
                   float *features);

FewResnet *few_resnet_load (const FewClipConfig *config, FewLoader *loader);
void few_resnet_free (FewResnet *resnet);
gboolean few_resnet_forward (const FewResnet *resnet, const FewClipConfig *config,
                             FewBackend *backend, FewStream *stream, FewActivations *activations,
                             guint b, const float *pixels, float *features, FewTapFunc tap,
                             gpointer tap_user, GError **error);
