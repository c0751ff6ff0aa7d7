/* SPDX-License-Identifier: MIT */
/* Methods on pictures with any number of labels: the same draws for each, mean average precision
 * on the same test pictures, seeds averaged. */
#include "cli/bench.h"
#include "cli/several.h"
#include "common/csv.h"
#include "common/markdown.h"
#include <math.h>
#include <string.h>

typedef struct
{
  guint method, shots; /* indices */
  guint64 seed;
  FewMethodResult *result; /* NULL: it could not run */
  char *error;
} Run;

static void
run_free (gpointer data)
{
  Run *run = data;
  g_clear_pointer (&run->result, few_method_result_free);
  g_free (run->error);
  g_free (run);
}

static void
show_progress (gpointer user, guint done, guint total)
{
  cli_progress (user, done, total, NULL);
}

/* ---- draws */

/* The roles of a draw; groups are not parted. */
static gboolean
draw_roles (const Bench *b, const guint32 *groups, guint shots, guint64 seed, guint8 *roles,
            GError **error)
{
  const CliData *data = &b->data;
  memcpy (roles, b->pool, data->n);
  if (b->halve && !few_hold_out_several (data->sets, data->n_classes, seed, roles, error))
    return FALSE;
  if (shots > 0 && !few_shot_several (data->sets, data->n_classes, shots, seed, roles, error))
    return FALSE;
  return !groups || few_split_keep_together (groups, data->n, TRUE, roles, NULL, error);
}

static void
print_run (const Bench *b, const Run *run)
{
  g_autofree char *shots = b->shots[run->shots] > 0
                               ? g_strdup_printf ("%u shots", b->shots[run->shots])
                               : g_strdup ("all pictures");
  g_autofree char *said =
      run->result ? cli_several_describe (run->result->several_test) : g_strdup (run->error);
  const char *chosen = run->result && run->result->chosen ? run->result->chosen : "";
  g_print ("%-14s %s, seed %" G_GUINT64_FORMAT ": %s%s%s\n", b->methods[run->method], shots,
           run->seed, said, *chosen ? "  " : "", chosen);
}

static gboolean
run_method (Bench *b, const FewTask *task, guint method, guint shots, guint64 seed, GPtrArray *runs,
            GError **error)
{
  FewMethodOptions options;
  g_autoptr (GError) problem = NULL;
  Run *run = g_new0 (Run, 1);
  *run = (Run) { .method = method, .shots = shots, .seed = seed };
  g_ptr_array_add (runs, run);
  if (few_method_parse (b->methods[method], &options, &problem))
    {
      options.train.seed = seed;
      run->result = few_method_run (b->model, task, &options, show_progress, b->methods[method],
                                    b->cli->cancellable, &problem);
    }
  cli_progress (NULL, 0, 0, NULL);
  cli_say_notice (b->model);
  if (g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }
  run->error = problem ? g_strdup (problem->message) : NULL;
  if (!b->cli->json)
    print_run (b, run);
  return !run->result || !b->dump || bench_dump (b, task, run->result, error);
}

static gboolean
run_all (Bench *b, GPtrArray *runs, GError **error)
{
  const CliData *data = &b->data;
  g_autofree guint8 *roles = cli_try_values (data->n, 1, error);
  if (!roles || !cli_data_look_at_files (b->cli, &b->data, error))
    return FALSE;
  g_autofree guint32 *groups =
      b->keep_twins ? NULL : cli_data_find_twins (b->cli, b->model, &b->data, error);
  if (!groups && !b->keep_twins)
    return FALSE;
  const FewTask task = { .n = data->n,
                         .n_classes = data->n_classes,
                         .features = data->features,
                         .labels = data->labels,
                         .sets = data->sets,
                         .roles = roles,
                         .groups = groups,
                         .together = data->together,
                         .text_features = b->text,
                         .text_raw = b->text_raw,
                         .class_names = (const char *const *) data->classes,
                         .paths = (const char *const *) data->paths };
  for (guint shots = 0; shots < b->n_shots; shots++)
    for (guint s = 0; s < b->n_seeds; s++)
      {
        if (!draw_roles (b, groups, b->shots[shots], b->seeds[s], roles, error))
          return FALSE;
        for (guint m = 0; b->methods[m]; m++)
          if (!run_method (b, &task, m, shots, b->seeds[s], runs, error))
            return FALSE;
      }
  return TRUE;
}

