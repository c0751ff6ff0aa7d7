/* SPDX-License-Identifier: MIT */
/* A small adapter to train: the features, texts and first weights of
 * tests/data/golden/adapter.safetensors, the small ViT as its model. */
#pragma once
#include "golden.h"

enum { N = 48, K = 5, D = 24, H = 6, HALF = H * D };
extern const char *const fixture_classes[K + 1];

typedef struct
{
  FewModel *model;
  FewSafetensors *dump;
  float *features, *text, weights[2 * HALF];
  guint32 labels[N];
  guint8 roles[N];
  FewTrainOptions options;
} Fixture;

void fixture_init (Fixture *x, gboolean relu);
void fixture_clear (Fixture *x);
/* Its pictures: 32 to train on, 10 to validate, 6 to test. */
FewTask fixture_task (const Fixture *x);
FewTrainer *fixture_trainer (Fixture *x);
