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
