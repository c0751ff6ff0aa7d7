/* SPDX-License-Identifier: MIT */
/* The numbers that a CLIP model is built from, their limits and the checks that every source of
 * them shares. */
#pragma once
#include "backend/backend.h"
#include <fewshot/picture.h>

enum {
  FEW_RESNET_STAGES = 4,
  FEW_MAX_IMAGE_SIZE = 1024,
  FEW_MAX_WIDTH = 8192,
  FEW_MAX_LAYERS = 128,
  FEW_MAX_TOKENS = 8192,
  FEW_MAX_CONTEXT = 1024, /* tokens of a text */
  FEW_MAX_HEAD_WIDTH = 1024,
  FEW_MAX_HEADS = 256,
  FEW_MAX_VOCABULARY = 1 << 20
};

typedef struct
{
  guint width, layers, heads, head_width, mlp_width;
  FewActivation activation;
  float ln_epsilon;
} FewTransformerConfig;

typedef struct FewTower FewTower;

typedef struct
{
  guint embed_dim;
  const FewTower *tower; /* whose numbers follow; the others' are 0 */
  guint image_size;
  /* ViT */
  guint patch_size;
  FewTransformerConfig vision;
  /* ModifiedResNet */
  guint resnet_layers[FEW_RESNET_STAGES], resnet_width, resnet_heads;
  /* text */
  guint context_length, vocab_size;
  FewTransformerConfig text;
  FewPreprocess preprocess;
} FewClipConfig;

extern const FewPreprocess few_clip_preprocess; /* OpenAI's mean and deviation; size 0 */

/* Errors name `path` as the source and `what` as the number. */
gboolean few_clip_in_range (gint64 value, gint64 least, gint64 most, const char *what,
                            const char *path, GError **error);
/* Fills head_width; `which` is "text" or "vision". */
gboolean few_clip_check_transformer (FewTransformerConfig *transformer, const char *which,
                                     const char *path, GError **error);
