/* SPDX-License-Identifier: MIT */
/* The rows of `bench` on disk while it runs, and the tables that come of them. */
#include "cli/bench-table.h"
#include "common/csv.h"
#include "cli/literature.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

struct BenchTable
{
  char *output, *partial;
  GArray *rows; /* BenchRow */
  int fd;       /* of the partial file */
};

static void
row_clear (gpointer data)
{
  BenchRow *row = data;
  g_free (row->method);
  g_free (row->chosen);
  g_free (row->error);
}

void
bench_table_free (BenchTable *table)
{
  if (table->fd >= 0)
    close (table->fd);
  g_array_unref (table->rows);
  g_free (table->output);
  g_free (table->partial);
  g_free (table);
}

/* ---- one row as JSON */

static void
build_row (JsonBuilder *builder, const BenchRow *row)
{
  json_builder_begin_object (builder);
  cli_json_string (builder, "method", row->method);
  cli_json_int (builder, "shots", row->shots);
  cli_json_int (builder, "seed", row->seed);
  cli_json_number (builder, "test", row->test.accuracy);
  cli_json_number (builder, "low", row->test.low);
  cli_json_number (builder, "high", row->test.high);
  cli_json_number (builder, "balanced", row->test.balanced);
  cli_json_number (builder, "log_loss", row->test.log_loss);
  cli_json_number (builder, "calibration_error", row->test.calibration);
  cli_json_number (builder, "validation", row->validation);
  cli_json_number (builder, "cross_validated", row->cross_validated);
  cli_json_int (builder, "test_pictures", row->test.n);
  cli_json_number (builder, "seconds", row->seconds);
  cli_json_int (builder, "parameters", row->parameters);
  cli_json_int (builder, "peak_bytes", row->peak_bytes);
  cli_json_string (builder, "chosen", row->chosen ? row->chosen : "");
  json_builder_set_member_name (builder, "too_few_to_choose");
  json_builder_add_boolean_value (builder, row->too_few);
  if (row->error)
    cli_json_string (builder, "error", row->error);
  json_builder_end_object (builder);
}

static double
member_number (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);
  return node && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_double (node) : NAN;
}

static const char *
member_string (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);
  return node && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

/* FALSE for a line that is not a whole row: the last one of a killed run. */
static gboolean
parse_row (const char *line, BenchRow *row)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  if (!few_json_check (line, strlen (line), "", NULL)
      || !json_parser_load_from_data (parser, line, -1, NULL)
      || !JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser)))
    return FALSE;
  JsonObject *o = json_node_get_object (json_parser_get_root (parser));
  if (!member_string (o, "method") || isnan (member_number (o, "shots"))
      || isnan (member_number (o, "seed")))
    return FALSE;
  *row = (BenchRow) { .method = g_strdup (member_string (o, "method")),
                      .shots = (guint) member_number (o, "shots"),
                      .seed = (gint64) member_number (o, "seed"),
                      .test = { .n = (guint) member_number (o, "test_pictures"),
                                .accuracy = member_number (o, "test"),
                                .low = member_number (o, "low"),
                                .high = member_number (o, "high"),
                                .balanced = member_number (o, "balanced"),
                                .log_loss = member_number (o, "log_loss"),
                                .calibration = member_number (o, "calibration_error") },
                      .validation = member_number (o, "validation"),
                      .cross_validated = member_number (o, "cross_validated"),
                      .seconds = member_number (o, "seconds"),
                      .parameters = (gint64) member_number (o, "parameters"),
                      .peak_bytes = (gint64) member_number (o, "peak_bytes"),
                      .chosen = g_strdup (member_string (o, "chosen")),
                      .error = g_strdup (member_string (o, "error")),
                      .too_few = json_object_has_member (o, "too_few_to_choose")
                                 && json_object_get_boolean_member (o, "too_few_to_choose") };
  return TRUE;
}

/* ---- the partial file: the identity, then a row a line */

enum { MAX_PARTIAL = 256 << 20 };

static gboolean
append_line (BenchTable *table, const char *line, GError **error)
{
  g_autofree char *text = g_strconcat (line, "\n", NULL);
  gsize length = strlen (text);
  if (write (table->fd, text, length) == (gssize) length && fsync (table->fd) == 0)
    return TRUE;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s cannot be written: %s.",
               table->partial, g_strerror (errno));
  return FALSE;
}

