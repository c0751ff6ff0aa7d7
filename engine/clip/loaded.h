/* SPDX-License-Identifier: MIT */
/* What a model has on its device: one struct, moved whole when a GPU is left. Half of a model may
 * be its text tower, which who has pictures alone never asks for: it is loaded with the first
 * text. */
#pragma once
#include "clip/text.h"
#include "clip/tower.h"

typedef struct
{
  FewBackend *backend;
  GPtrArray *vectors, *matrices; /* float *, FewMatrix *: the weights */
  const FewTower *tower;
  gpointer image; /* the tower's state */
  FewTextTower text; /* few_loaded_text's */
  FewWeights *unread; /* what `text` is still to be loaded from; NULL: nothing is */
  FewActivations *lanes; /* one a lane */
  FewActivations whole;
} FewLoaded;

/* All but the text tower. Takes over the backend, with an error too: few_loaded_clear frees it. */
gboolean few_loaded_open (FewLoaded *loaded, FewBackend *backend, const FewClipConfig *config,
                          const FewWeights *weights, GError **error);
/* Takes over the weights that few_loaded_open had, which read no file from now on but for texts. */
void few_loaded_keep_unread (FewLoaded *loaded, FewWeights *weights);
/* The text tower, loaded now where it is not yet; NULL: it cannot be. */
const FewTextTower *few_loaded_text (FewLoaded *loaded, const FewClipConfig *config,
                                     GError **error);
/* Frees the weights and the memory, and keeps the backend: who trains may still point to it. */
void few_loaded_empty (FewLoaded *loaded);
void few_loaded_clear (FewLoaded *loaded);
