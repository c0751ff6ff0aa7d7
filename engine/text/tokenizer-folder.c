/* SPDX-License-Identifier: MIT */
/* Which tokenizer a model's folder asks for: its config says so, in open_clip's way or in
 * transformers', and tokenizer_config.json beside it. */
#include "base/error.h"
#include "base/json.h"
#include "text/tokenizer-class.h"
#include <string.h>

/* What a model type of transformers, or a repository that open_clip's configs name, is split with
 * where no tokenizer_config.json says it. */
static const struct
{
  const char *name, *class_name;
} known[] = {
  { "clip", "CLIPTokenizer" },
  { "siglip", "SiglipTokenizer" },
  { "siglip2", "Siglip2Tokenizer" },
  { "metaclip_2", "XLMRobertaTokenizer" },
  { "chinese_clip", "BertTokenizer" },
  { "bert-base-uncased", "BertTokenizer" },
  { "google-bert/bert-base-uncased", "BertTokenizer" },
  { "microsoft/BiomedNLP-BiomedBERT-base-uncased-abstract", "BertTokenizer" },
  { "microsoft/BiomedNLP-BiomedBERT-base-uncased-abstract-fulltext", "BertTokenizer" },
  { "microsoft/BiomedNLP-PubMedBERT-base-uncased-abstract", "BertTokenizer" },
  { "microsoft/BiomedNLP-PubMedBERT-base-uncased-abstract-fulltext", "BertTokenizer" },
  { "facebook/xlm-v-base", "XLMRobertaTokenizer" },
  { "xlm-roberta-base", "XLMRobertaTokenizer" },
  { "xlm-roberta-large", "XLMRobertaTokenizer" },
  { "FacebookAI/xlm-roberta-base", "XLMRobertaTokenizer" },
  { "FacebookAI/xlm-roberta-large", "XLMRobertaTokenizer" },
  { "facebook/nllb-200-distilled-600M", "NllbTokenizer" },
  { "facebook/nllb-200-distilled-1.3B", "NllbTokenizer" },
  { "google/mt5-base", "T5Tokenizer" },
  { "google/mt5-xl", "T5Tokenizer" },
};

static const char *
find_known (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (known[i].name, name))
      return known[i].class_name;
  return NULL;
}

static JsonNode *
load_optional (const char *folder, const char *name, char **path, GError **error)
{
  *path = g_build_filename (folder, name, NULL);
  return g_file_test (*path, G_FILE_TEST_EXISTS) ? few_json_load (*path, error) : NULL;
}

static JsonObject *
object_of (JsonNode *node)
{
  return node ? json_node_get_object (node) : NULL;
}

/* What tokenizer_config.json says, without “Fast”; else what the name is known for; else that a
 * tokenizer.json has all. Free with g_free; NULL where nothing says it. */
static char *
find_class_name (const char *folder, JsonObject *config, const char *name)
{
  g_autofree char *json = g_build_filename (folder, "tokenizer.json", NULL);
  const char *said = config ? few_json_string (config, "tokenizer_class", NULL, NULL) : NULL;
  if (!said)
    said = find_known (name);
  if (!said && g_file_test (json, G_FILE_TEST_EXISTS))
    said = "TokenizersBackend";
  gsize n = said ? strlen (said) : 0;
  return g_str_has_suffix (said ? said : "", "Fast") ? g_strndup (said, n - 4) : g_strdup (said);
}

/* A class's tokenizer; `name` is a model type or a repository. */
static FewTokenizer *
open_by_name (const char *folder, const char *name, const char *named, guint vocab_size,
              GError **error)
{
  g_autofree char *path = NULL;
  GError *local = NULL;
  g_autoptr (JsonNode) root = load_optional (folder, "tokenizer_config.json", &path, &local);
  if (local)
    {
      g_propagate_error (error, local);
      return NULL;
    }
  g_autofree char *class_name = find_class_name (folder, object_of (root), name);
  if (!class_name)
    {
      few_fail (error, INPUT,
                "%s holds no tokenizer: its config names that of “%s”. Put tokenizer.json and "
                "tokenizer_config.json of that repository beside the weights.",
                folder, name);
      return NULL;
    }
  FewTokenizerAsked asked = { folder, class_name, named, object_of (root), path, vocab_size };
  if (!named && g_str_equal (class_name, "CLIPTokenizer"))
    return few_clip_tokenizer_open (folder, vocab_size, TRUE, error);
  FewTokenizer *tokenizer = few_tokenizer_open_class (&asked, error);
  if (tokenizer && named)
    tokenizer->dropped = few_tokenizer_special (tokenizer, &asked, "sep_token", "[SEP]");
  return tokenizer;
}

