/* SPDX-License-Identifier: MIT */
/* The pre-LN residual blocks that both towers share:
 * x += out_proj (attention (ln_1 x)); x += c_proj (act (c_fc (ln_2 x))); with what else
 * FewTransformerConfig names. */
#pragma once
#include "clip/clip-config.h"
#include "clip/loader.h"
#include <fewshot/model.h>

typedef struct
{
  float *ln_1_weight, *ln_1_bias, *ln_2_weight, *ln_2_bias, *in_proj_bias, *out_proj_bias,
      *c_fc_bias, *c_proj_bias;
  FewMatrix *in_proj, *out_proj, *c_fc, *c_proj;
  /* NULL where the config does not ask for them */
  float *attention_norm_weight, *attention_norm_bias, *mlp_norm_weight, *mlp_norm_bias,
      *hidden_norm_weight, *hidden_norm_bias, *gate_bias;
  FewMatrix *gate;
} FewBlock;

typedef struct
{
  FewTransformerConfig config;
  FewBlock *blocks; /* [layers] */
  float *rotation;  /* [T, head_width] of attention; NULL: no rotary positions */
  float *ones;      /* [1]; NULL where norms stand first */
  /* Behind the last block the first token of each sequence is all that is asked for: what that
   * block would do to the others once they have been looked at is left out. */
  gboolean first_alone;
} FewTransformer;

/* Memory of one lane; grows to the largest shape seen. */
typedef struct
{
  FewBackend *backend;
  float *memory;
  gsize n;
} FewActivations;

/* n floats, kept until the next call; NULL and an error when memory is short. */
float *few_activations_get (FewActivations *activations, gsize n, GError **error);
void few_activations_clear (FewActivations *activations);

/* `rotation` stays NULL: it is the tower's, which knows where its tokens lie. */
void few_transformer_load (FewTransformer *transformer, const FewTransformerConfig *config,
                           FewLoader *loader, const char *prefix);
void few_transformer_clear (FewTransformer *transformer);
/* floats of workspace for m = B·T rows */
gsize few_transformer_workspace (const FewTransformerConfig *config, guint m);
/* x [B·T, W] with row stride few_row_stride (W), in place; work from few_transformer_workspace */
void few_transformer_forward (const FewTransformer *transformer, const FewBackendOps *ops,
                              FewStream *stream, guint b, guint t, gboolean causal, float *x,
                              float *work, const char *tower, FewTapFunc tap, gpointer tap_user);
