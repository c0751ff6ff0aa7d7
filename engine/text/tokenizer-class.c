/* SPDX-License-Identifier: MIT */
/* A tokenizer of each class that text towers come with: which file it is read from, which symbols
 * stand around a text, which fills the rest. */
#include "text/tokenizer-class.h"
#include "base/error.h"
#include "base/json.h"
#include "text/pipeline.h"
#include "text/spiece.h"
#include "text/tokenizer-json.h"
#include "text/vocab-txt.h"
#include <string.h>

/* ---- the steps as a kind of tokenizer */

static void
free_steps (gpointer self)
{
  few_pipeline_free (self);
}

static void
encode_steps (gconstpointer self, const char *text, FewIds *ids)
{
  few_pipeline_encode (self, text, ids);
}

static void
describe_steps (gconstpointer self, struct sha256_ctx *sum)
{
  const FewPipeline *pipeline = self;
  sha256_update (sum, sizeof pipeline->digest, pipeline->digest);
}

static void
list_steps (gconstpointer self, void (*func) (const char *text, gsize n, gpointer user),
            gpointer user)
{
  const FewSymbols *symbols = ((const FewPipeline *) self)->pieces->symbols;
  for (guint id = 0; id < few_symbols_end (symbols); id++)
    {
      gsize n;
      const char *text = few_symbols_text (symbols, (gint32) id, &n);
      if (text)
        func (text, n, user);
    }
}

const FewTokenizerKind few_pipeline_tokenizer = { "steps", free_steps, encode_steps, describe_steps,
                                                  list_steps };

/* ---- the classes */

typedef enum { SPIECE_NONE, SPIECE_OWN, SPIECE_WORDS, SPIECE_FAIRSEQ, VOCAB_TXT } OtherFile;

typedef struct
{
  const char *name;
  gboolean json; /* a tokenizer.json comes first */
  OtherFile other;
  const char *begin, *end, *padding; /* symbols, where no file says others; NULL: none */
  gboolean flags; /* add_bos_token and add_eos_token say which are there */
  gboolean lower; /* lower case first, whatever the file says */
  gboolean own;   /* its marks, whatever the file's template says */
} Class;

static const Class classes[] = {
  { "T5Tokenizer", TRUE, SPIECE_WORDS, NULL, "</s>", "<pad>", FALSE, FALSE, FALSE },
  { "MT5Tokenizer", TRUE, SPIECE_WORDS, NULL, "</s>", "<pad>", FALSE, FALSE, FALSE },
  { "NllbTokenizer", TRUE, SPIECE_NONE, "eng_Latn", "</s>", "<pad>", FALSE, FALSE, TRUE },
  { "XLMRobertaTokenizer", TRUE, SPIECE_FAIRSEQ, "<s>", "</s>", "<pad>", FALSE, FALSE, FALSE },
  { "SiglipTokenizer", FALSE, SPIECE_OWN, NULL, "</s>", "</s>", FALSE, FALSE, FALSE },
  { "GemmaTokenizer", TRUE, SPIECE_NONE, "<bos>", "<eos>", "<pad>", TRUE, FALSE, FALSE },
  { "Siglip2Tokenizer", TRUE, SPIECE_NONE, "<bos>", "<eos>", "<pad>", TRUE, TRUE, FALSE },
  { "BertTokenizer", TRUE, VOCAB_TXT, "[CLS]", "[SEP]", "[PAD]", FALSE, FALSE, FALSE },
  { "PreTrainedTokenizer", TRUE, SPIECE_NONE, "<bos>", "<eos>", NULL, TRUE, FALSE, FALSE },
  { "TokenizersBackend", TRUE, SPIECE_NONE, "<bos>", "<eos>", NULL, TRUE, FALSE, FALSE },
};

static const Class *
find_class (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    if (g_str_equal (classes[i].name, name))
      return &classes[i];
  return NULL;
}

static char *
find_file (const FewTokenizerAsked *asked, const char *name)
{
  g_autofree char *path = g_build_filename (asked->folder, name, NULL);
  return g_file_test (path, G_FILE_TEST_EXISTS) ? g_steal_pointer (&path) : NULL;
}

static const char *
name_files (const Class *class)
{
  if (class->other == SPIECE_OWN)
    return "spiece.model and tokenizer_config.json";
  if (class->other == VOCAB_TXT)
    return "tokenizer.json or vocab.txt";
  return "tokenizer.json and tokenizer_config.json";
}

