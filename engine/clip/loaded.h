/* SPDX-License-Identifier: MIT */
/* What a model has on its device: one struct, moved whole when a GPU is left. */
#pragma once
#include "clip/text.h"
#include "clip/tower.h"

typedef struct
{
  FewBackend *backend;
  GPtrArray *vectors, *matrices; /* float *, FewMatrix *: the weights */
  const FewTower *tower;
  gpointer image;                /* the tower's state */
  FewTextTower text;
  FewActivations *lanes;         /* one a lane */
  FewActivations whole;
} FewLoaded;

/* Takes over the backend, with an error too: few_loaded_clear frees it. */
gboolean few_loaded_open (FewLoaded *loaded, FewBackend *backend, const FewClipConfig *config,
                          const FewWeights *weights, GError **error);
/* Frees the weights and the memory, and keeps the backend: who trains may still point to it. */
void few_loaded_empty (FewLoaded *loaded);
void few_loaded_clear (FewLoaded *loaded);
