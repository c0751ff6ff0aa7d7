/* SPDX-License-Identifier: MIT */
/* The dumps of PyTorch in tests/data/golden, and what most tests of the engine open. */
#include "golden.h"
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

char *
golden_path (const char *name)
{
  return g_build_filename (TEST_DATA, "golden", name, NULL);
}

FewSafetensors *
golden_open (const char *name)
{
  g_autofree char *path = golden_path (name);
  g_autoptr (GError) error = NULL;
  FewSafetensors *file = few_safetensors_open (path, &error);
  g_assert_no_error (error);
  return file;
}

float *
golden_floats (const FewSafetensors *file, const char *name, gsize n)
{
  const FewTensor *tensor = few_safetensors_find (file, name);
  if (!tensor || tensor->n_elements != n)
    g_error ("%s: tensor %s is missing or has another size", few_safetensors_path (file), name);
  float *out = g_new (float, n);
  g_assert_true (few_tensor_to_f32 (tensor, out, 0, n, NULL));
  return out;
}

gint32 *
golden_ints (const FewSafetensors *file, const char *name, gsize n)
{
  const FewTensor *tensor = few_safetensors_find (file, name);
  g_assert_nonnull (tensor);
  g_assert_cmpint (tensor->dtype, ==, FEW_DTYPE_I32);
  g_assert_cmpuint (tensor->n_elements, ==, n);
  gint32 *out = g_new (gint32, n);
  g_assert_true (few_tensor_read (tensor, out, 0, n * sizeof *out, NULL));
  return out;
}

double
golden_distance (const float *a, const float *b, gsize n)
{
  double worst = 0;
  for (gsize i = 0; i < n; i++)
    {
      double distance = fabs ((double) a[i] - b[i]) / (1 + fabs ((double) b[i]));
      if (!(distance <= worst)) /* NaN counts as worse */
        worst = distance;
    }
  return worst;
}

void
golden_normalise (float *rows, gsize n, gsize d)
{
  for (gsize i = 0; i < n; i++, rows += d)
    {
      double sum = 0;
      for (gsize j = 0; j < d; j++)
        sum += (double) rows[j] * rows[j];
      for (gsize j = 0; j < d; j++)
        rows[j] = (float) (rows[j] / sqrt (sum));
    }
}

FewModel *
golden_model (const char *kind, const char *device)
{
  g_autofree char *path = golden_path (kind);
  g_autoptr (GError) error = NULL;
  FewModel *model = few_model_open (path, device, NULL, &error);
  g_assert_no_error (error);
  return model;
}

char *
scratch_folder (const char *name)
{
  g_autofree char *template = g_strdup_printf ("fewshot-%s-XXXXXX", name);
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp (template, &error);
  g_assert_no_error (error);
  return folder;
}

void
assert_says (GError **error, const char *word, ...)
{
  va_list words;
  g_assert_nonnull (*error);
  va_start (words, word);
  for (; word; word = va_arg (words, const char *))
    if (!strstr ((*error)->message, word))
      g_error ("“%s” is not in “%s”", word, (*error)->message);
  va_end (words);
  g_test_message ("%s", (*error)->message);
  g_clear_error (error);
}
