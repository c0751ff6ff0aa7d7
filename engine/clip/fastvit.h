/* SPDX-License-Identifier: MIT */
/* What a FastViT has on its device, between its loader and its pass. */
#pragma once
#include "clip/fold.h"
#include "clip/tower.h"

enum { FEW_FASTVIT_HEAD = 32 }; /* width of a head of attention */

/* x · σ (fc2 (relu (fc1 (mean x)))); fc1 NULL: x as it is */
typedef struct
{
  guint width;
  FewMatrix *fc1, *fc2;
  float *fc1_bias, *fc2_bias;
} FewSqueeze;

/* A convolution of channels that do not mix, all its branches in one. */
typedef struct
{
  float *weights, *bias;
} FewChannels;

typedef struct
{
  /* one of both: a mixer of neighbours, the residual in it; or attention */
  FewChannels mixer;
  float *norm_weight, *norm_bias; /* NULL: folded into qkv */
  float *qkv_bias, *proj_bias;    /* qkv_bias NULL where there is a norm */
  FewMatrix *qkv, *proj;
  FewChannels spread; /* 7 × 7 before the hidden layer */
  float *fc1_bias, *fc2_bias;
  FewMatrix *fc1, *fc2;
} FewFastBlock;

typedef struct
{
  FewChannels halving; /* not of the first stage, nor what belongs to it */
  FewSqueeze squeeze;
  FewMatrix *mix;
  float *mix_bias;
  FewChannels positions; /* weights NULL: none */
  FewFastBlock *blocks;
} FewFastStage;

typedef struct
{
  guint stages, hidden_ratio;
  FewMatrix *stem, *stem_mix, *head;
  float *stem_bias, *stem_mix_bias, *head_bias;
  FewChannels stem_halving, last;
  FewSqueeze last_squeeze;
  FewFastStage stage[FEW_MOST_STAGES];
} FewFastVit;

/* Branches summed, for who loads them and who writes the graph; `fold` is initialised here. The
 * mixer of a block: x + γ (branches − the norm). */
void few_fastvit_fold_mixer (FewFold *fold, FewLoader *loader, guint w, const char *prefix);
/* What halves the grid before stage s: 7 × 7 and, where there is one, 3 × 3, with a stride. */
void few_fastvit_fold_halving (FewFold *fold, FewLoader *loader, guint w, guint s);
guint few_fastvit_stages (const FewClipConfig *config);
gpointer few_fastvit_load (const FewClipConfig *config, FewLoader *loader);
void few_fastvit_free (gpointer state);
gboolean few_fastvit_forward (gconstpointer state, const FewPass *pass, guint b,
                              const float *pixels, float *features, GError **error);
