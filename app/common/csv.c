/* SPDX-License-Identifier: MIT */
/* Fields and lines of CSV, for people quoted so that no spreadsheet computes them. */
#include "common/csv.h"
#include <math.h>
#include <string.h>

void
few_csv_text (GString *csv, const char *text)
{
  /* a table program takes one of these for the beginning of a formula, and drops blanks and control
   * characters before it looks */
  static const char *const signs[] = { "=", "+", "-", "@", "＝", "＋", "－", "＠" };
  const char *begin = text;
  while (*begin && (guchar) *begin <= ' ')
    begin++;
  gboolean formula = text[0] && strchr ("\t\r\n", text[0]);
  for (guint i = 0; i < G_N_ELEMENTS (signs); i++)
    formula |= g_str_has_prefix (begin, signs[i]);
  /* in half of the world's locales the separator is a semicolon */
  if (!formula && !strpbrk (text, ",;\"\t\r\n"))
    {
      g_string_append_printf (csv, "%s,", text);
      return;
    }
  g_string_append (csv, formula ? "\"'" : "\"");
  for (const char *p = text; *p; p++)
    {
      if (*p == '"')
        g_string_append_c (csv, '"');
      g_string_append_c (csv, *p);
    }
  g_string_append (csv, "\",");
}

void
few_csv_plain (GString *csv, const char *text, const char *end)
{
  if (!strpbrk (text, ",\"\r\n"))
    {
      g_string_append_printf (csv, "%s%s", text, end);
      return;
    }
  g_string_append_c (csv, '"');
  for (const char *p = text; *p; p++)
    g_string_append_printf (csv, *p == '"' ? "%c\"" : "%c", *p);
  g_string_append_printf (csv, "\"%s", end);
}

void
few_csv_number (GString *csv, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  if (isfinite (value))
    g_string_append (csv, g_ascii_formatd (text, sizeof text, "%.6f", value));
  g_string_append_c (csv, ',');
}

void
few_csv_box (GString *csv, const double box[4], const char *end)
{
  for (guint i = 0; i < 4; i++)
    {
      char number[G_ASCII_DTOSTR_BUF_SIZE];
      g_string_append_printf (csv, "%s%s", i ? " " : "",
                              g_ascii_formatd (number, sizeof number, "%.6g", box[i]));
    }
  g_string_append (csv, end);
}

void
few_csv_end (GString *csv)
{
  g_string_truncate (csv, csv->len - 1);
  g_string_append (csv, "\r\n");
}
