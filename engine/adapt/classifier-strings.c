/* SPDX-License-Identifier: MIT */
/* Names as a value of a classifier file's metadata, which are texts. */
#include "adapt/classifier.h"
#include <json-glib/json-glib.h>

char *
few_classifier_strings_json (const char *const *strings, guint n)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_array (builder);
  for (guint i = 0; i < n; i++)
    json_builder_add_string_value (builder, strings[i]);
  json_builder_end_array (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  json_generator_set_root (generator, root);
  return json_generator_to_data (generator, NULL);
}

char *
few_classifier_thresholds_json (const FewClassifierInfo *info)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  GString *json = g_string_new ("[");
  for (guint i = 0; i < info->n_classes; i++)
    g_string_append_printf (
        json, "%s%s", i ? "," : "",
        g_ascii_formatd (number, sizeof number, "%.9g", (double) info->thresholds[i]));
  g_string_append_c (json, ']');
  return g_string_free (json, FALSE);
}
