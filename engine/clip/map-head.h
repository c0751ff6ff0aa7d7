/* SPDX-License-Identifier: MIT */
/* Pooling by a learned query: SigLIP's and PE's head.
 * y = out_proj (attention (latent, tokens)); feature = y + c_proj (act (c_fc (norm y))). */
#pragma once
#include "clip/clip-config.h"
#include "clip/loader.h"

typedef struct
{
  guint width, heads, mlp_width;
  FewActivation activation;
  float epsilon;
  /* The query is always the same, so that what it asks of the keys is: Wₖᵀ q of each head, [heads,
   * W]. The bias of the keys adds the same to all scores, and is left out. */
  float *queries;
  FewMatrix **values; /* [heads] of [head_width, W] */
  float *values_bias, *out_bias, *norm_weight, *norm_bias, *c_fc_bias, *c_proj_bias;
  FewMatrix *out_proj, *c_fc, *c_proj;
} FewMapHead;

void few_map_head_load (FewMapHead *head, const FewTransformerConfig *tower, guint heads,
                        guint mlp_width, FewLoader *loader);
void few_map_head_clear (FewMapHead *head);
/* floats of workspace for B pictures */
gsize few_map_head_workspace (const FewMapHead *head, guint b);
/* x [B, T, W] dense → y [B, W] */
void few_map_head_forward (const FewMapHead *head, const FewBackendOps *ops, FewStream *stream,
                           guint b, guint t, const float *x, float *work, float *y);
