/* SPDX-License-Identifier: MIT */
/* The tables that come of the rows of `bench` where pictures have any number of labels: mean
 * average precision in the place of accuracies, and a line a label. */
#include "cli/bench-table.h"
#include "cli/several.h"
#include "common/csv.h"
#include "common/markdown.h"
#include <math.h>
#include <string.h>

/* ---- CSV */

static void
put_row (GString *csv, const BenchRow *row)
{
  const FewSeveralScores *test = row->several;
  few_csv_text (csv, row->method);
  g_string_append_printf (csv, "%u,%" G_GINT64_FORMAT ",%u,", row->shots, row->seed, row->test.n);
  few_csv_number (csv, test ? test->map : NAN);
  few_csv_number (csv, test ? test->micro_f1 : NAN);
  few_csv_number (csv, test ? test->macro_f1 : NAN);
  few_csv_number (csv, test ? test->exact : NAN);
  few_csv_number (csv, row->cross_validated_map);
  few_csv_number (csv, test ? row->seconds : NAN);
  few_csv_text (csv, row->chosen ? row->chosen : "");
  few_csv_text (csv, row->error ? row->error : "");
  few_csv_end (csv);
}

static char *
format_csv (const BenchTable *table, const BenchSummary *s)
{
  static const char *const head[] = { "method",      "shots",  "seed",
                                      "test_images", "map",    "micro_f1",
                                      "macro_f1",    "exact",  "cross_validated_map",
                                      "seconds",     "chosen", "error" };
  GString *csv = g_string_new (NULL);
  g_autoptr (GPtrArray) rows = bench_table_rows (table, s);
  for (guint i = 0; i < G_N_ELEMENTS (head); i++)
    few_csv_text (csv, head[i]);
  few_csv_end (csv);
  for (guint i = 0; i < rows->len; i++)
    put_row (csv, rows->pdata[i]);
  return g_string_free (csv, FALSE);
}

/* ---- Markdown */

/* Mean and standard deviation over the seeds of one number. */
typedef struct
{
  guint n;
  double sum, squares;
} Spread;

static void
add_to_spread (Spread *spread, double value)
{
  if (isnan (value))
    return;
  spread->n++;
  spread->sum += value;
  spread->squares += value * value;
}

static void
put_spread (GString *text, const Spread *s)
{
  double mean = s->n ? s->sum / s->n : NAN;
  double variance = s->n > 1 ? (s->squares - s->n * mean * mean) / (s->n - 1) : 0;
  if (s->n == 0)
    g_string_append (text, " – |");
  else if (s->n == 1)
    g_string_append_printf (text, " %.1f |", 100 * mean);
  else
    g_string_append_printf (text, " %.1f ± %.1f |", 100 * mean, 100 * sqrt (MAX (variance, 0)));
}

/* What a method learned from so many shots, seed by seed; NULL: it could not run, or has not. */
static const FewSeveralScores *
find_scores (const BenchTable *table, const BenchSummary *s, const char *method, guint shots,
             guint seed)
{
  const BenchRow *row = bench_table_find (table, method, shots, s->seeds[seed]);
  return row ? row->several : NULL;
}

/* map, micro_f1, macro_f1, exact */
enum { COLUMNS = 4 };

static void
put_method (GString *text, const BenchTable *table, const BenchSummary *s, const char *method,
            guint shots)
{
  Spread spreads[COLUMNS] = { { 0 } };
  g_autofree char *name = few_markdown_quote (method);
  g_autofree char *from = shots > 0 ? g_strdup_printf ("%u a label", shots) : g_strdup ("all");
  for (guint i = 0; i < s->n_seeds; i++)
    {
      const FewSeveralScores *scores = find_scores (table, s, method, shots, i);
      if (!scores)
        continue;
      const double values[COLUMNS] = { scores->map, scores->micro_f1, scores->macro_f1,
                                       scores->exact };
      for (guint c = 0; c < COLUMNS; c++)
        add_to_spread (&spreads[c], values[c]);
    }
  g_string_append_printf (text, "| %s | %s |", name, from);
  for (guint c = 0; c < COLUMNS; c++)
    put_spread (text, &spreads[c]);
  g_string_append_c (text, '\n');
}

