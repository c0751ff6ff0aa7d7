/* SPDX-License-Identifier: MIT */
/* When a classifier was made, of how many pictures, and what it was measured to be worth. */
#include "adapt/origin.h"
#include "adapt/classifier.h"
#include <math.h>

enum { MOST_PICTURES = G_MAXINT };

char *
few_origin_now (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  return g_date_time_format (now, "%Y-%m-%dT%H:%M:%SZ");
}

char **
few_classifier_prompts (const char *const *prompts, guint n)
{
  gboolean any = FALSE;
  for (guint i = 0; prompts && i < n; i++)
    any = any || (prompts[i] && *prompts[i]);
  if (!any)
    return NULL;
  char **own = g_new0 (char *, n + 1);
  for (guint i = 0; i < n; i++)
    own[i] = g_strdup (prompts[i] ? prompts[i] : "");
  return own;
}

static void
put_text (FewSafetensorsWriter *writer, const char *key, const char *text)
{
  if (text && *text)
    few_safetensors_writer_metadata (writer, key, text);
}

static void
put_count (FewSafetensorsWriter *writer, const char *key, guint n)
{
  g_autofree char *text = g_strdup_printf ("%u", n);
  few_safetensors_writer_metadata (writer, key, text);
}

void
few_origin_write (const FewOrigin *origin, gboolean measured, FewSafetensorsWriter *writer)
{
  put_text (writer, "made", origin->made);
  g_autofree char *parents =
      origin->parents
          ? few_classifier_strings_json (origin->parents, g_strv_length ((char **) origin->parents))
          : NULL;
  put_text (writer, "parents", parents);
  if (!measured)
    return;
  put_text (writer, "fewshot_version", origin->version);
  put_text (writer, "trained", origin->trained);
  if (origin->n_train + origin->n_validation + origin->n_test > 0)
    {
      put_count (writer, "pictures_train", origin->n_train);
      put_count (writer, "pictures_validation", origin->n_validation);
      put_count (writer, "pictures_test", origin->n_test);
    }
  if (origin->n_measured == 0)
    return;
  few_origin_put_share (writer, "accuracy", origin->accuracy);
  few_origin_put_share (writer, "zero_shot_accuracy", origin->zero_shot_accuracy);
  put_count (writer, "accuracy_pictures", origin->n_measured);
  put_text (writer, "accuracy_of", origin->measured);
  if (origin->several)
    few_origin_write_several (origin, writer);
}

static guint
read_count (const FewSafetensors *file, const char *key)
{
  const char *text = few_safetensors_metadata (file, key);
  guint64 n = 0;
  gboolean ok = text && g_ascii_string_to_unsigned (text, 10, 0, MOST_PICTURES, &n, NULL);
  return ok ? (guint) n : 0;
}

void
few_origin_read (const FewSafetensors *file, FewOrigin *origin)
{
  *origin = (FewOrigin) { .version = few_safetensors_metadata (file, "fewshot_version"),
                          .trained = few_safetensors_metadata (file, "trained"),
                          .made = few_safetensors_metadata (file, "made"),
                          .n_train = read_count (file, "pictures_train"),
                          .n_validation = read_count (file, "pictures_validation"),
                          .n_test = read_count (file, "pictures_test"),
                          .accuracy = few_origin_read_share (file, "accuracy"),
                          .zero_shot_accuracy = few_origin_read_share (file, "zero_shot_accuracy"),
                          .n_measured = read_count (file, "accuracy_pictures"),
                          .measured = few_safetensors_metadata (file, "accuracy_of"),
                          .zero_shot_map = few_origin_read_share (file, "zero_shot_map") };
}
