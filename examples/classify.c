/* SPDX-License-Identifier: MIT */
/* Classifies pictures with a classifier that Fewshot exported:
 *
 *   cc classify.c $(pkg-config --cflags --libs fewshot) -o classify
 *   ./classify MODEL CLASSIFIER.safetensors PICTURE…
 */
#include <fewshot.h>

static gboolean
classify (FewModel *model, FewClassifier *classifier, const char *path, GError **error)
{
  const FewClassifierInfo *info = few_classifier_info (classifier);
  g_autofree float *feature = g_new (float, few_classifier_length (classifier));
  g_autofree float *probabilities = g_new (float, info->n_classes);
  if (!few_classifier_encode_file (classifier, model, path, feature, NULL, error))
    return FALSE;
  few_classifier_predict (classifier, feature, info->alpha, NULL, probabilities);
  guint best = 0;
  for (guint i = 1; i < info->n_classes; i++)
    best = probabilities[i] > probabilities[best] ? i : best;
  g_print ("%s\t%s\t%.6f\n", path, info->classes[best], probabilities[best]);
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  if (argc < 4)
    g_error ("Usage: classify MODEL CLASSIFIER PICTURE…");
  g_autoptr (FewModel) model = few_model_open (argv[1], NULL, NULL, &error);
  g_autoptr (FewClassifier) classifier = model ? few_classifier_load (argv[2], &error) : NULL;
  for (int i = 3; classifier && !error && i < argc; i++)
    classify (model, classifier, argv[i], &error);
  if (error)
    g_printerr ("%s\n", error->message);
  return error ? 1 : 0;
}
