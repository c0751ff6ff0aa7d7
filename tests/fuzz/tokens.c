/* SPDX-License-Identifier: MIT */
/* Any bytes as one file of a tokenizer: tokenizer.json, a SentencePiece model for each of the three
 * ways, vocab.txt, or tokenizer_config.json beside a good list; the first byte chooses. What opens
 * encodes any text into ids that the model knows. */
#include "fuzz.h"
#include "text/tokenizer.h"
#include <glib/gstdio.h>

enum { VOCABULARY = 40, CONTEXT = 24 };

typedef struct
{
  const char *file, *config, *settings;
} Kind;

#define OPEN_CLIP                                                                                  \
  "{\"model_cfg\":{\"text_cfg\":{\"hf_tokenizer_name\":\"a/b\",\"tokenizer_kwargs\":"              \
  "{\"clean\":\"canonicalize\",\"strip_sep_token\":true}}}}"
#define TRANSFORMERS "{\"model_type\":\"siglip\"}"
static const Kind kinds[] = {
  { "tokenizer.json", TRANSFORMERS, "{\"tokenizer_class\":\"TokenizersBackend\"}" },
  { "spiece.model", TRANSFORMERS, "{\"tokenizer_class\":\"SiglipTokenizer\"}" },
  { "spiece.model", OPEN_CLIP, "{\"tokenizer_class\":\"T5TokenizerFast\"}" },
  { "sentencepiece.bpe.model", OPEN_CLIP, "{\"tokenizer_class\":\"XLMRobertaTokenizer\"}" },
  { "vocab.txt", OPEN_CLIP, "{\"tokenizer_class\":\"BertTokenizer\"}" },
  { "tokenizer_config.json", "{\"model_type\":\"chinese_clip\"}", NULL },
};

static void
encode_some (const FewTokenizer *words)
{
  static const char *const texts[] = { "a photo of a cat", "", "Ab ab  </s> abba",
                                       "ﬁ e\xcc\x81 \xe3\x80\x80 [SEP] 猫 &amp; <0x41> \xff",
                                       "ÀÉ 가나 \xf0\x9f\x98\x80 ▁▁ cat,cats" };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      gint32 ids[CONTEXT];
      gboolean cut;
      guint n = few_tokenizer_encode (words, texts[i], CONTEXT, ids, &cut);
      g_assert_cmpuint (n, <=, CONTEXT);
      for (guint k = 0; k < n; k++)
        g_assert_true (ids[k] >= 0 && ids[k] < VOCABULARY);
    }
  guint32 scripts[FEW_SCRIPT_WORDS];
  few_tokenizer_scripts (words, scripts);
  g_autofree char *sum = few_tokenizer_sha256 (words);
  g_assert_nonnull (sum);
  g_assert_cmpint (few_tokenizer_padding (words), <, VOCABULARY);
  g_assert_cmpint (few_tokenizer_end (words), <, VOCABULARY);
}

static char *
put (const char *folder, const char *name, const char *data, gssize size)
{
  char *path = g_build_filename (folder, name, NULL);
  g_assert_true (g_file_set_contents (path, data, size, NULL));
  return path;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static char *folder;
  if (!folder)
    folder = g_dir_make_tmp ("fewshot-fuzz-XXXXXX", NULL);
  if (size == 0)
    return 0;
  const Kind *kind = &kinds[data[0] % G_N_ELEMENTS (kinds)];
  gboolean open_clip = g_str_equal (kind->config, OPEN_CLIP);
  g_autoptr (GError) error = NULL;
  g_autofree char *config =
      put (folder, open_clip ? "open_clip_config.json" : "config.json", kind->config, -1);
  g_autofree char *path = put (folder, kind->file, (const char *) data + 1, (gssize) size - 1);
  g_autofree char *beside =
      kind->settings ? put (folder, "tokenizer_config.json", kind->settings, -1)
                     : put (folder, "vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\n##b\n", -1);
  g_autoptr (FewTokenizer) words = few_tokenizer_open (folder, VOCABULARY, &error);
  g_assert_true ((words == NULL) == (error != NULL));
  if (words)
    encode_some (words);
  g_unlink (path);
  g_unlink (config);
  g_unlink (beside);
  return 0;
}
