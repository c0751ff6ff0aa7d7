/* SPDX-License-Identifier: MIT */
/* Prompts: the templates that turn a class name into a sentence. */
#pragma once
#include <fewshot/export.h>

G_BEGIN_DECLS

/* Prompt templates by subject, as CLIP's and CoOp's authors use them: NULL-terminated, or NULL
 * behind the last preset. *name: "photo", "pets", "flowers", "aircraft", "food", "texture",
 * "satellite", "action", "ensemble" (ImageNet's seven). */
FEW_API const char *const *few_template_preset (guint index, const char **name);
/* The classes that pictures are held against: their names, and the sentences that stand for them.
 * Borrowed by whoever is given it, for the call alone. */
typedef struct
{
  guint n_classes;
  const char *const *names;   /* [n_classes] */
  /* [n_classes]: a class's own sentence in the place of the template; entries NULL: the template.
   * The whole may be NULL. */
  const char *const *prompts;
  const char *template_text; /* as few_templates_split reads it */
} FewPrompts;

/* "a {}. | the {}." → its templates, NULL-terminated; free with g_strfreev. NULL unless each
 * holds "{}". */
FEW_API char **few_templates_split (const char *text);
/* The sentence of a class: the first "{}" becomes its name ("_" → space). Free with g_free. */
FEW_API char *few_template_fill (const char *template_text, const char *name);

G_END_DECLS