/* The rows of an earlier run of the same identity. */
static void
read_rows (BenchTable *table, const char *identity)
{
  g_autofree char *text = few_file_read (table->partial, MAX_PARTIAL, NULL, NULL);
  g_auto (GStrv) lines = g_strsplit (text ? text : "", "\n", -1);
  BenchRow row;
  for (guint i = 1; lines[0] && g_str_equal (lines[0], identity) && lines[i]; i++)
    if (parse_row (lines[i], &row))
      g_array_append_val (table->rows, row);
}

/* The identity and the whole rows, without the torn one that a killed run leaves; the old file
 * stays until the new one is whole. */
static gboolean
rewrite (BenchTable *table, const char *identity, GError **error)
{
  g_autoptr (GString) text = g_string_new (identity);
  g_string_append_c (text, '\n');
  for (guint i = 0; i < table->rows->len; i++)
    {
      JsonBuilder *builder = json_builder_new ();
      build_row (builder, &g_array_index (table->rows, BenchRow, i));
      g_autoptr (JsonNode) root = json_builder_get_root (builder);
      g_autofree char *line = json_to_string (root, FALSE);
      g_object_unref (builder);
      g_string_append_printf (text, "%s\n", line);
    }
  return few_file_write (table->partial, text->str, text->len, error);
}

BenchTable *
bench_table_open (const char *output, const char *identity, GError **error)
{
  g_autoptr (BenchTable) table = g_new0 (BenchTable, 1);
  table->fd = -1;
  table->output = g_strdup (output);
  table->partial = g_strconcat (output, ".partial", NULL);
  table->rows = g_array_new (FALSE, TRUE, sizeof (BenchRow));
  g_array_set_clear_func (table->rows, row_clear);
  read_rows (table, identity);
  if (!rewrite (table, identity, error))
    return NULL;
  table->fd = g_open (table->partial, O_WRONLY | O_APPEND | O_CLOEXEC, 0);
  if (table->fd >= 0)
    return g_steal_pointer (&table);
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s cannot be written: %s.",
               table->partial, g_strerror (errno));
  return NULL;
}

const BenchRow *
bench_table_find (const BenchTable *table, const char *method, guint shots, gint64 seed)
{
  for (guint i = 0; i < table->rows->len; i++)
    {
      const BenchRow *row = &g_array_index (table->rows, BenchRow, i);
      if (row->shots == shots && row->seed == seed && g_str_equal (row->method, method))
        return row;
    }
  return NULL;
}

gboolean
bench_table_add (BenchTable *table, const BenchRow *row, GError **error)
{
  JsonBuilder *builder = json_builder_new ();
  build_row (builder, row);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *line = json_to_string (root, FALSE);
  g_object_unref (builder);
  g_array_append_vals (table->rows, row, 1);
  return append_line (table, line, error);
}

/* ---- what comes out */

typedef struct
{
  guint n, failed;
  double mean, deviation, half; /* of the test accuracy; half: of the 95 % interval of one run */
  double seconds;
  gint64 parameters, peak_bytes;
} Cell;

static Cell
cell_of (const BenchTable *table, const BenchSummary *s, const char *method, guint shots)
{
  Cell cell = { 0 };
  double sum = 0;
  double squares = 0;
  for (guint i = 0; i < s->n_seeds; i++)
    {
      const BenchRow *row = bench_table_find (table, method, shots, s->seeds[i]);
      if (!row || row->error || isnan (row->test.accuracy))
        {
          cell.failed += row != NULL;
          continue;
        }
      cell.n++;
      sum += row->test.accuracy;
      squares += row->test.accuracy * row->test.accuracy;
      cell.half += (row->test.high - row->test.low) / 2;
      cell.seconds += row->seconds;
      cell.parameters = MAX (cell.parameters, row->parameters);
      cell.peak_bytes = MAX (cell.peak_bytes, row->peak_bytes);
    }
  if (cell.n > 0)
    {
      cell.mean = sum / cell.n;
      cell.half /= cell.n;
      cell.seconds /= cell.n;
      cell.deviation =
          cell.n > 1 ? sqrt (MAX (0, (squares - cell.n * cell.mean * cell.mean) / (cell.n - 1)))
                     : NAN;
    }
  return cell;
}

