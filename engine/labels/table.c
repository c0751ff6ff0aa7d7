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
  char **flags; /* [n] of a file with a column a class: their names; NULL: it is not that */
} Columns;

static void
columns_clear (Columns *columns)
{
  g_clear_pointer (&columns->flags, g_strfreev);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Columns, columns_clear)

/* Of rows of any number: a column of several classes in one, or else one of 0 and 1 for each. */
static void
find_several (const GPtrArray *fields, Columns *columns)
{
  guint n = columns->n;
  for (guint i = 0; i < n && columns->columns[FEW_LABEL_CLASS] == n; i++)
    if (few_label_is_plural (fields->pdata[i]))
      columns->columns[FEW_LABEL_CLASS] = i;
  if (columns->columns[FEW_LABEL_PATH] == n || columns->columns[FEW_LABEL_CLASS] < n || n < 2)
    return;
  columns->flags = g_new0 (char *, n + 1);
  for (guint i = 0; i < n; i++)
    columns->flags[i] = g_strstrip (g_strdup (fields->pdata[i]));
}

/* By their names. FALSE: this line has none. */
static gboolean
find_by_name (const GPtrArray *fields, gboolean any, Columns *columns)
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
  if (any)
    find_several (fields, columns);
  return columns->columns[FEW_LABEL_PATH] < columns->n
         && (columns->columns[FEW_LABEL_CLASS] < columns->n || columns->flags);
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
  *columns = (Columns) { { path, 1 - path, 2, 2 }, 2, NULL };
  return TRUE;
}

/* 1: it has the class; 0: not; −1: it is neither. */
static int
read_flag (const char *cell)
{
  static const char *const yes[] = { "1", "1.0", "true", "yes", "x", NULL };
  static const char *const no[] = { "", "0", "0.0", "false", "no", NULL };
  g_autofree char *word = g_ascii_strdown (cell, -1);
  g_strstrip (word);
  if (g_strv_contains (yes, word))
    return 1;
  return g_strv_contains (no, word) ? 0 : -1;
}

/* The columns that hold a 1; NULL with an error where one holds something else. */
static char **
read_flags (const FewLabelRows *rows, const Columns *columns, const GPtrArray *fields, guint line,
            GError **error)
{
  g_auto (GStrv) classes = g_new0 (char *, columns->n + 1);
  guint n = 0;
  for (guint i = 0; i < columns->n; i++)
    {
      if (i == columns->columns[FEW_LABEL_PATH] || i == columns->columns[FEW_LABEL_ROLE])
        continue;
      int flag = read_flag (fields->pdata[i]);
      if (i == columns->columns[FEW_LABEL_BOX] && flag < 0)
        continue;
      if (flag < 0)
        {
          few_fail (error, FORMAT,
                    "%s, line %u: “%.40s” stands in the column “%.40s”, where 0 or 1 is wanted. "
                    "A column of classes is to be called “label” or “labels”.",
                    rows->name, line, (const char *) fields->pdata[i], columns->flags[i]);
          return NULL;
        }
      if (flag)
        classes[n++] = g_strdup (columns->flags[i]);
    }
  return g_steal_pointer (&classes);
}

/* What the row is for, and of which part. FALSE: it is left out. */
static gboolean
read_rest (FewLabelRows *rows, const Columns *columns, const GPtrArray *fields, FewLabelRow *row)
{
  guint role = columns->columns[FEW_LABEL_ROLE];
  guint box = columns->columns[FEW_LABEL_BOX];
  if (role < columns->n && !few_label_role_parse (fields->pdata[role], &row->role))
    {
      few_label_rows_leave_out (
          rows, g_strdup_printf (_ ("Line %u of %s is for “%.40s”, which is "
                                    "neither training, validation nor testing, and is left out."),
                                 row->line, rows->name, (const char *) fields->pdata[role]));
      return FALSE;
    }
  /* a class may be called so, too: a flag is no box */
  gboolean flag = box < columns->n && columns->flags && read_flag (fields->pdata[box]) >= 0;
  if (box < columns->n && !flag && !few_label_box_parse (fields->pdata[box], &row->crop))
    {
      few_label_rows_leave_out (
          rows, g_strdup_printf (_ ("Line %u of %s has the box “%.80s”, which is not x, y, width "
                                    "and height inside the picture as shares of its sides, 0 to "
                                    "1, and is left out."),
                                 row->line, rows->name, (const char *) fields->pdata[box]));
      return FALSE;
    }
  return TRUE;
}

static gboolean
add_record (FewLabelRows *rows, const Columns *columns, const GPtrArray *fields, guint line,
            GError **error)
{
  if (fields->len != columns->n)
    {
      few_label_rows_leave_out (rows, g_strdup_printf (_ ("Line %u of %s has %u fields where the "
                                                          "first has %u, and is left out."),
                                                       line, rows->name, fields->len, columns->n));
      return TRUE;
    }
  g_auto (GStrv) flagged = columns->flags ? read_flags (rows, columns, fields, line, error) : NULL;
  if (columns->flags && !flagged)
    return FALSE;
  FewLabelRow row = { .path = fields->pdata[columns->columns[FEW_LABEL_PATH]],
                      .class = flagged ? NULL : fields->pdata[columns->columns[FEW_LABEL_CLASS]],
                      .classes = flagged,
                      .number = -1,
                      .line = line };
  if (!read_rest (rows, columns, fields, &row))
    return TRUE;
  rows->has_roles |= columns->columns[FEW_LABEL_ROLE] < columns->n;
  return few_label_rows_add (rows, &row, error);
}

/* A first line that names columns; else the first that holds a picture says which they are. */
static gboolean
find_columns (FewCsv *csv, gboolean any, Columns *columns, gboolean *holds_row, GPtrArray *fields,
              GError **error)
{
  if (!few_csv_next (csv, fields, error))
    return FALSE;
  *holds_row = !find_by_name (fields, any, columns);
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
  g_auto (Columns) columns = { .n = 0 };
  gboolean holds_row = FALSE;
  g_autoptr (GError) local = NULL;
  g_autoptr (GPtrArray) fields = g_ptr_array_new_with_free_func (g_free);
  char delimiter = few_csv_find_delimiter (text, length, tabs ? '\t' : ',', rows->any);
  few_csv_begin (&csv, text, length, delimiter ? delimiter : ',', rows->name);
  gboolean found = find_columns (&csv, rows->any, &columns, &holds_row, fields, &local);
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
