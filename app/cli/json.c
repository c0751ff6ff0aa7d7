/* SPDX-License-Identifier: MIT */
/* Members of the JSON that commands print. */
#include "cli/cli.h"
#include <math.h>

JsonBuilder *
cli_json_begin (void)
{
  JsonBuilder *builder = json_builder_new ();
  json_builder_begin_object (builder);
  return builder;
}

void
cli_json_array (JsonBuilder *builder, const char *name)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
}

void
cli_json_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  g_autofree char *valid = g_utf8_make_valid (value, -1); /* a path may be anything */
  json_builder_add_string_value (builder, valid);
}

void
cli_json_int (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

void
cli_json_number (JsonBuilder *builder, const char *name, double value)
{
  json_builder_set_member_name (builder, name);
  if (isfinite (value))
    json_builder_add_double_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

void
cli_json_place (JsonBuilder *builder, const char *address)
{
  FewCrop crop;
  double box[4];
  g_autofree char *path = few_address_split (address, &crop);
  g_autofree char *shown = g_filename_display_name (path);
  cli_json_string (builder, "path", shown);
  if (few_crop_is_whole (&crop))
    return;
  few_crop_box (&crop, box);
  cli_json_array (builder, "box");
  for (guint i = 0; i < G_N_ELEMENTS (box); i++)
    json_builder_add_double_value (builder, box[i]);
  json_builder_end_array (builder);
}

void
cli_json_address (JsonBuilder *builder, const char *address)
{
  if (few_address_has_crop (address))
    {
      json_builder_begin_object (builder);
      cli_json_place (builder, address);
      json_builder_end_object (builder);
      return;
    }
  g_autofree char *shown = g_filename_display_name (address);
  json_builder_add_string_value (builder, shown);
}