static FewPipeline *
refuse_missing (const FewTokenizerAsked *asked, const Class *class, GError **error)
{
  if (asked->named)
    few_fail (error, INPUT,
              "%s holds no tokenizer: its open_clip_config.json names that of “%s”. Put %s of that "
              "repository beside the weights.",
              asked->folder, asked->named, name_files (class));
  else
    few_fail (error, INPUT, "%s holds no tokenizer: put the model's %s beside the weights.",
              asked->folder, name_files (class));
  return NULL;
}

static FewBertSettings
read_bert_settings (const FewTokenizerAsked *asked)
{
  FewBertSettings settings = { TRUE, TRUE, TRUE };
  if (asked->config)
    {
      settings.lower = few_json_bool (asked->config, "do_lower_case", TRUE, NULL);
      settings.chinese = few_json_bool (asked->config, "tokenize_chinese_chars", TRUE, NULL);
      settings.strip_accents = few_json_bool (asked->config, "strip_accents", settings.lower, NULL);
    }
  return settings;
}

static FewPipeline *
read_other (const FewTokenizerAsked *asked, const Class *class, GError **error)
{
  g_autofree char *list = find_file (asked, "vocab.txt");
  g_autofree char *spiece = find_file (asked, "spiece.model");
  g_autofree char *bpe = find_file (asked, "sentencepiece.bpe.model");
  const char *model = bpe && class->other == SPIECE_FAIRSEQ ? bpe : spiece;
  if (class->other == VOCAB_TXT && list)
    {
      FewBertSettings settings = read_bert_settings (asked);
      return few_vocab_txt_read (list, asked->vocab_size, &settings, error);
    }
  if (class->other == SPIECE_NONE || class->other == VOCAB_TXT || !model)
    return refuse_missing (asked, class, error);
  if (class->other == SPIECE_OWN)
    return few_spiece_read (model, asked->vocab_size, FEW_SPIECE_OWN, error);
  return few_spiece_read (model, asked->vocab_size,
                          class->other == SPIECE_WORDS ? FEW_SPIECE_WORDS : FEW_SPIECE_FAIRSEQ,
                          error);
}

/* ---- around a text */

/* A setting is a string or an object with “content”. */
static const char *
setting_of (const FewTokenizerAsked *asked, const char *setting, const char *fallback)
{
  JsonNode *node = asked->config ? json_object_get_member (asked->config, setting) : NULL;
  if (node && JSON_NODE_HOLDS_OBJECT (node))
    return few_json_string (json_node_get_object (node), "content", fallback, NULL);
  return asked->config ? few_json_string (asked->config, setting, fallback, NULL) : fallback;
}

static gint32
find_symbol (const FewPipeline *pipeline, const char *text)
{
  for (guint i = 0; text && i < pipeline->added->len; i++)
    if (g_str_equal (g_array_index (pipeline->added, FewAdded, i).text, text))
      return g_array_index (pipeline->added, FewAdded, i).id;
  return text ? few_symbols_find (pipeline->pieces->symbols, text, strlen (text)) : -1;
}

gint32
few_tokenizer_special (const FewTokenizer *tokenizer, const FewTokenizerAsked *asked,
                       const char *setting, const char *fallback)
{
  return find_symbol (tokenizer->self, setting_of (asked, setting, fallback));
}

static gboolean
add_special (const FewTokenizer *tokenizer, const FewTokenizerAsked *asked, FewIds *ids,
             const char *setting, const char *fallback, GError **error)
{
  gint32 id = few_tokenizer_special (tokenizer, asked, setting, fallback);
  if (id < 0)
    few_fail (error, FORMAT, "%s: the vocabulary of its tokenizer lacks the symbol “%s” (%s).",
              asked->folder, setting_of (asked, setting, fallback), setting);
  else
    g_array_append_val (ids, id);
  return id >= 0;
}

static void
copy_around (FewTokenizer *tokenizer, const FewPipeline *pipeline)
{
  g_array_append_vals (tokenizer->before, pipeline->before->data, pipeline->before->len);
  g_array_append_vals (tokenizer->after, pipeline->after->data, pipeline->after->len);
}

/* The template of a tokenizer.json, else the flags of tokenizer_config.json, else what the class is
 * known for. */
