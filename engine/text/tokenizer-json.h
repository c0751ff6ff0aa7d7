/* SPDX-License-Identifier: MIT */
/* tokenizer.json, as Hugging Face's tokenizers library writes it. A step that is not known is
 * refused by its name. */
#pragma once
#include "text/pipeline.h"
#include <json-glib/json-glib.h>

/* Of at most 128 MB; vocabulary and merges are read as they stand, the rest as a tree. Symbols from
 * `vocab_size` on are left out: a model has no row for them. *rest becomes all but vocabulary and
 * merges; free with json_node_unref. */
FewPipeline *few_tokenizer_json_read (const char *path, guint vocab_size, JsonNode **rest,
                                      GError **error);

/* Parts of the file; `name` is the file's in errors. A part may be NULL. */
gboolean few_tokenizer_json_read_steps (FewPipeline *pipeline, JsonObject *part, const char *name,
                                        GError **error);
gboolean few_tokenizer_json_read_splits (FewPipeline *pipeline, JsonObject *part, const char *name,
                                         GError **error);
gboolean few_tokenizer_json_read_around (FewPipeline *pipeline, JsonObject *part, const char *name,
                                         GError **error);
gboolean few_tokenizer_json_read_added (FewPipeline *pipeline, JsonArray *part, guint vocab_size,
                                        const char *name, GError **error);
