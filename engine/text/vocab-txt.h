/* SPDX-License-Identifier: MIT */
/* BERT's vocab.txt: a symbol a line. */
#pragma once
#include "text/pipeline.h"

typedef struct
{
  gboolean lower, chinese, strip_accents;
} FewBertSettings;

/* With BERT's own steps around it. */
FewPipeline *few_vocab_txt_read (const char *path, guint vocab_size,
                                 const FewBertSettings *settings, GError **error);
