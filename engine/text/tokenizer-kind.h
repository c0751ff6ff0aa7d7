/* SPDX-License-Identifier: MIT */
/* The table of tokenizers, for the files of this room. */
#pragma once
#include "text/clean.h"
#include "text/pieces.h"
#include "text/tokenizer.h"
#include <nettle/sha2.h>

typedef struct
{
  const char *name;
  void (*free) (gpointer self);
  /* The ids of cleaned text, without those around it. */
  void (*encode) (gconstpointer self, const char *text, FewIds *ids);
  /* All that the ids depend on. */
  void (*describe) (gconstpointer self, struct sha256_ctx *sum);
  /* Calls `func` with every symbol as text, if possible without what marks its place in a word. */
  void (*list) (gconstpointer self, void (*func) (const char *text, gsize n, gpointer user),
                gpointer user);
} FewTokenizerKind;

/* OpenAI's byte pairs */
extern const FewTokenizerKind few_clip_tokenizer;
/* FewPipeline and the digest of its files */
extern const FewTokenizerKind few_pipeline_tokenizer;

struct FewTokenizer
{
  const FewTokenizerKind *kind;
  gpointer self;
  FewCleaning cleaning;
  FewIds *before, *after; /* around every text */
  gint32 padding;
  gint32 dropped; /* becomes 0 wherever it stands (open_clip's strip_sep_token); or −1 */
  char *settings; /* of the above, for the digest; NULL: CLIP's own says them itself */
};

FewTokenizer *few_tokenizer_new (const FewTokenizerKind *kind, gpointer self);
/* Once it is filled: writes the settings down. */
void few_tokenizer_finish (FewTokenizer *tokenizer);

/* CLIP's: from vocab.json and merges.txt, tokenizer.json or OpenAI's packed list. `plain`: as
 * transformers cleans. */
FewTokenizer *few_clip_tokenizer_open (const char *folder, guint vocab_size, gboolean plain,
                                       GError **error);
