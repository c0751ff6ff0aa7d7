/* SPDX-License-Identifier: MIT */
/* Any bytes as a tokenizer: tokenizer.json, merges.txt beside a good vocabulary, or OpenAI's packed
 * list; the first byte chooses. What opens encodes any text into ids that the model knows. */
#include "fuzz.h"
#include "text/tokenizer.h"
#include <glib/gstdio.h>

enum { VOCABULARY = 545, CONTEXT = 24 };

static void
encode_some (const FewTokenizer *words)
{
  static const char *const texts[] = { "a photo of a cat", "",
                                       "<|endoftext|> 'S ﬁ 1234 &amp;amp; x",
                                       "ÀÉ\xcc\x81 don't 가나 \xf0\x9f\x98\x80" };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      gint32 ids[CONTEXT];
      gboolean cut;
      guint n = few_tokenizer_encode (words, texts[i], CONTEXT, ids, &cut);
      g_assert_cmpuint (n, <=, CONTEXT);
      for (guint k = 0; k < n; k++)
        g_assert_true (ids[k] >= 0 && ids[k] < VOCABULARY);
    }
  g_autofree char *sum = few_tokenizer_sha256 (words);
  g_assert_nonnull (sum);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const char *const names[] = { "tokenizer.json", "merges.txt",
                                       "bpe_simple_vocab_16e6.txt.gz" };
  static char *folder;
  if (!folder)
    folder = g_dir_make_tmp ("fewshot-fuzz-XXXXXX", NULL);
  if (size == 0)
    return 0;
  g_autofree char *path = g_build_filename (folder, names[data[0] % 3], NULL);
  g_autofree char *vocab = g_build_filename (folder, "vocab.json", NULL);
  g_autoptr (GError) error = NULL;
  g_assert_true (g_file_set_contents (path, (const char *) data + 1, (gssize) size - 1, NULL));
  if (data[0] % 3 == 1)
    {
      g_autofree char *good = NULL;
      gsize length;
      g_assert_true (g_file_get_contents (FUZZ_GOLDEN "/vit/vocab.json", &good, &length, NULL));
      g_assert_true (g_file_set_contents (vocab, good, (gssize) length, NULL));
    }
  g_autoptr (FewTokenizer) words = few_tokenizer_open (folder, VOCABULARY, &error);
  g_assert_true ((words == NULL) == (error != NULL));
  if (words)
    encode_some (words);
  g_unlink (path);
  g_unlink (vocab);
  return 0;
}
