/* SPDX-License-Identifier: MIT */
/* The list, and the steps that BERT takes before it (Devlin et al. 2018, their tokenization.py). */
#include "text/vocab-txt.h"
#include "base/error.h"
#include "base/file.h"
#include <nettle/sha2.h>
#include <string.h>

enum { LONGEST_WORD = 100 }; /* characters */

static gboolean
read_lines (FewSymbols *symbols, const char *data, gsize length, guint vocab_size)
{
  gint32 id = 0;
  for (const char *line = data; line < data + length; id++)
    {
      const char *end = memchr (line, '\n', (gsize) (data + length - line));
      const char *next = end ? end + 1 : data + length;
      gsize n = (gsize) ((end ? end : next) - line);
      if (n > 0 && line[n - 1] == '\r')
        n--;
      if ((guint) id >= vocab_size || !few_symbols_add (symbols, line, n, id))
        return FALSE;
      line = next;
    }
  return TRUE;
}

static void
add_steps (FewPipeline *pipeline, const FewBertSettings *settings)
{
  few_pipeline_add_step (pipeline, FEW_STEP_BERT_CLEAN);
  if (settings->chinese)
    few_pipeline_add_step (pipeline, FEW_STEP_BERT_CJK);
  if (settings->strip_accents)
    {
      few_pipeline_add_step (pipeline, FEW_STEP_COMPOSE)->form = G_NORMALIZE_NFD;
      few_pipeline_add_step (pipeline, FEW_STEP_BERT_MARKS);
    }
  if (settings->lower)
    few_pipeline_add_step (pipeline, FEW_STEP_LOWER);
  few_pipeline_add_split (pipeline, FEW_SPLIT_BERT, NULL);
}

static void
add_specials (FewPipeline *pipeline)
{
  static const char *const special[] = { "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]" };
  for (guint i = 0; i < G_N_ELEMENTS (special); i++)
    {
      gint32 id = few_symbols_find (pipeline->pieces->symbols, special[i], strlen (special[i]));
      if (id >= 0)
        few_pipeline_add_symbol (pipeline, special[i], id, FALSE);
    }
}

FewPipeline *
few_vocab_txt_read (const char *path, guint vocab_size, const FewBertSettings *settings,
                    GError **error)
{
  gsize length;
  g_autofree char *data = few_file_read (path, FEW_SMALL_FILE, &length, error);
  g_autofree char *name = g_filename_display_name (path);
  g_autoptr (FewPipeline) pipeline = few_pipeline_new ();
  struct sha256_ctx sum;
  if (!data)
    return NULL;
  pipeline->pieces = few_pieces_new (&few_wordpiece_pieces);
  pipeline->pieces->continuing = g_strdup ("##");
  pipeline->pieces->longest_word = LONGEST_WORD;
  if (!g_utf8_validate_len (data, length, NULL))
    few_fail (error, FORMAT, "%s is not UTF-8 text.", name);
  else if (!read_lines (pipeline->pieces->symbols, data, length, vocab_size))
    few_fail (error, FORMAT,
              "%s has more lines than the model has tokens (%u), or one is too long: it belongs to "
              "another model.",
              name, vocab_size);
  else
    {
      pipeline->pieces->unknown = few_symbols_find (pipeline->pieces->symbols, "[UNK]", 5);
      add_steps (pipeline, settings);
      add_specials (pipeline);
      sha256_init (&sum);
      sha256_update (&sum, length, (const guint8 *) data);
      sha256_update (&sum, 1, (const guint8 *) (settings->lower ? "L" : "-"));
      sha256_update (&sum, 1, (const guint8 *) (settings->chinese ? "C" : "-"));
      sha256_update (&sum, 1, (const guint8 *) (settings->strip_accents ? "S" : "-"));
      sha256_digest (&sum, sizeof pipeline->digest, pipeline->digest);
      return g_steal_pointer (&pipeline);
    }
  return NULL;
}
