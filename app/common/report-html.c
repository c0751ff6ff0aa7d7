/* SPDX-License-Identifier: MIT */
/* Escaped texts, rows, and plots as SVG. */
#include "common/report-html.h"

void
few_report_add_text (GString *page, const char *tag, const char *text)
{
  g_autofree char *escaped = g_markup_escape_text (text, -1);
  g_string_append_printf (page, "<%s>%s</%s>", tag, escaped, tag);
}

void
few_report_add_row (GString *page, const char *name, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *value = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_string_append (page, "<tr>");
  few_report_add_text (page, "th", name);
  few_report_add_text (page, "td", value);
  g_string_append (page, "</tr>\n");
}

void
few_report_add_number (GString *page, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  g_string_append (page, g_ascii_formatd (text, sizeof text, "%.2f", value));
}

void
few_report_begin_plot (GString *page, const char *label)
{
  g_autofree char *escaped = g_markup_escape_text (label, -1);
  g_string_append_printf (page,
                          "<svg role=\"img\" aria-label=\"%s\" viewBox=\"-4 -4 %d %d\">"
                          "<rect width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#8888\"/>",
                          escaped, FEW_REPORT_PLOT_WIDTH + 8, FEW_REPORT_PLOT_HEIGHT + 8,
                          FEW_REPORT_PLOT_WIDTH, FEW_REPORT_PLOT_HEIGHT);
}
