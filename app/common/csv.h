/* SPDX-License-Identifier: MIT */
/* Lines of CSV (RFC 4180). */
#pragma once
#include <glib.h>

/* One field and its comma. What a spreadsheet would take for a formula is quoted behind an
 * apostrophe. */
void few_csv_text (GString *csv, const char *text);
/* NAN: an empty field. */
void few_csv_number (GString *csv, double value);
/* The last comma becomes the end of the line. */
void few_csv_end (GString *csv);
