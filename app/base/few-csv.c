/* SPDX-License-Identifier: MIT */
/* Fields and lines of CSV, quoted so that no spreadsheet computes them. */
#include "base/few-csv.h"
#include <math.h>
#include <string.h>

void
few_csv_text (GString *csv, const char *text)
{
  gboolean formula = text[0] && strchr ("=+-@\t", text[0]);
  if (!formula && !strpbrk (text, ",\"\r\n"))
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
few_csv_number (GString *csv, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  if (isfinite (value))
    g_string_append (csv, g_ascii_formatd (text, sizeof text, "%.6f", value));
  g_string_append_c (csv, ',');
}

void
few_csv_end (GString *csv)
{
  g_string_truncate (csv, csv->len - 1);
  g_string_append (csv, "\r\n");
}
