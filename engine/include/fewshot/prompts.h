/* SPDX-License-Identifier: MIT */
/* Prompts: the templates that turn a class name into a sentence. */
#pragma once
#include <fewshot/export.h>

G_BEGIN_DECLS

/* Prompt templates by subject, as CLIP's and CoOp's authors use them: NULL-terminated, or NULL
 * behind the last preset. *name: "photo", "pets", "flowers", "aircraft", "food", "texture",
 * "satellite", "action", "ensemble" (ImageNet's seven). */
FEW_API const char *const *few_template_preset (guint index, const char **name);
/* "a {}. | the {}." → its templates, NULL-terminated; free with g_strfreev. NULL unless each
 * holds "{}". */
FEW_API char **few_templates_split (const char *text);

G_END_DECLS