/* ---- open_clip */

static gboolean
read_cleaning (JsonObject *settings, FewCleaning *cleaning, gboolean *strip, const char *path,
               GError **error)
{
  static const struct
  {
    const char *name;
    FewCleaning cleaning;
  } names[] = { { "lower", FEW_CLEAN_LOWER },
                { "whitespace", FEW_CLEAN_SPACES },
                { "canonicalize", FEW_CLEAN_CANONICAL } };
  const char *bad = NULL;
  const char *clean = few_json_string (settings, "clean", NULL, &bad);
  gboolean found = clean == NULL;
  *strip = few_json_bool (settings, "strip_sep_token", FALSE, &bad);
  for (guint i = 0; i < G_N_ELEMENTS (names) && clean; i++)
    if (g_str_equal (clean, names[i].name))
      {
        *cleaning = names[i].cleaning;
        found = TRUE;
      }
  JsonObjectIter iter;
  const char *member;
  json_object_iter_init (&iter, settings);
  while (json_object_iter_next (&iter, &member, NULL) && !bad)
    if (!g_str_equal (member, "clean") && !g_str_equal (member, "strip_sep_token")
        && !json_object_get_null_member (settings, member))
      bad = member;
  if (!found || bad)
    few_fail (error, UNSUPPORTED, "%s asks for “%s” of the tokenizer, which Fewshot does not have.",
              path, bad ? bad : clean);
  return found && !bad;
}

static FewTokenizer *
open_for_open_clip (const char *folder, JsonObject *top, const char *path, guint vocab_size,
                    GError **error)
{
  const char *bad = NULL;
  JsonObject *model = few_json_object (top, "model_cfg", &bad);
  JsonObject *text = model ? few_json_object (model, "text_cfg", &bad) : NULL;
  const char *named = text ? few_json_string (text, "hf_tokenizer_name", "", &bad) : "";
  const char *mode = text ? few_json_string (text, "tokenizer_mode", "", &bad) : "";
  JsonObject *settings = text ? few_json_object (text, "tokenizer_kwargs", &bad) : NULL;
  FewCleaning cleaning = *named ? FEW_CLEAN_SPACES : FEW_CLEAN_LOWER;
  gboolean strip = FALSE;
  if (bad || *mode)
    {
      few_fail (error, UNSUPPORTED, "%s asks for “%s”, which Fewshot does not have.", path,
                bad ? bad : "tokenizer_mode");
      return NULL;
    }
  if (settings && !read_cleaning (settings, &cleaning, &strip, path, error))
    return NULL;
  FewTokenizer *tokenizer = *named ? open_by_name (folder, named, named, vocab_size, error)
                                   : few_clip_tokenizer_open (folder, vocab_size, FALSE, error);
  if (!tokenizer)
    return NULL;
  gboolean usual = !*named && cleaning == FEW_CLEAN_LOWER;
  tokenizer->cleaning = cleaning;
  if (!strip)
    tokenizer->dropped = -1;
  if (!usual)
    few_tokenizer_finish (tokenizer);
  return tokenizer;
}

/* ---- transformers */

static FewTokenizer *
open_for_transformers (const char *folder, JsonObject *top, guint vocab_size, GError **error)
{
  const char *type = few_json_string (top, "model_type", "", NULL);
  FewTokenizer *tokenizer = open_by_name (folder, type, NULL, vocab_size, error);
  if (tokenizer && tokenizer->kind != &few_clip_tokenizer)
    few_tokenizer_finish (tokenizer);
  return tokenizer;
}

FewTokenizer *
few_tokenizer_open (const char *folder, guint vocab_size, GError **error)
{
  g_autofree char *path = NULL;
  g_autofree char *other = NULL;
  GError *local = NULL;
  g_autoptr (JsonNode) open_clip = load_optional (folder, "open_clip_config.json", &path, &local);
  g_autoptr (JsonNode) hugging_face =
      open_clip || local ? NULL : load_optional (folder, "config.json", &other, &local);
  if (local)
    {
      g_propagate_error (error, local);
      return NULL;
    }
  if (open_clip)
    return open_for_open_clip (folder, object_of (open_clip), path, vocab_size, error);
  if (hugging_face)
    return open_for_transformers (folder, object_of (hugging_face), vocab_size, error);
  return few_clip_tokenizer_open (folder, vocab_size, FALSE, error);
}
