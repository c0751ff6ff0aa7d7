/* SPDX-License-Identifier: MIT */
/* A config from each of its sources, for config-file.c. A setting that the engine does not
 * implement is refused by name, never guessed. */
#pragma once
#include "clip/clip-config.h"
#include "clip/weights.h"
#include <json-glib/json-glib.h>

/* open_clip_config.json */
gboolean few_config_read_open_clip (const char *path, FewClipConfig *config, GError **error);
/* Hugging Face's config.json, and preprocessor_config.json beside it in `folder` */
gboolean few_config_read_hugging_face (const char *folder, const char *path, FewClipConfig *config,
                                       GError **error);
/* timm's own config.json, which Hugging Face's reader hands over: dino-timm.c */
gboolean few_config_is_timm (JsonObject *top);
gboolean few_config_read_timm (JsonObject *top, const char *path, FewClipConfig *config,
                               GError **error);
/* DINOv2's own files of weights, which no config lies beside: dino-facebook.c */
gboolean few_dino_from_weights (const FewWeights *weights, const char *path, FewClipConfig *c,
                                GError **error);
/* DINO's config.json, which Hugging Face's reader hands over: dino.c */
gboolean few_config_is_dino (const char *type);
gboolean few_config_read_dino (JsonObject *top, const char *folder, const char *path,
                               FewClipConfig *config, GError **error);
