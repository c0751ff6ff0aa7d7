/* SPDX-License-Identifier: MIT */
/* A small task that every method can learn. */
#include "methods-fixture.h"
#include "golden.h"

static const char *const names[] = { "one", "two", "three", NULL };

void
world_open (World *w)
{
  GRand *random = g_rand_new_with_seed (6);
  w->model = golden_model ("vit", "cpu,threads=2");
  w->d = few_model_dim (w->model);
  w->features = g_new (float, N * w->d);
  w->text = g_new (float, CLASSES * w->d);
  for (guint i = 0; i < CLASSES * w->d; i++)
    w->text[i] = (float) g_rand_double_range (random, -1, 1);
  golden_normalise (w->text, CLASSES, w->d);
  for (guint i = 0; i < N; i++)
    {
      w->labels[i] = i % CLASSES;
      for (guint j = 0; j < w->d; j++)
        w->features[i * w->d + j] =
            4 * (w->text[w->labels[i] * w->d + j] + (float) g_rand_double_range (random, -.5, .5));
    }
  g_assert_true (few_hold_out (w->labels, N, CLASSES, 0, w->roles, NULL));
  g_assert_true (few_shot_split (w->labels, N, CLASSES, 3, 1, w->roles, NULL));
  w->task = (FewTask) { .n = N,
                        .n_classes = CLASSES,
                        .features = w->features,
                        .labels = w->labels,
                        .roles = w->roles,
                        .text_features = w->text,
                        .class_names = names };
  g_rand_free (random);
}

void
world_close (World *w)
{
  few_model_unref (w->model);
  g_free (w->features);
  g_free (w->text);
}

FewMethodResult *
world_run (World *w, const char *specification, GError **error)
{
  FewMethodOptions options;
  return few_method_parse (specification, &options, error)
             ? few_method_run (w->model, &w->task, &options, NULL, NULL, NULL, error)
             : NULL;
}
