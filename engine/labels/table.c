/* SPDX-License-Identifier: MIT */
/* Rows of a CSV file: which columns are what, and what each line says. */
#include "base/error.h"
#include "base/words.h"
#include "labels/csv.h"
#include "labels/rows.h"
#include <fewshot/picture.h>
#include <string.h>

typedef struct
{
  guint columns[FEW_LABEL_FIELDS]; /* n: there is none */
  guint n;
} Columns;

/* By their names. FALSE: this line has none. */
static gboolean
find_by_name (const GPtrArray *fields, Columns *columns)
{
  *columns = (Columns) { .n = fields->len };
  for (guint f = 0; f < FEW_LABEL_FIELDS; f++)
    {
      guint best = 0;
      columns->columns[f] = fields->len;
      for (guint i = 0; i < fields->len; i++)
        {
          guint rank = few_label_field_rank (fields->pdata[i], f);
          if (rank <= best)
            continue;
          best = rank;
          columns->columns[f] = i;
        }
    }
  return columns->columns[FEW_LABEL_PATH] < columns->n
         && columns->columns[FEW_LABEL_CLASS] < columns->n;
}

/* The only field that is called like a picture; n: there is none, or several. */
static guint
find_picture (const GPtrArray *fields)
{
  guint found = fields->len;
  for (guint i = 0; i < fields->len; i++)
    {
      if (!few_is_picture_name (fields->pdata[i]))
        continue;
      if (found < fields->len)
        return fields->len;
      found = i;
    }
  return found;
}

/* Of two columns the one with pictures, and the other. */
static gboolean
find_by_content (const GPtrArray *fields, Columns *columns)
{
  guint path = find_picture (fields);
  if (fields->len != 2 || path == fields->len)
    return FALSE;
  *columns = (Columns) { { path, 1 - path, 2 }, 2 };
  return TRUE;
}

static gboolean
add_record (FewLabelRows *rows, const Columns *columns, const GPtrArray *fields, guint line,
            GError **error)
{
  guint role_column = columns->columns[FEW_LABEL_ROLE];
  if (fields->len != columns->n)
    {
      few_label_rows_leave_out (rows, g_strdup_printf (_ ("Line %u of %s has %u fields where the "
                                                          "first has %u, and is left out."),
                                                       line, rows->name, fields->len, columns->n));
      return TRUE;
    }
  FewLabelRow row = { .path = fields->pdata[columns->columns[FEW_LABEL_PATH]],
                      .class = fields->pdata[columns->columns[FEW_LABEL_CLASS]],
                      .number = -1,
                      .line = line };
  if (role_column < columns->n && !few_label_role_parse (fields->pdata[role_column], &row.role))
    {
      few_label_rows_leave_out (
          rows, g_strdup_printf (_ ("Line %u of %s is for “%.40s”, which is "
                                    "neither training, validation nor testing, and is left out."),
                                 line, rows->name, (const char *) fields->pdata[role_column]));
      return TRUE;
    }
  rows->has_roles |= role_column < columns->n;
  return few_label_rows_add (rows, &row, error);
}

/* A first line that names columns; else the first that holds a picture says which they are. */
static gboolean
find_columns (FewCsv *csv, Columns *columns, gboolean *holds_row, GPtrArray *fields, GError **error)
{
  if (!few_csv_next (csv, fields, error))
    return FALSE;
  *holds_row = !find_by_name (fields, columns);
  if (!*holds_row || find_by_content (fields, columns))
    return TRUE;
  if (!few_csv_next (csv, fields, error))
    return FALSE;
  return find_by_content (fields, columns);
}

gboolean
few_labels_read_csv (FewLabelRows *rows, const char *text, gsize length, gboolean tabs,
                     GError **error)
{
  FewCsv csv;
  Columns columns = { .n = 0 };
  gboolean holds_row = FALSE;
  g_autoptr (GError) local = NULL;
  g_autoptr (GPtrArray) fields = g_ptr_array_new_with_free_func (g_free);
  char delimiter = few_csv_find_delimiter (text, length, tabs ? '\t' : ',');
  few_csv_begin (&csv, text, length, delimiter ? delimiter : ',', rows->name);
  gboolean found = find_columns (&csv, &columns, &holds_row, fields, &local);
  if (!found && !local)
    few_fail (&local, FORMAT,
              "%s does not say which column is the picture and which the class: call them “path” "
              "and “label” in its first line.",
              rows->name);
  if (found && holds_row)
    add_record (rows, &columns, fields, csv.line, &local);
  while (!local && few_csv_next (&csv, fields, &local))
    if (!add_record (rows, &columns, fields, csv.line, &local))
      break;
  if (!local)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}
