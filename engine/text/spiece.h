/* SPDX-License-Identifier: MIT */
/* SentencePiece's own file (spiece.model, sentencepiece.bpe.model): a message of Protocol Buffers
 * with symbols, their scores and the table of characters (sentencepiece_model.proto). */
#pragma once
#include "text/pipeline.h"

typedef enum {
  FEW_SPIECE_OWN,    /* as SentencePiece itself splits */
  FEW_SPIECE_WORDS,  /* as transformers' T5Tokenizer: white space first, the symbols' own order */
  FEW_SPIECE_FAIRSEQ /* as its XLMRobertaTokenizer: <s>, <pad>, </s>, <unk> before the symbols */
} FewSpieceWay;

/* Unigram models of at most 32 MB. */
FewPipeline *few_spiece_read (const char *path, guint vocab_size, FewSpieceWay way, GError **error);
