/* SPDX-License-Identifier: MIT */
/* Which files of a repository make a CLIP model that this program reads. */
#include "hub/repository.h"
#include "base/error.h"
#include "base/json.h"
#include "base/words.h"
#include "hub/catalogue.h"
#include <fewshot/hub.h>
#include <string.h>

enum { MAX_FILES = 1000 };

static gboolean
has_file (JsonArray *siblings, const char *name)
{
  for (guint i = 0; i < json_array_get_length (siblings); i++)
    {
      JsonNode *node = json_array_get_element (siblings, i);
      const char *bad = NULL;
      if (JSON_NODE_HOLDS_OBJECT (node)
          && g_strcmp0 (few_json_string (json_node_get_object (node), "rfilename", NULL, &bad),
                        name)
                 == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
add_if_there (FewCatalogueEntry *entry, JsonArray *siblings, const char *name)
{
  if (!has_file (siblings, name))
    return FALSE;
  few_catalogue_entry_add_file (entry, name, 0, NULL);
  return TRUE;
}

/* Shards: every sibling of that form, and their index. */
static gboolean
add_shards (FewCatalogueEntry *entry, JsonArray *siblings)
{
  gboolean any = FALSE;
  for (guint i = 0; i < json_array_get_length (siblings) && entry->n_files < MAX_FILES; i++)
    {
      JsonNode *node = json_array_get_element (siblings, i);
      const char *bad = NULL;
      const char *name =
          JSON_NODE_HOLDS_OBJECT (node)
              ? few_json_string (json_node_get_object (node), "rfilename", NULL, &bad)
              : NULL;
      if (name && few_hub_name_is_safe (name) && !strchr (name, '/')
          && g_str_has_prefix (name, "model-") && g_str_has_suffix (name, ".safetensors"))
        {
          few_catalogue_entry_add_file (entry, name, 0, NULL);
          any = TRUE;
        }
    }
  return any && add_if_there (entry, siblings, "model.safetensors.index.json");
}

/* The files of the tokenizer, in the order in which they are looked at when the model is opened. */
static gboolean
add_words (FewCatalogueEntry *entry, JsonArray *siblings)
{
  static const char *const wholes[] = { "tokenizer.json", "vocab.txt" };
  static const char *const pieces[] = { "spiece.model", "sentencepiece.bpe.model" };
  gboolean any = FALSE;
  add_if_there (entry, siblings, "tokenizer_config.json");
  if (has_file (siblings, "vocab.json") && has_file (siblings, "merges.txt"))
    return add_if_there (entry, siblings, "vocab.json")
           && add_if_there (entry, siblings, "merges.txt");
  for (guint i = 0; i < G_N_ELEMENTS (wholes) && !any; i++)
    any = add_if_there (entry, siblings, wholes[i]);
  /* transformers' SigLIP is split by this, whatever else there is */
  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++)
    any = add_if_there (entry, siblings, pieces[i]) || any;
  return any;
}

/* DINO's, of pictures alone: the hub says the model_type of its config. */
static gboolean
needs_no_words (JsonNode *root)
{
  JsonObject *config = few_json_object (json_node_get_object (root), "config", NULL);
  const char *type = config ? few_json_string (config, "model_type", "", NULL) : "";
  return g_str_has_prefix (type, "dinov2") || g_str_equal (type, "dinov3_vit");
}

/* What a model needs first and the list does not have. */
static const char *
name_missing (gboolean siblings, gboolean config, gboolean words)
{
  if (!siblings)
    return _ ("list of files");
  if (!config)
    return "config";
  return words ? _ ("safetensors weights") : "tokenizer";
}

FewCatalogueEntry *
few_repository_choose (const FewCatalogueEntry *asked, const char *text, gsize length,
                       GError **error)
{
  g_autoptr (FewCatalogueEntry) entry =
      few_catalogue_entry_new (asked->name, asked->repository, asked->revision);
  g_autoptr (GError) local = NULL;
  JsonNode *root = few_json_parse (text, length, asked->repository, &local);
  const char *bad = NULL;
  JsonArray *siblings =
      root ? few_json_array (json_node_get_object (root), "siblings", &bad) : NULL;
  g_free (entry->title);
  entry->title = g_strdup (asked->title);
  gboolean config = FALSE;
  gboolean words = FALSE;
  gboolean weights = FALSE;
  gboolean pickle = FALSE;
  if (siblings && json_array_get_length (siblings) < 100000)
    {
      gboolean open_clip = has_file (siblings, "open_clip_config.json");
      config = add_if_there (entry, siblings, open_clip ? "open_clip_config.json" : "config.json");
      if (!open_clip)
        {
          add_if_there (entry, siblings, "preprocessor_config.json");
          add_if_there (entry, siblings, "processor_config.json");
        }
      words = add_words (entry, siblings) || needs_no_words (root);
      weights = add_if_there (entry, siblings,
                              open_clip && has_file (siblings, "open_clip_model.safetensors")
                                  ? "open_clip_model.safetensors"
                                  : "model.safetensors")
                || add_shards (entry, siblings);
      pickle = has_file (siblings, "pytorch_model.bin")
               || has_file (siblings, "open_clip_pytorch_model.bin");
    }
  if (root)
    json_node_unref (root);
  if (config && words && weights)
    return g_steal_pointer (&entry);
  if (local)
    g_propagate_error (error, g_steal_pointer (&local));
  else if (!weights && pickle)
    few_fail (error, UNSUPPORTED,
              "%s holds its weights as a Python pickle only, which can run code. Choose a "
              "repository with safetensors: "
              "timm/vit_base_patch32_clip_224.openai has OpenAI's ViT-B/32, and the timm "
              "organisation the others.",
              asked->repository);
  else
    few_fail (error, UNSUPPORTED, "%s is no CLIP model that this program reads: it has no %s.",
              asked->repository, name_missing (siblings != NULL, config, words));
  return NULL;
}
