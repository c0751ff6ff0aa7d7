/* SPDX-License-Identifier: MIT */
/* Any bytes as an adapter: what opens predicts, can be saved and opened again, also as ONNX, and is
 * merged with itself or refused with a sentence. */
#include "fuzz.h"
#include <fewshot/merge.h>
#include <glib/gstdio.h>

static void
merge (FewClassifier *classifier)
{
  FewClassifier *const parts[] = { classifier, classifier };
  FewMergeOptions options;
  few_merge_options_init (&options);
  options.join = TRUE;
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (FewClassifier) whole =
          few_classifier_merge (parts, 2, &options, NULL, NULL, &error);
      g_assert_true ((whole == NULL) == (error != NULL));
      options.as_gda = TRUE;
    }
}

static void
use (const FewClassifier *classifier, const char *folder)
{
  const FewClassifierInfo *info = few_classifier_info (classifier);
  g_autofree float *feature = g_new0 (float, info->dim);
  g_autofree float *cosines = g_new0 (float, info->n_classes);
  g_autofree float *probabilities = g_new0 (float, info->n_classes);
  g_autofree char *again = g_build_filename (folder, "again.safetensors", NULL);
  g_autofree char *onnx = g_build_filename (folder, "again.onnx", NULL);
  g_autoptr (GError) error = NULL;
  for (guint i = 0; i < info->dim; i++)
    feature[i] = (float) i;
  few_classifier_predict (classifier, feature, 0.5, cosines, probabilities);
  few_classifier_save (classifier, 0.5, again, &error);
  g_assert_no_error (error);
  g_autoptr (FewClassifier) second = few_classifier_load (again, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (few_classifier_info (second)->n_classes, ==, info->n_classes);
  few_classifier_save_onnx (classifier, 0.5, onnx, &error);
  g_assert_no_error (error);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static char *folder;
  if (!folder)
    folder = g_dir_make_tmp ("fewshot-fuzz-XXXXXX", NULL);
  int fd;
  g_autofree char *path = fuzz_file (data, size, &fd);
  g_autoptr (GError) error = NULL;
  g_autoptr (FewClassifier) classifier = path ? few_classifier_load (path, &error) : NULL;
  g_assert_true (!path || (classifier == NULL) == (error != NULL));
  if (classifier)
    {
      use (classifier, folder);
      merge (classifier);
    }
  close (fd);
  return 0;
}
