/* SPDX-License-Identifier: MIT */
/* The text tower: CLIP's causal transformer with the feature at the first end token, or what
 * FewTextStyle says: BERT and its kin, too. */
#pragma once
#include "clip/transformer.h"
#include <fewshot/model.h>

typedef struct
{
  float *token_embedding, *positions; /* BERT's with its token type, too */
  float *ln_embed_weight, *ln_embed_bias, *ln_final_weight, *ln_final_bias; /* NULL: none */
  FewTransformer transformer;
  float *ones;                             /* [context], for a mean; NULL: none */
  FewMatrix *text_hidden, *text_projection; /* NULL: none */
  float *projection_bias;                  /* NULL: none */
} FewTextTower;

/* Sizes that a config leaves to the weights. */
gboolean few_text_measure (FewClipConfig *config, const FewWeights *weights, const char *path,
                           GError **error);
void few_text_load (FewTextTower *text, const FewClipConfig *config, FewLoader *loader);
void few_text_clear (FewTextTower *text);
/* ids [B, T]; rows [B]: where in the B·T tokens each text has its feature, if not in their mean. T
 * may be shorter than the context where a causal mask keeps what follows from it, and must be
 * their own length where the kind is not CLIP's. → features [B, D] host */
gboolean few_text_forward (const FewTextTower *text, const FewClipConfig *config,
                           FewBackend *backend, FewStream *stream, FewActivations *activations,
                           guint b, guint t, const gint32 *ids, const guint32 *rows,
                           float *features, FewTapFunc tap, gpointer tap_user, GError **error);
