/* SPDX-License-Identifier: MIT */
/* One side of tests/bench/train.py: answers each line "EPOCHS" with the seconds that so many
 * epochs of 16-shot training take.
 *
 *     bench-train MODEL CLASSES [DEVICE] */
#include <fewshot.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { SHOTS = 16 };

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  const char *device = argc > 3 ? argv[3] : "cpu";
  g_autoptr (FewModel) model = argc > 2 ? few_model_open (argv[1], device, NULL, &error) : NULL;
  if (!model)
    {
      g_printerr ("%s\n", error ? error->message : "usage: bench-train MODEL CLASSES [DEVICE]");
      return 1;
    }
  guint k = (guint) atoi (argv[2]);
  guint n = SHOTS * k;
  guint d = few_model_dim (model);
  guint epochs;
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  g_autofree float *features = g_new (float, (gsize) n *d);
  g_autofree float *text = g_new (float, (gsize) k *d);
  g_autofree guint32 *labels = g_new (guint32, n);
  g_autofree guint8 *roles = g_new0 (guint8, n);
  g_autofree const char **names = g_new (const char *, k + 1);
  for (gsize i = 0; i < (gsize) k * d; i++)
    text[i] = (float) (g_rand_double_range (random, -1, 1) * sqrt (3.0 / d));
  for (guint i = 0; i < n; i++)
    {
      labels[i] = i / SHOTS;
      for (guint j = 0; j < d; j++)
        features[(gsize) i * d + j] =
            text[(gsize) labels[i] * d + j] * 10 + (float) g_rand_double_range (random, -1, 1);
    }
  for (guint i = 0; i < k; i++)
    names[i] = "a class";
  names[k] = NULL;
  while (scanf ("%u", &epochs) == 1)
    {
      FewTrainOptions options;
      few_train_options_init (&options);
      options.steps = options.folds = 0;
      options.epochs = epochs;
      const FewTask task = { .n = n,
                             .n_classes = k,
                             .features = features,
                             .labels = labels,
                             .roles = roles,
                             .text_features = text,
                             .class_names = names,
                             .template_text = "{}" };
      g_autoptr (FewTrainer) trainer = few_trainer_new (model, &options, &task, &error);
      if (!trainer)
        g_error ("%s", error->message);
      gint64 start = g_get_monotonic_time ();
      while (few_trainer_step (trainer))
        ;
      if (!few_trainer_check (trainer, &error)) /* a GPU is not done when it was told what to do */
        g_error ("%s", error->message);
      g_print ("%.4f\n", (double) (g_get_monotonic_time () - start) / 1e6);
      fflush (stdout);
    }
  return 0;
}
