/* SPDX-License-Identifier: MIT */
/* What a model's config says, from the folder's files or from the weights themselves. */
#pragma once
#include "clip/clip-config.h"
#include "clip/weights.h"

/* Whether the folder says what its model is. */
gboolean few_clip_config_exists (const char *folder);
gboolean few_clip_config_load (const char *folder, FewClipConfig *config, GError **error);
/* What the config left to the shapes of the weights; to be called when they are open. */
gboolean few_clip_config_measure (FewClipConfig *config, const FewWeights *weights, GError **error);
/* From the tensors alone, as openai/CLIP does for its own archives. A checkpoint without
 * OpenAI's marks is refused: its shapes do not tell which activation it was trained with. */
gboolean few_clip_config_from_weights (const FewWeights *weights, FewClipConfig *config,
                                       GError **error);
