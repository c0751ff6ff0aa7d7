/* SPDX-License-Identifier: MIT */
/* A vision transformer's state and its pass, for CLIP's own and for those that FewVitStyle says
 * more of. */
#pragma once
#include "clip/conv-stem.h"
#include "clip/map-head.h"
#include "clip/tower.h"

typedef struct
{
  FewMatrix *conv1;
  FewMatrix *convs[2];       /* the second and third of FEW_STEM_CONVS */
  float *conv1_bias, *conv_biases[2];
  FewConvStem *stages;       /* of FEW_STEM_STAGES, in the place of all of them */
  float *class_embedding, *registers, *positions, *ln_pre_weight, *ln_pre_bias, *ln_post_weight,
      *ln_post_bias;
  FewTransformer transformer;
  FewMapHead map;
  float *ones;               /* [patches], for a mean */
  FewMatrix *projection;     /* NULL: none */
  float *projection_bias;
} FewVit;

/* P and T of a picture */
guint few_vit_patches (const FewClipConfig *config);
guint few_vit_tokens (const FewClipConfig *config);
/* Positions [T, W] of all tokens, zeroes for those that have none; free with g_free. NULL and an
 * error where there is no memory or the weights have others. */
float *few_vit_positions (const FewClipConfig *config, const FewWeights *weights, GError **error);
/* Rotary positions as attention takes them, [T, head_width]; free with g_free. NULL: there is no
 * memory. */
float *few_vit_rotation (const FewClipConfig *config, GError **error);
/* As the members of FewTower of these names. */
gboolean few_vit_check (FewClipConfig *config, const char *path, GError **error);
char *few_vit_describe (const FewClipConfig *config);
gpointer few_vit_load (const FewClipConfig *config, FewLoader *loader);
void few_vit_free (gpointer state);
gboolean few_vit_forward (gconstpointer state, const FewPass *pass, guint b, const float *pixels,
                          float *features, GError **error);
gboolean few_vit_tokens_after (gconstpointer state, const FewPass *pass, guint b, guint blocks,
                               const float *pixels, float *tokens, GError **error);
gboolean few_vit_has_parts (const FewClipConfig *config);
gboolean few_vit_parts (gconstpointer state, const FewPass *pass, const float *pixels,
                        float *features, GError **error);
void few_vit_head (gconstpointer state, const FewPass *pass, guint m, const float *x, gsize ld,
                   float *work, float *features);

/* What every tower of these has in its FewTower, wherever its config comes from. */
#define FEW_VIT_PASS                                                                               \
  .check_config = few_vit_check, .describe = few_vit_describe, .load = few_vit_load,               \
  .free = few_vit_free, .forward = few_vit_forward, .graph = few_vit_graph,                        \
  .has_parts = few_vit_has_parts, .parts = few_vit_parts
