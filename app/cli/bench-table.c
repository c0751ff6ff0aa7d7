/* SPDX-License-Identifier: MIT */
/* The rows of `bench` on disk while it runs. */
#include "cli/bench-table.h"
#include "cli/several.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

struct BenchTable
{
  char *output, *partial;
  GPtrArray *parts; /* files of tasks, whose rows are here */
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
  g_clear_pointer (&row->several, few_several_free);
}

void
bench_table_free (BenchTable *table)
{
  if (table->fd >= 0)
    close (table->fd);
  g_array_unref (table->rows);
  g_ptr_array_unref (table->parts);
  g_free (table->output);
  g_free (table->partial);
  g_free (table);
}

/* ---- one row as JSON */

void
bench_table_build_row (JsonBuilder *builder, const BenchRow *row, const char *const *labels)
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
  if (row->several)
    {
      cli_json_int (builder, "test_images", row->several->n);
      cli_json_number (builder, "cross_validated_map", row->cross_validated_map);
      cli_several_json (builder, "", row->several);
      cli_several_json_labels (builder, row->several, labels, NULL);
    }
  json_builder_end_object (builder);
}

static double
member_number (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);
  return node && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_double (node) : NAN;
}

/* 0 for what is missing and what a whole number of 53 bits cannot hold. */
static gint64
member_whole (JsonObject *object, const char *name)
{
  double number = member_number (object, name);
  return fabs (number) <= 0x1p53 ? (gint64) number : 0;
}

static guint
member_count (JsonObject *object, const char *name)
{
  return (guint) CLAMP (member_whole (object, name), 0, G_MAXUINT);
}

static gboolean
member_flag (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);
  return node && JSON_NODE_HOLDS_VALUE (node) && json_node_get_boolean (node);
}

static const char *
member_string (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);
  return node && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

static void
parse_label (JsonNode *node, FewSeveralLabel *label)
{
  JsonObject *o = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  if (o)
    *label = (FewSeveralLabel) { .pictures = member_count (o, "images"),
                                 .said = member_count (o, "said"),
                                 .ap = member_number (o, "ap"),
                                 .precision = member_number (o, "precision"),
                                 .recall = member_number (o, "recall"),
                                 .f1 = member_number (o, "f1") };
}

/* NULL: the row is of pictures with one class each, or could not run. */
static FewSeveralScores *
parse_several (JsonObject *o)
{
  JsonNode *node = json_object_get_member (o, "per_label");
  JsonArray *list = node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  guint n = list ? json_array_get_length (list) : 0;
  FewSeveralLabel *labels = n > 0 ? g_try_new0 (FewSeveralLabel, n) : NULL;
  if (!labels)
    return NULL;
  for (guint l = 0; l < n; l++)
    parse_label (json_array_get_element (list, l), labels + l);
  FewSeveralScores *scores = g_new0 (FewSeveralScores, 1);
  *scores = (FewSeveralScores) { .n = member_count (o, "test_images"),
                                 .n_labels = n,
                                 .map = member_number (o, "map"),
                                 .micro_precision = member_number (o, "micro_precision"),
                                 .micro_recall = member_number (o, "micro_recall"),
                                 .micro_f1 = member_number (o, "micro_f1"),
                                 .macro_f1 = member_number (o, "macro_f1"),
                                 .exact = member_number (o, "exact"),
                                 .labels = labels };
  return scores;
}

/* FALSE for a line that is not a whole row: the last one of a killed run. */
static gboolean
parse_row (const char *line, BenchRow *row)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  if (!few_json_check (line, strlen (line), "", NULL)
      || !json_parser_load_from_data (parser, line, -1, NULL))
    return FALSE;
  JsonNode *root = json_parser_get_root (parser); /* NULL: an empty line */
  if (!root || !JSON_NODE_HOLDS_OBJECT (root))
    return FALSE;
  JsonObject *o = json_node_get_object (root);
  if (!member_string (o, "method") || isnan (member_number (o, "shots"))
      || isnan (member_number (o, "seed")))
    return FALSE;
  *row = (BenchRow) { .method = g_strdup (member_string (o, "method")),
                      .shots = member_count (o, "shots"),
                      .seed = member_whole (o, "seed"),
                      .test = { .n = member_count (o, "test_pictures"),
                                .accuracy = member_number (o, "test"),
                                .low = member_number (o, "low"),
                                .high = member_number (o, "high"),
                                .balanced = member_number (o, "balanced"),
                                .log_loss = member_number (o, "log_loss"),
                                .calibration = member_number (o, "calibration_error") },
                      .validation = member_number (o, "validation"),
                      .cross_validated = member_number (o, "cross_validated"),
                      .seconds = member_number (o, "seconds"),
                      .parameters = member_whole (o, "parameters"),
                      .peak_bytes = member_whole (o, "peak_bytes"),
                      .several = parse_several (o),
                      .cross_validated_map = member_number (o, "cross_validated_map"),
                      .chosen = g_strdup (member_string (o, "chosen")),
                      .error = g_strdup (member_string (o, "error")),
                      .too_few = member_flag (o, "too_few_to_choose") };
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