static void
append_count (GString *text, gint64 n)
{
  if (n >= 1000000)
    g_string_append_printf (text, "%.1f M", (double) n / 1e6);
  else if (n >= 1000)
    g_string_append_printf (text, "%.0f k", (double) n / 1e3);
  else
    g_string_append_printf (text, "%" G_GINT64_FORMAT, n);
}

static void
append_literature (GString *text, const BenchSummary *s)
{
  for (guint i = 0; i < LITERATURE_METHODS; i++)
    {
      const double *figures = literature_find (s->literature, i);
      g_string_append_printf (text, "| *%s (literature, RN50)*", literature_method (i));
      for (guint j = 0; j < s->n_shots; j++)
        {
          int column = literature_column (s->shots[j]);
          if (figures && column >= 0)
            g_string_append_printf (text, " | *%.1f*", figures[column]);
          else
            g_string_append (text, " | ");
        }
      g_string_append (text, " | | | |\n");
    }
}

char *
bench_table_markdown (const BenchTable *table, const BenchSummary *s)
{
  GString *text = g_string_new ("| % right, mean ± standard deviation |");
  for (guint i = 0; i < s->n_shots; i++)
    g_string_append_printf (text, " %u shot%s |", s->shots[i], s->shots[i] == 1 ? "" : "s");
  g_string_append (text, " seconds | parameters | peak memory |\n|---|");
  for (guint i = 0; i < s->n_shots + 3; i++)
    g_string_append (text, "---:|");
  g_string_append_c (text, '\n');
  for (const char *const *method = s->methods; *method; method++)
    {
      Cell last = { 0 };
      g_string_append_printf (text, "| %s", *method);
      for (guint i = 0; i < s->n_shots; i++)
        {
          Cell cell = cell_of (table, s, *method, s->shots[i]);
          if (cell.n == 0)
            g_string_append (text, cell.failed ? " | failed" : " | ");
          else if (isnan (cell.deviation))
            g_string_append_printf (text, " | %.1f", 100 * cell.mean);
          else
            g_string_append_printf (text, " | %.1f ± %.1f", 100 * cell.mean, 100 * cell.deviation);
          if (cell.n > 0)
            last = cell;
        }
      g_string_append_printf (text, " | %.2f | ", last.seconds);
      append_count (text, last.parameters);
      g_string_append_printf (text, " | %.0f MB |\n", (double) last.peak_bytes / 1e6);
    }
  if (s->literature)
    append_literature (text, s);
  double half = 0;
  guint pictures = table->rows->len ? g_array_index (table->rows, BenchRow, 0).test.n : 0;
  for (const char *const *method = s->methods; *method; method++)
    for (guint i = 0; i < s->n_shots; i++)
      half = MAX (half, cell_of (table, s, *method, s->shots[i]).half);
  g_string_append_printf (text,
                          "\n%s, %s, %s; %u test pictures: one run's 95 %% interval is ± %.1f "
                          "points at most. Seconds, parameters and memory are "
                          "those of the most shots.\n",
                          s->data, s->model, s->device, pictures, 100 * half);
  bench_table_append_quality (text, table, s);
  return g_string_free (text, FALSE);
}

static char *
csv_field (const char *text)
{
  GString *field = g_string_new (NULL);
  few_csv_text (field, text);
  return g_string_free (g_string_truncate (field, field->len - 1), FALSE); /* without its comma */
}

static void
csv_number (GString *text, const char *format, double value)
{
  char number_text[G_ASCII_DTOSTR_BUF_SIZE];
  g_string_append_c (text, ',');
  if (isfinite (value))
    g_string_append (text, g_ascii_formatd (number_text, sizeof number_text, format, value));
}

