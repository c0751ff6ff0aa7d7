/* SPDX-License-Identifier: MIT */
/* What a model folder's config says. open_clip_config.json or Hugging Face's config.json +
 * preprocessor_config.json. A setting that the engine does not implement is refused by name,
 * never guessed. */
#pragma once
#include "backend/backend.h"
#include <fewshot/picture.h>
#include "clip/weights.h"

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

typedef struct
{
  guint embed_dim;
  gboolean is_resnet;
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

/* Whether the folder says what its model is. */
gboolean few_clip_config_exists (const char *folder);
gboolean few_clip_config_load (const char *folder, FewClipConfig *config, GError **error);
/* From the tensors alone, as openai/CLIP does for its own archives. A checkpoint without
 * OpenAI's marks is refused: its shapes do not tell which activation it was trained with. */
gboolean few_clip_config_from_weights (const FewWeights *weights, FewClipConfig *config,
                                       GError **error);
/* Fills head_width and the rest that follows, and checks that the towers can be built; `path`
 * names the source in errors. */
gboolean few_clip_config_finish (FewClipConfig *config, const char *path, GError **error);
extern const FewPreprocess few_clip_preprocess; /* OpenAI's mean and deviation; size 0 */
