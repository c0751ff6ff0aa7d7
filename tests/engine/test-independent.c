/* SPDX-License-Identifier: MIT */
/* Files of classifiers that tell each label by itself, of others and of hostile hands. */
#include "formats/safetensors.h"
#include <fewshot.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

typedef struct
{
  const char *what; /* that is wrong */
  const char *labels;
  float threshold;
  guint n_thresholds;
  gint32 positives;
  const char *per_label; /* NULL: none */
} Hostile;

static FewClassifier *
write_and_load (const Hostile *h, GError **error)
{
  const float matrix[] = { 1, 0, 0, 1 };
  const float row[] = { 0, 0 };
  const float thresholds[] = { h->threshold, .5f, .5f };
  const gint32 positives[] = { GINT32_TO_LE (h->positives), GINT32_TO_LE (3) };
  const float scale = 0;
  g_autofree char *folder = g_dir_make_tmp ("fewshot-several-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "c.safetensors", NULL);
  g_autoptr (FewSafetensorsWriter) writer = few_safetensors_writer_new ();
  const char *const texts[][2] = {
    { "format", "fewshot-classifier" }, { "format_version", "1" }, { "kind", "independent" },
    { "classes", "[\"a\",\"b\"]" },     { "labels", h->labels },   { "strength", "nan" },
    { "accuracy_pictures", "20" },      { "accuracy_of", "test" }, { "map", "7" },
    { "per_label", h->per_label },
  };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (texts[i][1])
      few_safetensors_writer_metadata (writer, texts[i][0], texts[i][1]);
  few_safetensors_writer_add (writer, "weight", FEW_DTYPE_F32, (gsize[]) { 2, 2 }, 2, matrix);
  few_safetensors_writer_add (writer, "text_features", FEW_DTYPE_F32, (gsize[]) { 2, 2 }, 2,
                              matrix);
  few_safetensors_writer_add (writer, "bias", FEW_DTYPE_F32, (gsize[]) { 2 }, 1, row);
  few_safetensors_writer_add (writer, "zero_scale", FEW_DTYPE_F32, NULL, 0, &scale);
  few_safetensors_writer_add (writer, "logit_scale", FEW_DTYPE_F32, NULL, 0, &scale);
  few_safetensors_writer_add (writer, "thresholds", FEW_DTYPE_F32, (gsize[]) { h->n_thresholds }, 1,
                              thresholds);
  few_safetensors_writer_add (writer, "positives", FEW_DTYPE_I32, (gsize[]) { 2 }, 1, positives);
  g_assert_true (few_safetensors_writer_save (writer, path, NULL));
  FewClassifier *classifier = few_classifier_load (path, error);
  g_remove (path);
  g_rmdir (folder);
  return classifier;
}

/* What a file tells of its labels is believed where it can be; no reason to refuse it. */
static void
check_told (void)
{
  static const struct
  {
    const char *per_label;
    gboolean told;
  } cases[] = {
    { "[{\"pictures\":3,\"said\":20,\"ap\":0.5},{\"pictures\":0,\"said\":0}]", TRUE },
    { NULL, FALSE },
    { "", FALSE },
    { "{}", FALSE },
    { "[1,2]", FALSE },
    { "[{\"pictures\":3,\"said\":1}]", FALSE },
    { "[{\"pictures\":21,\"said\":0},{\"pictures\":0,\"said\":0}]", FALSE },
    { "[{\"pictures\":-1,\"said\":0},{\"pictures\":0,\"said\":0}]", FALSE },
    { "[{\"pictures\":1,\"said\":0,\"ap\":1.5},{\"pictures\":0,\"said\":0}]", FALSE },
    { "[{\"pictures\":1,\"said\":0,\"ap\":\"x\"},{\"pictures\":0,\"said\":0}]", FALSE },
    { "[{\"pictures\":1,\"said\":0},{\"pictures\":0}]", FALSE },
    { "[[[[", FALSE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const Hostile file = { "", "any", .25f, 2, 4, cases[i].per_label };
      g_autoptr (GError) error = NULL;
      g_autoptr (FewClassifier) classifier = write_and_load (&file, &error);
      g_assert_no_error (error);
      const FewOrigin *origin = &few_classifier_info (classifier)->origin;
      g_assert_true ((origin->several != NULL) == cases[i].told);
      if (!cases[i].told)
        continue;
      g_assert_cmpuint (origin->several->labels[0].said, ==, 20);
      g_assert_cmpfloat (origin->several->labels[0].ap, ==, 0.5);
      g_assert_true (isnan (origin->several->labels[1].ap) && isnan (origin->several->map));
    }
}

static void
test_files (void)
{
  const Hostile good = { "", "any", .25f, 2, 4 };
  const Hostile hostile[] = {
    { "finite", "any", NAN, 2, 4 },
    { "probability", "any", 1.5f, 2, 4 },
    { "probability", "any", -.1f, 2, 4 },
    { "thresholds", "any", .5f, 3, 4 },
    { "probability", NULL, .5f, 2, 4 },
    { "probability", "one", .5f, 2, 4 },
    { "how many pictures", "any", .5f, 2, -1 },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (FewClassifier) classifier = write_and_load (&good, &error);
  g_assert_no_error (error);
  const FewClassifierInfo *info = few_classifier_info (classifier);
  float p[2];
  few_classifier_predict (classifier, (float[]) { 2, 0 }, 1, NULL, p);
  g_assert_cmpfloat_with_epsilon (p[0], 1 / (1 + exp (-1.0)), 1e-6);
  g_assert_cmpfloat_with_epsilon (p[1], 0.5, 1e-6);
  g_assert_cmpfloat (info->thresholds[0], ==, .25f);
  g_assert_cmpuint (info->positives[1], ==, 3);
  g_assert_cmpfloat (info->strength, ==, 0); /* not a number: nothing */
  for (guint i = 0; i < G_N_ELEMENTS (hostile); i++)
    {
      g_assert_null (write_and_load (&hostile[i], &error));
      g_assert_nonnull (strstr (error->message, hostile[i].what));
      g_clear_error (&error);
    }
  check_told ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/independent/files", test_files);
  return g_test_run ();
}
