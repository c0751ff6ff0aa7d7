/* SPDX-License-Identifier: MIT */
/* The small parts of a tokenizer.json: its normalizer, pre-tokenizer, post-processor and added
 * tokens. */
#include "base/error.h"
#include "base/json.h"
#include "base/words.h"
#include "text/tokenizer-json.h"
#include <string.h>

enum { MAX_PARTS = 64, MAX_ADDED = 8192, MAX_PATTERN = 256 };

typedef gboolean (*ReadFunc) (FewPipeline *pipeline, JsonObject *part, const char *name,
                              GError **error);

static gboolean
refuse (const char *name, const char *what, GError **error)
{
  few_fail (error, UNSUPPORTED, "%s asks for “%s”, which Fewshot does not have.", name, what);
  return FALSE;
}

/* A character or a few: what it takes the place of may come as often as a text has characters. */
static gboolean
is_short (const char *text)
{
  enum { MOST = 256 };
  return strlen (text) <= MOST;
}

static gboolean
refuse_value (const char *name, const char *what, GError **error)
{
  few_fail (error, FORMAT, "%s: “%s” has a value of the wrong kind.", name, what);
  return FALSE;
}

/* The parts of a Sequence, one after the other. */
static gboolean
read_list (FewPipeline *pipeline, JsonObject *part, const char *member, const char *name,
           ReadFunc read, GError **error)
{
  JsonArray *list = few_json_array (part, member, NULL);
  if (!list || json_array_get_length (list) > MAX_PARTS)
    return refuse_value (name, member, error);
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonNode *node = json_array_get_element (list, i);
      if (!JSON_NODE_HOLDS_OBJECT (node))
        return refuse_value (name, member, error);
      if (!read (pipeline, json_node_get_object (node), name, error))
        return FALSE;
    }
  return TRUE;
}

/* ---- normalizer */

static gboolean
read_charsmap (FewPipeline *pipeline, JsonObject *part, const char *name, GError **error)
{
  const char *packed = few_json_string (part, "precompiled_charsmap", "", NULL);
  gsize length = 0;
  g_autofree guchar *bytes = g_base64_decode (packed, &length);
  FewCharsmap *map = few_charsmap_new (bytes, length);
  if (!map)
    return refuse_value (name, "precompiled_charsmap", error);
  few_pipeline_add_step (pipeline, FEW_STEP_CHARSMAP)->charsmap = map;
  return TRUE;
}

/* {"String": "…"} or {"Regex": "…"} */
static gboolean
read_pattern (FewStep *step, JsonObject *part, const char *name, GError **error)
{
  const char *bad = NULL;
  JsonObject *pattern = few_json_object (part, "pattern", &bad);
  const char *with = few_json_string (part, "content", NULL, &bad);
  const char *text = pattern ? few_json_string (pattern, "String", NULL, &bad) : NULL;
  const char *regex = pattern ? few_json_string (pattern, "Regex", NULL, &bad) : NULL;
  if (bad || !with || (!text && !regex))
    return refuse_value (name, bad ? bad : "pattern", error);
  if (!is_short (with))
    return refuse_value (name, "content", error);
  step->with = g_strdup (with);
  step->text = g_strdup (text);
  if (regex && strlen (regex) <= MAX_PATTERN)
    step->pattern = g_regex_new (regex, G_REGEX_MULTILINE, 0, NULL);
  return !regex || step->pattern ? TRUE : refuse (name, regex, error);
}

static void
read_bert (FewPipeline *pipeline, JsonObject *part, const char **bad)
{
  gboolean lower = few_json_bool (part, "lowercase", TRUE, bad);
  gboolean strip = few_json_bool (part, "strip_accents", lower, bad);
  if (few_json_bool (part, "clean_text", TRUE, bad))
    few_pipeline_add_step (pipeline, FEW_STEP_BERT_CLEAN);
  if (few_json_bool (part, "handle_chinese_chars", TRUE, bad))
    few_pipeline_add_step (pipeline, FEW_STEP_BERT_CJK);
  if (strip)
    {
      few_pipeline_add_step (pipeline, FEW_STEP_COMPOSE)->form = G_NORMALIZE_NFD;
      few_pipeline_add_step (pipeline, FEW_STEP_BERT_MARKS);
    }
  if (lower)
    few_pipeline_add_step (pipeline, FEW_STEP_LOWER);
}

static gboolean
read_form (FewPipeline *pipeline, const char *type)
{
  static const struct
  {
    const char *name;
    GNormalizeMode form;
  } forms[] = { { "NFC", G_NORMALIZE_NFC },
                { "NFD", G_NORMALIZE_NFD },
                { "NFKC", G_NORMALIZE_NFKC },
                { "NFKD", G_NORMALIZE_NFKD } };
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    if (g_str_equal (type, forms[i].name))
      {
        few_pipeline_add_step (pipeline, FEW_STEP_COMPOSE)->form = forms[i].form;
        return TRUE;
      }
  return FALSE;
}

