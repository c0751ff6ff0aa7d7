/* SPDX-License-Identifier: MIT */
/* See label-table.h. */
#include "cli/label-table.h"
#include "common/csv.h"
#include <string.h>

void
cli_label_table_begin (CliLabelTable *table)
{
  g_autofree char *whole = g_canonicalize_filename (table->output, NULL);
  table->folder = g_path_get_dirname (whole);
  table->text = g_string_new (table->several ? "path,labels" : "path,label");
  g_string_append (table->text, table->roles ? ",split" : "");
  g_string_append (table->text, table->boxes ? ",box\r\n" : "\r\n");
}

void
cli_label_table_clear (CliLabelTable *table)
{
  g_free (table->folder);
  if (table->text)
    g_string_free (table->text, TRUE);
}

gboolean
cli_label_table_add (CliLabelTable *table, const char *address, const char *labels,
                     const char *role, GError **error)
{
  gsize length = g_str_equal (table->folder, "/") ? 0 : strlen (table->folder);
  FewCrop crop;
  double box[4];
  g_autofree char *file = few_address_split (address, &crop);
  g_autofree char *path = g_canonicalize_filename (file, NULL);
  if (strncmp (path, table->folder, length) != 0 || path[length] != '/'
      || !g_utf8_validate (path, -1, NULL))
    {
      g_autofree char *shown = few_text_shown (path);
      g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT,
                   "%s cannot be named in that file: what it names lies below its own folder, in "
                   "UTF-8. Write it beside the pictures.",
                   shown);
      return FALSE;
    }
  few_csv_plain (table->text, path + length + 1, ",");
  few_csv_plain (table->text, labels, table->roles ? "," : "");
  if (table->roles)
    few_csv_plain (table->text, role, "");
  few_crop_box (&crop, box);
  if (table->boxes)
    {
      g_string_append_c (table->text, ',');
      few_csv_box (table->text, box, "");
    }
  g_string_append (table->text, "\r\n");
  return TRUE;
}

gboolean
cli_label_table_write (const CliLabelTable *table, GError **error)
{
  return few_file_write (table->output, table->text->str, table->text->len, error);
}