GPtrArray *
bench_table_rows (const BenchTable *table, const BenchSummary *s)
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

/* The rows of an earlier run of the same identity; FALSE: of another. */
static gboolean
read_rows (BenchTable *table, const char *path, const char *identity)
{
  g_autofree char *text = few_file_read (path, MAX_PARTIAL, NULL, NULL);
  g_auto (GStrv) lines = g_strsplit (text ? text : "", "\n", -1);
  BenchRow row;
  if (!lines[0] || !g_str_equal (lines[0], identity))
    return FALSE;
  for (guint i = 1; lines[i]; i++)
    {
      if (!parse_row (lines[i], &row))
        continue;
      if (bench_table_find (table, row.method, row.shots, row.seed))
        row_clear (&row);
      else
        g_array_append_val (table->rows, row);
    }
  return TRUE;
}

/* What tasks left beside the output: OUTPUT.I-of-N.partial. */
static void
read_parts (BenchTable *table, const char *identity)
{
  g_autofree char *folder = g_path_get_dirname (table->output);
  g_autofree char *name = g_path_get_basename (table->output);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autoptr (GPatternSpec) pattern = g_pattern_spec_new (".*-of-*.partial");
  const char *entry;
  while (dir && (entry = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, entry, NULL);
      if (g_str_has_prefix (entry, name)
          && g_pattern_spec_match_string (pattern, entry + strlen (name))
          && read_rows (table, path, identity))
        g_ptr_array_add (table->parts, g_steal_pointer (&path));
    }
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
      bench_table_build_row (builder, &g_array_index (table->rows, BenchRow, i), NULL);
      g_autoptr (JsonNode) root = json_builder_get_root (builder);
      g_autofree char *line = json_to_string (root, FALSE);
      g_object_unref (builder);
      g_string_append_printf (text, "%s\n", line);
    }
  return few_file_write (table->partial, text->str, text->len, error);
}

BenchTable *
bench_table_open (const char *output, const char *part, const char *identity, GError **error)
{
  g_autoptr (BenchTable) table = g_new0 (BenchTable, 1);
  table->fd = -1;
  table->output = g_strdup (output);
  table->partial =
      g_strconcat (output, ".", part ? part : "partial", part ? ".partial" : NULL, NULL);
  table->parts = g_ptr_array_new_with_free_func (g_free);
  table->rows = g_array_new (FALSE, TRUE, sizeof (BenchRow));
  g_array_set_clear_func (table->rows, row_clear);
  read_rows (table, table->partial, identity);
  if (!part)
    read_parts (table, identity);
  if (!rewrite (table, identity, error))
    return NULL;
  table->fd = g_open (table->partial, O_WRONLY | O_APPEND | O_CLOEXEC, 0);
  if (table->fd >= 0)
    return g_steal_pointer (&table);
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s cannot be written: %s.",
               table->partial, g_strerror (errno));
  return NULL;
}

gboolean
bench_table_add (BenchTable *table, const BenchRow *row, GError **error)
{
  JsonBuilder *builder = json_builder_new ();
  bench_table_build_row (builder, row, NULL);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *line = json_to_string (root, FALSE);
  g_object_unref (builder);
  g_array_append_vals (table->rows, row, 1);
  return append_line (table, line, error);
}

/* ---- for what comes out */

const char *
bench_table_output (const BenchTable *table)
{
  return table->output;
}

guint
bench_table_test_pictures (const BenchTable *table)
{
  return table->rows->len ? g_array_index (table->rows, BenchRow, 0).test.n : 0;
}

gboolean
bench_table_write (BenchTable *table, const char *text, GError **error)
{
  if (!few_file_write (table->output, text, strlen (text), error))
    return FALSE;
  g_unlink (table->partial);
  for (guint i = 0; i < table->parts->len; i++)
    g_unlink (table->parts->pdata[i]);
  return TRUE;
}