/* The average precision of a label, of the most shots, a column a method. */
static void
put_label (GString *text, const BenchTable *table, const BenchSummary *s, guint label)
{
  g_autofree char *name = few_markdown_quote (s->labels[label]);
  g_autoptr (GString) cells = g_string_new (NULL);
  guint pictures = 0;
  for (const char *const *method = s->methods; *method; method++)
    {
      Spread spread = { 0 };
      for (guint i = 0; i < s->n_seeds; i++)
        {
          const FewSeveralScores *scores =
              find_scores (table, s, *method, s->shots[s->n_shots - 1], i);
          if (!scores || label >= scores->n_labels)
            continue;
          add_to_spread (&spread, scores->labels[label].ap);
          pictures = scores->labels[label].pictures;
        }
      put_spread (cells, &spread);
    }
  g_string_append_printf (text, "| %s | %u |%s\n", name, pictures, cells->str);
}

static void
put_labels (GString *text, const BenchTable *table, const BenchSummary *s)
{
  g_string_append (text, "\n| label | test pictures |");
  for (const char *const *method = s->methods; *method; method++)
    {
      g_autofree char *name = few_markdown_quote (*method);
      g_string_append_printf (text, " AP %s |", name);
    }
  g_string_append (text, "\n|---|---|");
  for (const char *const *method = s->methods; *method; method++)
    g_string_append (text, "---|");
  g_string_append_c (text, '\n');
  for (guint l = 0; s->labels[l]; l++)
    put_label (text, table, s, l);
}

char *
bench_several_markdown (const BenchTable *table, const BenchSummary *s)
{
  g_autofree char *data = few_markdown_quote (s->data);
  g_autofree char *name = few_markdown_quote (s->model);
  GString *text = g_string_new (NULL);
  g_string_append_printf (text,
                          "Pictures of %s with any number of labels, %s, in percent; mean ± "
                          "standard deviation over %u seed%s.\n\n"
                          "| method | learned from | mAP | micro F1 | macro F1 | exactly right "
                          "|\n|---|---|---|---|---|---|\n",
                          data, name, s->n_seeds, s->n_seeds == 1 ? "" : "s");
  for (const char *const *method = s->methods; *method; method++)
    for (guint i = 0; i < s->n_shots; i++)
      put_method (text, table, s, *method, s->shots[i]);
  put_labels (text, table, s);
  return g_string_free (text, FALSE);
}

/* ---- JSON */

static void
build_row (JsonBuilder *builder, const BenchRow *row, const BenchSummary *s)
{
  json_builder_begin_object (builder);
  cli_json_string (builder, "method", row->method);
  cli_json_int (builder, "shots", row->shots);
  cli_json_int (builder, "seed", row->seed);
  if (row->several)
    {
      cli_json_int (builder, "test_images", row->several->n);
      cli_several_json (builder, "", row->several);
      cli_json_number (builder, "cross_validated_map", row->cross_validated_map);
      gboolean whole = row->several->n_labels == g_strv_length ((char **) s->labels);
      cli_several_json_labels (builder, row->several, whole ? s->labels : NULL, NULL);
      cli_json_number (builder, "seconds", row->seconds);
      cli_json_int (builder, "peak_bytes", row->peak_bytes);
      cli_json_string (builder, "chosen", row->chosen ? row->chosen : "");
    }
  else
    cli_json_string (builder, "error", row->error ? row->error : "");
  json_builder_end_object (builder);
}

static char *
format_json (const BenchTable *table, const BenchSummary *s)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (GPtrArray) rows = bench_table_rows (table, s);
  json_builder_begin_object (builder);
  cli_json_string (builder, "data", s->data);
  cli_json_string (builder, "model", s->model);
  cli_json_string (builder, "device", s->device);
  cli_json_string (builder, "labels", "any");
  cli_json_array (builder, "rows");
  for (guint i = 0; i < rows->len; i++)
    build_row (builder, rows->pdata[i], s);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = json_to_string (root, TRUE);
  return g_strconcat (text, "\n", NULL);
}

char *
bench_several_format (const BenchTable *table, const BenchSummary *summary)
{
  const char *output = bench_table_output (table);
  if (g_str_has_suffix (output, ".json"))
    return format_json (table, summary);
  return g_str_has_suffix (output, ".md") ? bench_several_markdown (table, summary)
                                          : format_csv (table, summary);
}