static gboolean
set_around (FewTokenizer *tokenizer, const FewTokenizerAsked *asked, const Class *class,
            JsonNode *rest, GError **error)
{
  JsonObject *config = asked->config;
  gboolean begin = class->begin != NULL;
  gboolean end = class->end != NULL;
  if (rest && !class->own && few_json_object (json_node_get_object (rest), "post_processor", NULL))
    {
      copy_around (tokenizer, tokenizer->self);
      return TRUE;
    }
  if (class->flags)
    {
      begin = config && few_json_bool (config, "add_bos_token", FALSE, NULL);
      end = config && few_json_bool (config, "add_eos_token", FALSE, NULL);
    }
  if (class->own && config && few_json_bool (config, "legacy_behaviour", FALSE, NULL))
    {
      few_fail (error, UNSUPPORTED, "%s asks for “legacy_behaviour”, which Fewshot does not have.",
                asked->config_name);
      return FALSE;
    }
  gboolean bert = class->other == VOCAB_TXT;
  const char *first = bert ? "cls_token" : "bos_token";
  return (!begin
          || add_special (tokenizer, asked, tokenizer->before, class->own ? "src_lang" : first,
                          class->begin, error))
         && (!end
             || add_special (tokenizer, asked, tokenizer->after, bert ? "sep_token" : "eos_token",
                             class->end, error));
}

static gboolean
set_padding (FewTokenizer *tokenizer, const FewTokenizerAsked *asked, const Class *class,
             JsonNode *rest, GError **error)
{
  JsonObject *padding =
      rest ? few_json_object (json_node_get_object (rest), "padding", NULL) : NULL;
  const char *fallback =
      padding ? few_json_string (padding, "pad_token", class->padding, NULL) : class->padding;
  const char *side =
      asked->config ? few_json_string (asked->config, "padding_side", "right", NULL) : "right";
  tokenizer->padding = few_tokenizer_special (tokenizer, asked, "pad_token", fallback);
  if (!g_str_equal (side, "right"))
    few_fail (error, UNSUPPORTED,
              "%s asks for “padding_side”: “%s”; Fewshot fills texts at their end alone.",
              asked->config_name, side);
  else if (tokenizer->padding < 0)
    few_fail (error, FORMAT,
              "%s does not say which symbol fills short texts: put the model's "
              "tokenizer_config.json beside the weights.",
              asked->folder);
  return g_str_equal (side, "right") && tokenizer->padding >= 0;
}

static gboolean
lowers (const FewPipeline *pipeline)
{
  for (guint i = 0; i < pipeline->steps->len; i++)
    if (g_array_index (pipeline->steps, FewStep, i).kind == FEW_STEP_LOWER)
      return TRUE;
  return FALSE;
}

static void
lower_first (FewPipeline *pipeline)
{
  FewStep step = { .kind = FEW_STEP_LOWER };
  if (!lowers (pipeline))
    g_array_prepend_val (pipeline->steps, step);
}

/* transformers' SigLIP splits “<unk>” and the text as one, and forgets the first's symbols. */
static void
set_lead (FewPipeline *pipeline)
{
  static const char lead[] = "<unk>";
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  few_pipeline_encode (pipeline, lead, ids);
  pipeline->lead = g_strdup (lead);
  pipeline->n_lead = ids->len;
}

FewTokenizer *
few_tokenizer_open_class (const FewTokenizerAsked *asked, GError **error)
{
  const Class *class = find_class (asked->class_name);
  g_autoptr (JsonNode) rest = NULL;
  if (!class)
    {
      few_fail (error, UNSUPPORTED, "%s asks for the tokenizer “%s”, which Fewshot does not have.",
                asked->config_name, asked->class_name);
      return NULL;
    }
  g_autofree char *json = class->json ? find_file (asked, "tokenizer.json") : NULL;
  FewPipeline *pipeline = json ? few_tokenizer_json_read (json, asked->vocab_size, &rest, error)
                               : read_other (asked, class, error);
  if (!pipeline)
    return NULL;
  g_autoptr (FewTokenizer) tokenizer = few_tokenizer_new (&few_pipeline_tokenizer, pipeline);
  tokenizer->cleaning = FEW_CLEAN_NOTHING;
  if (class->other == SPIECE_OWN)
    {
      tokenizer->cleaning = FEW_CLEAN_SIGLIP;
      set_lead (pipeline);
    }
  if (class->lower)
    lower_first (pipeline);
  if (!set_around (tokenizer, asked, class, rest, error)
      || !set_padding (tokenizer, asked, class, rest, error))
    return NULL;
  return g_steal_pointer (&tokenizer);
}
