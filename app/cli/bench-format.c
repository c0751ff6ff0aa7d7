/* SPDX-License-Identifier: MIT */
/* The tables that come of the rows of `bench`: Markdown, CSV, JSON. */
#include "cli/bench-table.h"
#include "common/csv.h"
#include "cli/literature.h"
#include <math.h>
#include <string.h>

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
  guint pictures = bench_table_test_pictures (table);
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

static char *
format_csv (const BenchTable *table, const BenchSummary *s)
{
  GString *text = g_string_new ("method,shots,seed,test,low,high,balanced,log_loss,"
                                "calibration_error,validation,cross_validated,test_pictures,"
                                "seconds,parameters,peak_bytes,chosen,too_few_to_choose,error\n");
  g_autoptr (GPtrArray) rows = bench_table_rows (table, s);
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
  g_autoptr (GPtrArray) rows = bench_table_rows (table, s);
  for (guint i = 0; i < rows->len; i++)
    bench_table_build_row (builder, rows->pdata[i], NULL);
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
  if (summary->labels)
    return bench_several_format (table, summary);
  if (g_str_has_suffix (bench_table_output (table), ".json"))
    return format_json (table, summary);
  return g_str_has_suffix (bench_table_output (table), ".md")
             ? bench_table_markdown (table, summary)
             : format_csv (table, summary);
}

gboolean
bench_table_finish (BenchTable *table, const BenchSummary *summary, GError **error)
{
  g_autofree char *text = format_table (table, summary);
  return bench_table_write (table, text, error);
}
