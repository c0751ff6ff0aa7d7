/* SPDX-License-Identifier: MIT */
/* Tokenizers by the name of their class in transformers. */
#pragma once
#include "text/tokenizer-kind.h"
#include <json-glib/json-glib.h>

typedef struct
{
  const char *folder;
  const char *class_name;  /* without “Fast” */
  const char *named;       /* the repository that the config names; NULL: none */
  JsonObject *config;      /* tokenizer_config.json; NULL: there is none */
  const char *config_name; /* its path, for messages */
  guint vocab_size;
} FewTokenizerAsked;

FewTokenizer *few_tokenizer_open_class (const FewTokenizerAsked *asked, GError **error);
/* The id of the symbol that a setting of tokenizer_config.json names (“pad_token”), or of
 * `fallback`; −1 where the vocabulary has no such symbol. */
gint32 few_tokenizer_special (const FewTokenizer *tokenizer, const FewTokenizerAsked *asked,
                              const char *setting, const char *fallback);