static gboolean
read_step (FewPipeline *pipeline, JsonObject *part, const char *name, GError **error)
{
  const char *bad = NULL;
  const char *type = few_json_string (part, "type", "", &bad);
  if (g_str_equal (type, "Sequence"))
    return read_list (pipeline, part, "normalizers", name, few_tokenizer_json_read_steps, error);
  if (g_str_equal (type, "Precompiled"))
    return read_charsmap (pipeline, part, name, error);
  if (g_str_equal (type, "Replace"))
    return read_pattern (few_pipeline_add_step (pipeline, FEW_STEP_REPLACE), part, name, error);
  if (g_str_equal (type, "BertNormalizer"))
    read_bert (pipeline, part, &bad);
  else if (g_str_equal (type, "Lowercase"))
    few_pipeline_add_step (pipeline, FEW_STEP_LOWER);
  else if (g_str_equal (type, "StripAccents"))
    few_pipeline_add_step (pipeline, FEW_STEP_STRIP_MARKS);
  else if (g_str_equal (type, "Prepend"))
    {
      const char *with = few_json_string (part, "prepend", "", &bad);
      few_pipeline_add_step (pipeline, FEW_STEP_PREPEND)->with = g_strdup (with);
      bad = is_short (with) ? bad : "prepend";
    }
  else if (g_str_equal (type, "Strip"))
    {
      FewStep *step = few_pipeline_add_step (pipeline, FEW_STEP_STRIP);
      step->left = few_json_bool (part, "strip_left", TRUE, &bad);
      step->right = few_json_bool (part, "strip_right", TRUE, &bad);
    }
  else if (!read_form (pipeline, type))
    return refuse (name, *type ? type : _ ("an unnamed normalizer"), error);
  return bad ? refuse_value (name, bad, error) : TRUE;
}

gboolean
few_tokenizer_json_read_steps (FewPipeline *pipeline, JsonObject *part, const char *name,
                               GError **error)
{
  if (pipeline->steps->len > MAX_PARTS)
    return refuse (name, _ ("more than 64 normalizers"), error);
  return part ? read_step (pipeline, part, name, error) : TRUE;
}

/* ---- pre-tokenizer */

static gboolean
read_metaspace (FewPipeline *pipeline, JsonObject *part, const char *name, GError **error)
{
  const char *bad = NULL;
  const char *mark = few_json_string (part, "replacement", "▁", &bad);
  gboolean prefix = few_json_bool (part, "add_prefix_space", TRUE, &bad);
  const char *scheme = few_json_string (part, "prepend_scheme", prefix ? "always" : "never", &bad);
  FewSplit *split = few_pipeline_add_split (pipeline, FEW_SPLIT_METASPACE, mark);
  split->split = few_json_bool (part, "split", TRUE, &bad);
  if (bad || *mark == 0 || !is_short (mark))
    return refuse_value (name, bad ? bad : "replacement", error);
  if (g_str_equal (scheme, "always"))
    split->prefix = FEW_PREFIX_ALWAYS;
  else if (g_str_equal (scheme, "first"))
    split->prefix = FEW_PREFIX_FIRST;
  else if (g_str_equal (scheme, "never"))
    split->prefix = FEW_PREFIX_NEVER;
  else
    return refuse (name, scheme, error);
  return TRUE;
}

static gboolean
read_split_text (FewPipeline *pipeline, JsonObject *part, const char *name, GError **error)
{
  const char *bad = NULL;
  JsonObject *pattern = few_json_object (part, "pattern", &bad);
  const char *text = pattern ? few_json_string (pattern, "String", NULL, &bad) : NULL;
  const char *behaviour = few_json_string (part, "behavior", "", &bad);
  if (bad || !text || few_json_bool (part, "invert", FALSE, &bad)
      || !g_str_equal (behaviour, "MergedWithPrevious"))
    return refuse (name, "Split", error);
  few_pipeline_add_split (pipeline, FEW_SPLIT_TEXT, text);
  return TRUE;
}

gboolean
few_tokenizer_json_read_splits (FewPipeline *pipeline, JsonObject *part, const char *name,
                                GError **error)
{
  const char *type = part ? few_json_string (part, "type", "", NULL) : NULL;
  if (!part)
    return TRUE;
  if (pipeline->splits->len > MAX_PARTS)
    return refuse (name, _ ("more than 64 pre-tokenizers"), error);
  if (g_str_equal (type, "Sequence"))
    return read_list (pipeline, part, "pretokenizers", name, few_tokenizer_json_read_splits, error);
  if (g_str_equal (type, "Metaspace"))
    return read_metaspace (pipeline, part, name, error);
  if (g_str_equal (type, "Split"))
    return read_split_text (pipeline, part, name, error);
  if (g_str_equal (type, "WhitespaceSplit"))
    few_pipeline_add_split (pipeline, FEW_SPLIT_SPACE, NULL);
  else if (g_str_equal (type, "BertPreTokenizer"))
    few_pipeline_add_split (pipeline, FEW_SPLIT_BERT, NULL);
  else
    return refuse (name, *type ? type : _ ("an unnamed pre-tokenizer"), error);
  return TRUE;
}

