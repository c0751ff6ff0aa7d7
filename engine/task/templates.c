/* SPDX-License-Identifier: MIT */
/* Prompt templates. */
#include <fewshot/prompts.h>
#include <string.h>

static const char *const photo[] = { "a photo of a {}.", NULL };
static const char *const pets[] = { "a photo of a {}, a type of pet.", NULL };
static const char *const flowers[] = { "a photo of a {}, a type of flower.", NULL };
static const char *const aircraft[] = { "a photo of a {}, a type of aircraft.", NULL };
static const char *const food[] = { "a photo of {}, a type of food.", NULL };
static const char *const texture[] = { "{} texture.", NULL };
static const char *const satellite[] = { "a centered satellite photo of {}.", NULL };
static const char *const action[] = { "a photo of a person doing {}.", NULL };
static const char *const ensemble[] = { "itap of a {}.",
                                        "a bad photo of the {}.",
                                        "a origami {}.",
                                        "a photo of the large {}.",
                                        "a {} in a video game.",
                                        "art of the {}.",
                                        "a photo of the small {}.",
                                        NULL };

static const struct
{
  const char *name;
  const char *const *templates;
} presets[] = { { "photo", photo },         { "pets", pets },     { "flowers", flowers },
                { "aircraft", aircraft },   { "food", food },     { "texture", texture },
                { "satellite", satellite }, { "action", action }, { "ensemble", ensemble } };

const char *const *
few_template_preset (guint index, const char **name)
{
  g_return_val_if_fail (name != NULL, NULL);
  if (index >= G_N_ELEMENTS (presets))
    return NULL;
  *name = presets[index].name;
  return presets[index].templates;
}

char **
few_templates_split (const char *text)
{
  g_return_val_if_fail (text != NULL, NULL);
  g_auto (GStrv) parts = g_strsplit (text, "|", -1);
  for (char **part = parts; *part; part++)
    if (!strstr (g_strstrip (*part), "{}"))
      return NULL;
  return parts[0] ? g_steal_pointer (&parts) : NULL;
}

char *
few_template_fill (const char *template_text, const char *name)
{
  g_return_val_if_fail (template_text != NULL && name != NULL, NULL);
  g_autofree char *spoken = g_strdelimit (g_strdup (name), "_", ' ');
  const char *hole = strstr (template_text, "{}");
  if (!hole)
    return g_strdup (template_text);
  return g_strdup_printf ("%.*s%s%s", (int) (hole - template_text), template_text, spoken,
                          hole + 2);
}
