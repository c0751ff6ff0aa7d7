/* SPDX-License-Identifier: MIT */
/* Reads the small adapter that tests train. */
#include "adapter-fixture.h"
#include <string.h>

const char *const fixture_classes[K + 1] = { "ant", "bee", "두꺼비", "d\"quoted\"", "e_e", NULL };

void
fixture_init (Fixture *x, gboolean relu)
{
  const char *device = g_getenv ("TEST_DEVICES"); /* one, here */
  x->model = golden_model ("vit", device ? device : "cpu");
  x->dump = golden_open ("adapter.safetensors");
  x->features = golden_floats (x->dump, "features", N * D);
  x->text = golden_floats (x->dump, "text_features", K * D);
  g_autofree gint32 *labels = golden_ints (x->dump, "labels", N);
  g_autofree char *name1 = g_strdup_printf ("relu%d.w1", relu);
  g_autofree char *name2 = g_strdup_printf ("relu%d.w2", relu);
  g_autofree float *w1 = golden_floats (x->dump, name1, HALF);
  g_autofree float *w2 = golden_floats (x->dump, name2, HALF);
  memcpy (x->weights, w1, sizeof (float) * HALF);
  memcpy (x->weights + HALF, w2, sizeof (float) * HALF);
  for (guint i = 0; i < N; i++)
    {
      x->labels[i] = (guint32) labels[i];
      if (i < 32)
        x->roles[i] = FEW_ROLE_TRAIN;
      else
        x->roles[i] = i < 42 ? FEW_ROLE_VALIDATION : FEW_ROLE_TEST;
    }
  few_train_options_init (&x->options);
  x->options.hidden = H;
  x->options.alpha = 0.6;
  x->options.final_relu = relu;
  x->options.cosine = FALSE;
}

void
fixture_clear (Fixture *x)
{
  few_model_unref (x->model);
  few_safetensors_free (x->dump);
  g_free (x->features);
  g_free (x->text);
}

FewTask
fixture_task (const Fixture *x)
{
  return (FewTask) { .n = N,
                     .n_classes = K,
                     .features = x->features,
                     .labels = x->labels,
                     .roles = x->roles,
                     .text_features = x->text,
                     .class_names = fixture_classes,
                     .template_text = "a photo of a {}." };
}

FewTrainer *
fixture_trainer (Fixture *x)
{
  g_autoptr (GError) error = NULL;
  const FewTask task = fixture_task (x);
  FewTrainer *trainer = few_trainer_new (x->model, &x->options, &task, &error);
  g_assert_no_error (error);
  return trainer;
}
