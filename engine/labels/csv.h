/* SPDX-License-Identifier: MIT */
/* Fields of a CSV file (RFC 4180), a record at a time. Strict: a quote stands at the beginning of a
 * field and its partner at the end. */
#pragma once
#include <glib.h>

typedef struct
{
  const char *at, *end;
  const char *name; /* for sentences */
  char delimiter;
  guint line; /* of the record that was read last, from 1 */
  guint next_line;
} FewCsv;

void few_csv_begin (FewCsv *csv, const char *text, gsize length, char delimiter, const char *name);
/* The next record that is not empty into fields (char *, freed by the array). FALSE at the end, or
 * with an error. */
gboolean few_csv_next (FewCsv *csv, GPtrArray *fields, GError **error);
/* The delimiter: a comma, a tab, a semicolon or a bar, whichever parts the first records into the
 * same number of fields, the most of them; 0: none does. preferred: where several do as well.
 * lists: a cell may be one, with semicolons or bars, which part records where nothing else does. */
char few_csv_find_delimiter (const char *text, gsize length, char preferred, gboolean lists);
