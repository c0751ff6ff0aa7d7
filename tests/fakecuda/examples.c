/* SPDX-License-Identifier: MIT */
/* The task of `examples.h`, the same each time. */
#include "examples.h"

static const char *const names[MOST_CLASSES] = { "ant", "bee", "cat" };

Examples *
examples_new (guint n_classes)
{
  Examples *examples = g_new (Examples, 1);
  g_autoptr (GRand) random = g_rand_new_with_seed (4);
  for (guint i = 0; i < EXAMPLES * EXAMPLE_WIDTH; i++)
    examples->features[i] = (float) g_rand_double_range (random, -1, 1);
  for (guint i = 0; i < n_classes * EXAMPLE_WIDTH; i++)
    examples->text[i] = (float) g_rand_double_range (random, -1, 1);
  for (guint i = 0; i < EXAMPLES; i++)
    {
      examples->labels[i] = i % n_classes;
      examples->roles[i] = i < EXAMPLES / 4 ? FEW_ROLE_VALIDATION : FEW_ROLE_TRAIN;
    }
  examples->task = (FewTask) { .n = EXAMPLES,
                               .n_classes = n_classes,
                               .features = examples->features,
                               .labels = examples->labels,
                               .roles = examples->roles,
                               .text_features = examples->text,
                               .class_names = names,
                               .template_text = "{}" };
  return examples;
}
