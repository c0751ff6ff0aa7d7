/* SPDX-License-Identifier: MIT */
/* Lines of CSV (RFC 4180). */
#pragma once
#include <glib.h>

/* One field and its comma. What a spreadsheet would take for a formula is quoted behind an
 * apostrophe. */
void few_csv_text (GString *csv, const char *text);
/* One field as RFC 4180 has it, then `end`: for programs, which read it back as it is. */
void few_csv_plain (GString *csv, const char *text, const char *end);
/* NAN: an empty field. */
void few_csv_number (GString *csv, double value);
/* The part of a picture as a column “box” has it: x, y, width and height, with blanks between them,
 * then `end`. */
void few_csv_box (GString *csv, const double box[4], const char *end);
/* The last comma becomes the end of the line. */
void few_csv_end (GString *csv);
