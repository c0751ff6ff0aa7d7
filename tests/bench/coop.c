/* SPDX-License-Identifier: MIT */
/* One side of tests/bench/coop.py: answers each line "STEPS" with the seconds that so many steps
 * of CoOp take.
 *
 *     bench-coop MODEL CLASSES [SETTINGS, as csc=1, [DEVICE]] */
#include <fewshot.h>
#include <stdio.h>
#include <stdlib.h>

enum { BATCH = 32 };

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  const char *device = argc > 4 ? argv[4] : "cpu";
  g_autoptr (FewModel) model = argc > 2 ? few_model_open (argv[1], device, NULL, &error) : NULL;
  if (!model)
    {
      g_printerr ("%s\n",
                  error ? error->message : "usage: bench-coop MODEL CLASSES [SETTINGS [DEVICE]]");
      return 1;
    }
  guint k = (guint) atoi (argv[2]);
  guint n = MAX (BATCH, k);
  guint d = few_model_dim (model);
  guint steps;
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  g_autofree float *features = g_new (float, (gsize) n *d);
  g_autofree float *text = g_new (float, (gsize) k *d);
  g_autofree guint32 *labels = g_new (guint32, n);
  g_autofree guint8 *roles = g_new0 (guint8, n);
  g_autofree const char **names = g_new (const char *, k + 1);
  for (gsize i = 0; i < (gsize) n * d; i++)
    features[i] = (float) g_rand_double_range (random, -1, 1);
  for (gsize i = 0; i < (gsize) k * d; i++)
    text[i] = 1;
  for (guint i = 0; i < n; i++)
    labels[i] = i % k;
  for (guint i = 0; i < k; i++)
    /* four tokens with the full stop in a vocabulary of bytes: what a class name takes in the
     * real one */
    names[i] = "abc";
  names[k] = NULL;
  while (scanf ("%u", &steps) == 1)
    {
      FewMethodOptions options;
      g_autofree char *specification =
          g_strdup_printf ("coop:batch=%u,epochs=%u,lr=0.002%s%s", n, steps, argc > 3 ? "," : "",
                           argc > 3 ? argv[3] : "");
      if (!few_method_parse (specification, &options, &error))
        g_error ("%s", error->message);
      FewTask task = { .n = n,
                       .n_classes = k,
                       .features = features,
                       .labels = labels,
                       .roles = roles,
                       .text_features = text,
                       .class_names = names };
      g_autoptr (FewMethodResult) result =
          few_method_run (model, &task, &options, NULL, NULL, NULL, &error);
      if (!result)
        g_error ("%s", error->message);
      g_print ("%.4f\n", result->seconds);
      fflush (stdout);
    }
  return 0;
}
