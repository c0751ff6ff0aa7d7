/* SPDX-License-Identifier: MIT */
/* How pictures are made ready, in the configs of both kinds. */
#pragma once
#include "clip/clip-config.h"
#include <json-glib/json-glib.h>

/* Three numbers, or one for all three, into `out`, which stays as it was where there are none;
 * anything else sets *bad. */
void few_config_read_colours (JsonObject *object, const char *member, double out[3],
                              const char **bad);
/* open_clip's preprocess_cfg */
gboolean few_config_read_preprocess (JsonObject *preprocess, FewPreprocess *out, const char *path,
                                     const char **bad, GError **error);
/* The settings of Hugging Face's image processor in `folder`: processor_config.json, or else
 * preprocessor_config.json. Without either, `kind` ("CLIPImageProcessor") with its defaults.
 * image_size is what the model takes, and what must come of them; 0: whatever comes of them, as
 * out->size, and there must be a file. */
gboolean few_config_read_image_processor (const char *folder, const char *kind, guint image_size,
                                          FewPreprocess *out, GError **error);