/* ---- post-processor */

static gboolean
append_known (const FewPipeline *pipeline, FewIds *ids, const char *symbol)
{
  gint32 id = few_symbols_find (pipeline->pieces->symbols, symbol, strlen (symbol));
  for (guint i = 0; i < pipeline->added->len && id < 0; i++)
    if (g_str_equal (g_array_index (pipeline->added, FewAdded, i).text, symbol))
      id = g_array_index (pipeline->added, FewAdded, i).id;
  if (id >= 0 && ids->len < 8)
    g_array_append_val (ids, id);
  return id >= 0;
}

/* [{"SpecialToken": {"id": "[CLS]"}}, {"Sequence": {"id": "A"}}, …] */
static gboolean
read_template (FewPipeline *pipeline, JsonObject *part, const char *name, GError **error)
{
  JsonArray *single = few_json_array (part, "single", NULL);
  FewIds *ids = pipeline->before;
  for (guint i = 0; single && i < json_array_get_length (single); i++)
    {
      JsonNode *node = json_array_get_element (single, i);
      JsonObject *one = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      JsonObject *special = one ? few_json_object (one, "SpecialToken", NULL) : NULL;
      JsonObject *text = one ? few_json_object (one, "Sequence", NULL) : NULL;
      const char *symbol = special ? few_json_string (special, "id", "", NULL) : "";
      if (text && ids == pipeline->before)
        ids = pipeline->after;
      else if (!special || !append_known (pipeline, ids, symbol))
        return refuse_value (name, "post_processor.single", error);
    }
  return ids == pipeline->after ? TRUE : refuse_value (name, "post_processor.single", error);
}

/* {"cls": ["[CLS]", 101], "sep": ["[SEP]", 102]} */
static gboolean
read_pair (FewPipeline *pipeline, JsonObject *part, const char *member, FewIds *ids)
{
  JsonArray *pair = few_json_array (part, member, NULL);
  JsonNode *node =
      pair && json_array_get_length (pair) == 2 ? json_array_get_element (pair, 0) : NULL;
  const char *symbol = node && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
  return symbol && append_known (pipeline, ids, symbol);
}

gboolean
few_tokenizer_json_read_around (FewPipeline *pipeline, JsonObject *part, const char *name,
                                GError **error)
{
  const char *type = part ? few_json_string (part, "type", "", NULL) : NULL;
  if (!part)
    return TRUE;
  if (g_str_equal (type, "Sequence"))
    return read_list (pipeline, part, "processors", name, few_tokenizer_json_read_around, error);
  if (pipeline->before->len > 0 || pipeline->after->len > 0)
    return refuse (name, _ ("more than one post-processor"), error);
  if (g_str_equal (type, "TemplateProcessing"))
    return read_template (pipeline, part, name, error);
  if (!g_str_equal (type, "BertProcessing") && !g_str_equal (type, "RobertaProcessing"))
    return refuse (name, *type ? type : _ ("an unnamed post-processor"), error);
  return read_pair (pipeline, part, "cls", pipeline->before)
                 && read_pair (pipeline, part, "sep", pipeline->after)
             ? TRUE
             : refuse_value (name, "post_processor", error);
}

/* ---- added tokens */

static gboolean
read_added (FewPipeline *pipeline, JsonObject *one, guint vocab_size, const char **bad)
{
  const char *text = few_json_string (one, "content", "", bad);
  gint64 id = few_json_int (one, "id", -1, bad);
  FewAdded added = { .normalized = few_json_bool (one, "normalized", TRUE, bad),
                     .left = few_json_bool (one, "lstrip", FALSE, bad),
                     .right = few_json_bool (one, "rstrip", FALSE, bad),
                     .word = few_json_bool (one, "single_word", FALSE, bad) };
  if (*bad || *text == 0 || id < 0)
    return FALSE;
  if (id >= vocab_size)
    return TRUE; /* as with other symbols */
  added.text = g_strdup (text);
  added.id = (gint32) id;
  g_array_append_val (pipeline->added, added);
  return TRUE;
}

gboolean
few_tokenizer_json_read_added (FewPipeline *pipeline, JsonArray *part, guint vocab_size,
                               const char *name, GError **error)
{
  guint n = part ? json_array_get_length (part) : 0;
  if (n > MAX_ADDED)
    return refuse (name, _ ("more than 8192 added tokens"), error);
  for (guint i = 0; i < n; i++)
    {
      const char *bad = NULL;
      JsonNode *node = json_array_get_element (part, i);
      JsonObject *one = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      if (!one || !read_added (pipeline, one, vocab_size, &bad))
        return refuse_value (name, "added_tokens", error);
    }
  return TRUE;
}