/* ---- the table */

static char *
make_csv (const Bench *b, const GPtrArray *runs)
{
  static const char *const head[] = { "method",      "shots",  "seed",
                                      "test_images", "map",    "micro_f1",
                                      "macro_f1",    "exact",  "cross_validated_map",
                                      "seconds",     "chosen", "error" };
  GString *csv = g_string_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (head); i++)
    few_csv_text (csv, head[i]);
  few_csv_end (csv);
  for (guint i = 0; i < runs->len; i++)
    {
      const Run *run = runs->pdata[i];
      const FewMethodResult *r = run->result;
      const FewSeveralScores *test = r ? r->several_test : NULL;
      const FewSeveralScores *folds = r ? r->several_cross_validated : NULL;
      g_autofree char *method = g_strdup (b->methods[run->method]);
      few_csv_text (csv, method);
      g_string_append_printf (csv, "%u,%" G_GUINT64_FORMAT ",%u,", b->shots[run->shots], run->seed,
                              test ? test->n : 0);
      few_csv_number (csv, test ? test->map : NAN);
      few_csv_number (csv, test ? test->micro_f1 : NAN);
      few_csv_number (csv, test ? test->macro_f1 : NAN);
      few_csv_number (csv, test ? test->exact : NAN);
      few_csv_number (csv, folds ? folds->map : NAN);
      few_csv_number (csv, r ? r->seconds : NAN);
      few_csv_text (csv, r && r->chosen ? r->chosen : "");
      few_csv_text (csv, run->error ? run->error : "");
      few_csv_end (csv);
    }
  return g_string_free (csv, FALSE);
}

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

/* map, micro_f1, macro_f1, exact */
enum { COLUMNS = 4 };

static void
put_method (GString *text, const Bench *b, const GPtrArray *runs, guint method, guint shots)
{
  Spread spreads[COLUMNS] = { { 0 } };
  g_autofree char *name = few_markdown_quote (b->methods[method]);
  g_autofree char *from =
      b->shots[shots] > 0 ? g_strdup_printf ("%u a label", b->shots[shots]) : g_strdup ("all");
  for (guint i = 0; i < runs->len; i++)
    {
      const Run *run = runs->pdata[i];
      if (run->method != method || run->shots != shots || !run->result)
        continue;
      const FewSeveralScores *s = run->result->several_test;
      const double values[COLUMNS] = { s->map, s->micro_f1, s->macro_f1, s->exact };
      for (guint c = 0; c < COLUMNS; c++)
        add_to_spread (&spreads[c], values[c]);
    }
  g_string_append_printf (text, "| %s | %s |", name, from);
  for (guint c = 0; c < COLUMNS; c++)
    put_spread (text, &spreads[c]);
  g_string_append_c (text, '\n');
}

/* The average precision of each label, of the most shots, a column a method. */
static void
put_labels (GString *text, const Bench *b, const GPtrArray *runs)
{
  g_string_append (text, "\n| label | test pictures |");
  for (guint m = 0; b->methods[m]; m++)
    {
      g_autofree char *name = few_markdown_quote (b->methods[m]);
      g_string_append_printf (text, " AP %s |", name);
    }
  g_string_append (text, "\n|---|---|");
  for (guint m = 0; b->methods[m]; m++)
    g_string_append (text, "---|");
  g_string_append_c (text, '\n');
  for (guint l = 0; l < b->data.n_classes; l++)
    {
      g_autofree char *name = few_markdown_quote (b->data.classes[l]);
      g_autoptr (GString) cells = g_string_new (NULL);
      guint pictures = 0;
      for (guint m = 0; b->methods[m]; m++)
        {
          Spread spread = { 0 };
          for (guint i = 0; i < runs->len; i++)
            {
              const Run *run = runs->pdata[i];
              if (run->method != m || run->shots + 1 != b->n_shots || !run->result)
                continue;
              add_to_spread (&spread, run->result->several_test->labels[l].ap);
              pictures = run->result->several_test->labels[l].pictures;
            }
          put_spread (cells, &spread);
        }
      g_string_append_printf (text, "| %s | %u |%s\n", name, pictures, cells->str);
    }
}

