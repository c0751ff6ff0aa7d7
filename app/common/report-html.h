/* SPDX-License-Identifier: MIT */
/* Pieces of a report's page. Any thread. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS
enum { FEW_REPORT_PLOT_WIDTH = 640, FEW_REPORT_PLOT_HEIGHT = 200 };

void few_report_add_text (GString *page, const char *tag, const char *text);
/* A row of a table with a name and a value. */
void few_report_add_row (GString *page, const char *name, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
/* Numbers as CSS and SVG want them, whatever the language. */
void few_report_add_number (GString *page, double value);
/* To be closed with "</svg>". */
void few_report_begin_plot (GString *page, const char *label);
G_END_DECLS
