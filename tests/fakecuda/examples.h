/* SPDX-License-Identifier: MIT */
/* Random features to learn from, as the small ViT would give them. */
#pragma once
#include <fewshot.h>

enum { EXAMPLES = 64, EXAMPLE_WIDTH = 24, MOST_CLASSES = 3 };

typedef struct
{
  float features[EXAMPLES * EXAMPLE_WIDTH], text[MOST_CLASSES * EXAMPLE_WIDTH];
  guint32 labels[EXAMPLES];
  guint8 roles[EXAMPLES];
  FewTask task; /* of all that */
} Examples;

/* A quarter of the pictures is for validation. Free with g_free. */
Examples *examples_new (guint n_classes);
