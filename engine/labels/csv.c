/* SPDX-License-Identifier: MIT */
/* RFC 4180, and any of its line ends. */
#include "labels/csv.h"
#include "base/error.h"
#include <string.h>

enum { MOST_FIELDS = 4096, LONGEST_FIELD = 1 << 16, LOOKED_AT = 20 };

void
few_csv_begin (FewCsv *csv, const char *text, gsize length, char delimiter, const char *name)
{
  *csv = (FewCsv) { text, text + length, name, delimiter, 0, 1 };
}

static gboolean
is_line_end (char c)
{
  return c == '\n' || c == '\r';
}

/* What stands in quotes, from behind the first to behind the last. */
static gboolean
read_quoted (FewCsv *csv, GString *field, GError **error)
{
  while (csv->at < csv->end && field->len <= LONGEST_FIELD)
    {
      char c = *csv->at++;
      if (c == '\n')
        csv->next_line++;
      if (c != '"')
        g_string_append_c (field, c);
      else if (csv->at < csv->end && *csv->at == '"')
        g_string_append_c (field, *csv->at++);
      else if (csv->at == csv->end || *csv->at == csv->delimiter || is_line_end (*csv->at))
        return TRUE;
      else
        {
          few_fail (error, FORMAT,
                    "%s, line %u: something stands behind the quote that closes a field.",
                    csv->name, csv->line);
          return FALSE;
        }
    }
  if (field->len > LONGEST_FIELD)
    return TRUE;
  few_fail (error, FORMAT, "%s, line %u: a quote is opened and never closed.", csv->name,
            csv->line);
  return FALSE;
}

static gboolean
read_plain (FewCsv *csv, GString *field, GError **error)
{
  while (csv->at < csv->end && *csv->at != csv->delimiter && !is_line_end (*csv->at)
         && field->len <= LONGEST_FIELD)
    {
      if (*csv->at == '"')
        {
          few_fail (error, FORMAT,
                    "%s, line %u: a quote stands in the middle of a field. A field with quotes in "
                    "it is quoted itself, and its quotes are doubled.",
                    csv->name, csv->line);
          return FALSE;
        }
      g_string_append_c (field, *csv->at++);
    }
  return TRUE;
}

static gboolean
read_field (FewCsv *csv, GPtrArray *fields, GError **error)
{
  g_autoptr (GString) field = g_string_new (NULL);
  gboolean quoted = csv->at < csv->end && *csv->at == '"';
  csv->at += quoted;
  if (!(quoted ? read_quoted (csv, field, error) : read_plain (csv, field, error)))
    return FALSE;
  if (field->len > LONGEST_FIELD || fields->len >= MOST_FIELDS)
    {
      few_fail (error, FORMAT, "%s, line %u: it has too many fields, or one that is too long.",
                csv->name, csv->line);
      return FALSE;
    }
  g_ptr_array_add (fields, g_string_free (g_steal_pointer (&field), FALSE));
  return TRUE;
}

/* "\n", "\r\n" or "\r" */
static void
end_line (FewCsv *csv)
{
  if (csv->at < csv->end && *csv->at == '\r')
    csv->at++;
  if (csv->at < csv->end && *csv->at == '\n')
    csv->at++;
  csv->next_line++;
}

gboolean
few_csv_next (FewCsv *csv, GPtrArray *fields, GError **error)
{
  g_ptr_array_set_size (fields, 0);
  while (csv->at < csv->end && is_line_end (*csv->at))
    end_line (csv);
  if (csv->at == csv->end)
    return FALSE;
  csv->line = csv->next_line;
  gboolean more = TRUE;
  while (more)
    {
      if (!read_field (csv, fields, error))
        return FALSE;
      more = csv->at < csv->end && *csv->at == csv->delimiter;
      csv->at += more;
    }
  if (csv->at < csv->end)
    end_line (csv);
  return TRUE;
}

/* In how many fields each of the first records is parted; 0: not all in as many. */
static guint
count_fields (const char *text, gsize length, char delimiter)
{
  FewCsv csv;
  g_autoptr (GPtrArray) fields = g_ptr_array_new_with_free_func (g_free);
  guint n = 0;
  few_csv_begin (&csv, text, length, delimiter, "");
  for (guint i = 0; i < LOOKED_AT; i++)
    {
      g_autoptr (GError) error = NULL;
      if (!few_csv_next (&csv, fields, &error))
        return error ? 0 : n;
      if (n > 0 && fields->len != n)
        return 0;
      n = fields->len;
    }
  return n;
}

char
few_csv_find_delimiter (const char *text, gsize length, char preferred, gboolean lists)
{
  const char candidates[] = { preferred, ',', '\t', ';', '|' };
  guint most = 1;
  char found = 0;
  for (guint i = 0; i < G_N_ELEMENTS (candidates); i++)
    {
      gboolean of_lists = candidates[i] == ';' || candidates[i] == '|';
      if (lists && of_lists && found)
        break;
      guint n = count_fields (text, length, candidates[i]);
      if (n <= most)
        continue;
      most = n;
      found = candidates[i];
    }
  return found;
}