/* The rows that were asked for, in order; those of an earlier run with other methods stay out. */
static GPtrArray *
rows_of (const BenchTable *table, const BenchSummary *s)
{
  GPtrArray *rows = g_ptr_array_new ();
  for (const char *const *method = s->methods; *method; method++)
    for (guint i = 0; i < s->n_shots; i++)
      for (guint j = 0; j < s->n_seeds; j++)
        {
          const BenchRow *row = bench_table_find (table, *method, s->shots[i], s->seeds[j]);
          if (row)
            g_ptr_array_add (rows, (gpointer) row);
        }
  return rows;
}

static char *
format_csv (const BenchTable *table, const BenchSummary *s)
{
  GString *text = g_string_new ("method,shots,seed,test,low,high,balanced,log_loss,"
                                "calibration_error,validation,cross_validated,test_pictures,"
                                "seconds,parameters,peak_bytes,chosen,too_few_to_choose,error\n");
  g_autoptr (GPtrArray) rows = rows_of (table, s);
  for (guint i = 0; i < rows->len; i++)
    {
      const BenchRow *row = rows->pdata[i];
      g_autofree char *method = csv_field (row->method);
      g_autofree char *chosen = csv_field (row->chosen ? row->chosen : "");
      g_autofree char *failure = csv_field (row->error ? row->error : "");
      g_string_append_printf (text, "%s,%u,%" G_GINT64_FORMAT, method, row->shots, row->seed);
      csv_number (text, "%.5f", row->test.accuracy);
      csv_number (text, "%.5f", row->test.low);
      csv_number (text, "%.5f", row->test.high);
      csv_number (text, "%.5f", row->test.balanced);
      csv_number (text, "%.5f", row->test.log_loss);
      csv_number (text, "%.5f", row->test.calibration);
      csv_number (text, "%.5f", row->validation);
      csv_number (text, "%.5f", row->cross_validated);
      g_string_append_printf (text, ",%u", row->test.n);
      csv_number (text, "%.3f", row->seconds);
      g_string_append_printf (text, ",%" G_GINT64_FORMAT ",%" G_GINT64_FORMAT ",%s,%d,%s\n",
                              row->parameters, row->peak_bytes, chosen, row->too_few, failure);
    }
  return g_string_free (text, FALSE);
}

static char *
format_json (const BenchTable *table, const BenchSummary *s)
{
  JsonBuilder *builder = cli_json_begin ();
  cli_json_string (builder, "model", s->model);
  cli_json_string (builder, "data", s->data);
  cli_json_string (builder, "device", s->device);
  json_builder_set_member_name (builder, "summary");
  json_builder_begin_array (builder);
  for (const char *const *method = s->methods; *method; method++)
    for (guint i = 0; i < s->n_shots; i++)
      {
        Cell cell = cell_of (table, s, *method, s->shots[i]);
        json_builder_begin_object (builder);
        cli_json_string (builder, "method", *method);
        cli_json_int (builder, "shots", s->shots[i]);
        cli_json_int (builder, "runs", cell.n);
        cli_json_number (builder, "mean", cell.n ? cell.mean : NAN);
        cli_json_number (builder, "deviation", cell.n ? cell.deviation : NAN);
        cli_json_number (builder, "seconds", cell.n ? cell.seconds : NAN);
        cli_json_int (builder, "parameters", cell.parameters);
        cli_json_int (builder, "peak_bytes", cell.peak_bytes);
        json_builder_end_object (builder);
      }
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "runs");
  json_builder_begin_array (builder);
  g_autoptr (GPtrArray) rows = rows_of (table, s);
  for (guint i = 0; i < rows->len; i++)
    build_row (builder, rows->pdata[i]);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_object_unref (builder);
  g_autofree char *text = json_to_string (root, TRUE);
  return g_strconcat (text, "\n", NULL);
}

/* By the output's ending. */
static char *
format_table (const BenchTable *table, const BenchSummary *summary)
{
  if (g_str_has_suffix (table->output, ".json"))
    return format_json (table, summary);
  return g_str_has_suffix (table->output, ".md") ? bench_table_markdown (table, summary)
                                                 : format_csv (table, summary);
}

gboolean
bench_table_finish (BenchTable *table, const BenchSummary *summary, GError **error)
{
  g_autofree char *text = format_table (table, summary);
  if (!few_file_write (table->output, text, strlen (text), error))
    return FALSE;
  g_unlink (table->partial);
  return TRUE;
}