static char *
make_markdown (const Bench *b, const GPtrArray *runs, const char *title)
{
  const FewModelInfo *model = few_model_info (b->model);
  g_autofree char *data = few_markdown_quote (title);
  g_autofree char *name = few_markdown_quote (model->name);
  GString *text = g_string_new (NULL);
  g_string_append_printf (text,
                          "Pictures of %s with any number of labels, %s, in percent; mean ± "
                          "standard deviation over %u seed%s.\n\n"
                          "| method | learned from | mAP | micro F1 | macro F1 | exactly right "
                          "|\n|---|---|---|---|---|---|\n",
                          data, name, b->n_seeds, b->n_seeds == 1 ? "" : "s");
  for (guint m = 0; b->methods[m]; m++)
    for (guint s = 0; s < b->n_shots; s++)
      put_method (text, b, runs, m, s);
  put_labels (text, b, runs);
  return g_string_free (text, FALSE);
}

static char *
make_json (const Bench *b, const GPtrArray *runs, const char *title)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  cli_json_string (builder, "data", title);
  cli_json_string (builder, "model", few_model_info (b->model)->name);
  cli_json_string (builder, "labels", "any");
  cli_json_array (builder, "rows");
  for (guint i = 0; i < runs->len; i++)
    {
      const Run *run = runs->pdata[i];
      const FewMethodResult *r = run->result;
      json_builder_begin_object (builder);
      cli_json_string (builder, "method", b->methods[run->method]);
      cli_json_int (builder, "shots", b->shots[run->shots]);
      cli_json_int (builder, "seed", (gint64) run->seed);
      if (r)
        {
          cli_json_int (builder, "test_images", r->several_test->n);
          cli_several_json (builder, "", r->several_test);
          cli_several_json_labels (builder, r->several_test, (const char *const *) b->data.classes,
                                   NULL);
          cli_json_number (builder, "seconds", r->seconds);
          cli_json_string (builder, "chosen", r->chosen ? r->chosen : "");
        }
      else
        cli_json_string (builder, "error", run->error);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  return json_to_string (root, TRUE);
}

static gboolean
has_result (const GPtrArray *runs, GError **error)
{
  for (guint i = 0; i < runs->len; i++)
    if (((const Run *) runs->pdata[i])->result)
      return TRUE;
  const Run *first = runs->len > 0 ? runs->pdata[0] : NULL;
  g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT, "No method could be run. %s",
               first ? first->error : "");
  return FALSE;
}

gboolean
bench_several (Bench *b, const char *output, const char *title, GError **error)
{
  g_autoptr (GPtrArray) runs = g_ptr_array_new_with_free_func (run_free);
  if (!run_all (b, runs, error))
    return FALSE;
  g_autofree char *markdown = make_markdown (b, runs, title);
  g_autofree char *text = NULL;
  if (g_str_has_suffix (output, ".json"))
    text = make_json (b, runs, title);
  else if (!g_str_has_suffix (output, ".md"))
    text = make_csv (b, runs);
  const char *written = text ? text : markdown;
  if (!few_file_write (output, written, strlen (written), error) || !has_result (runs, error))
    return FALSE;
  if (!b->cli->json)
    {
      g_print ("\n%s\n%s\n", markdown, output);
      return TRUE;
    }
  JsonBuilder *builder = cli_json_begin ();
  cli_json_string (builder, "output", output);
  cli_json_int (builder, "refused", b->data.refused);
  cli_json_int (builder, "duplicates", b->data.duplicates);
  cli_json_end (builder);
  return TRUE;
}
