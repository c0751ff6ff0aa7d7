/* SPDX-License-Identifier: MIT */
/* CoOp's few-shot protocol for any methods on any labelled pictures: the same shots for every
 * method, settings chosen on min (K, 4) validation pictures a class, accuracy on the whole test
 * split, seeds averaged. This is its command line. */
#include "cli/bench.h"
#include "cli/literature.h"
#include <math.h>
#include <string.h>

void
bench_clear (Bench *b)
{
  cli_data_clear (&b->data);
  g_clear_pointer (&b->model, few_model_unref);
  g_strfreev (b->methods);
  g_free (b->pool);
  g_free (b->text);
  g_free (b->text_raw);
}
/* What the command line says. */
typedef struct
{
  BenchSources sources;
  GStrv arguments, templates;
  char *methods, *shots, *prompts, *output, *literature, *dump, *groups, *shard, *labels;
  gboolean keep_twins;
  int seeds, views;
} BenchOptions;

static void
clear_options (BenchOptions *o)
{
  char *strings[] = { o->methods, o->shots,  o->prompts, o->output, o->literature,
                      o->dump,    o->groups, o->shard,   o->labels };
  bench_sources_clear (&o->sources);
  g_strfreev (o->arguments);
  g_strfreev (o->templates);
  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    g_free (strings[i]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BenchOptions, clear_options)

static gboolean
parse_numbers (const char *text, guint limit, guint most, guint *values, guint *n)
{
  g_auto (GStrv) parts = g_strsplit (text, ",", -1);
  for (*n = 0; parts[*n]; ++*n)
    {
      guint64 value;
      if (*n == most
          || !g_ascii_string_to_unsigned (g_strstrip (parts[*n]), 10, 1, limit, &value, NULL))
        return FALSE;
      values[*n] = (guint) value;
    }
  return *n > 0;
}

/* A piece between commas goes on with the specification before it when it is a setting. */
static void
add_piece (GPtrArray *found, const char *piece, gboolean first)
{
  gboolean setting = !first && strchr (piece, '=') && !strchr (piece, ':');
  if (setting && found->len > 0)
    {
      char *old = found->pdata[found->len - 1];
      found->pdata[found->len - 1] = g_strconcat (old, ",", piece, NULL);
      g_free (old);
    }
  else if (*piece)
    g_ptr_array_add (found, g_strdup (piece));
}

/* Methods are separated by spaces, or by commas that are followed by a method's name: a
 * specification has commas of its own. */
static gboolean
parse_methods (Bench *b, const char *text, GError **error)
{
  g_autofree char *spaced = g_strdelimit (g_strdup (text), "\t\n", ' ');
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) words = g_strsplit (spaced, " ", -1);
  for (char **word = words; *word; word++)
    {
      g_auto (GStrv) pieces = g_strsplit (*word, ",", -1);
      for (char **piece = pieces; *piece; piece++)
        add_piece (found, *piece, piece == pieces);
    }
  if (found->len == 0)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--methods names none.");
      return FALSE;
    }
  for (guint i = 0; i < found->len; i++)
    {
      FewMethodOptions options;
      if (!few_method_parse (found->pdata[i], &options, error))
        return FALSE;
      if (options.views != FEW_ALL_VIEWS)
        b->most_views = MAX (b->most_views, options.views);
    }
  g_ptr_array_add (found, NULL);
  g_ptr_array_set_free_func (found, NULL);
  b->methods = (GStrv) g_ptr_array_free (g_steal_pointer (&found), FALSE);
  return TRUE;
}

/* Those that say of themselves that they belong to a comparison. */
static char *
usual_methods (void)
{
  const FewMethodInfo *info;
  g_autoptr (GString) names = g_string_new (NULL);
  for (guint i = 0; (info = few_method_info (i)); i++)
    if (info->usual)
      g_string_append_printf (names, "%s ", info->name);
  return g_strdup (names->str);
}

static const char *const *
find_preset (const char *name)
{
  const char *known;
  const char *const *templates;
  for (guint i = 0; (templates = few_template_preset (i, &known)); i++)
    if (g_str_equal (known, name))
      return templates;
  return NULL;
}

static gboolean
parse_options (Cli *cli, int argc, char **argv, BenchOptions *o, int *status)
{
  const GOptionEntry entries[] = {
    { "methods", 0, 0, G_OPTION_ARG_STRING, &o->methods, "Methods, each NAME or NAME:key=value,…",
      "M,…" },
    { "shots", 0, 0, G_OPTION_ARG_STRING, &o->shots, "Training pictures a class (1,2,4,8,16)",
      "K,…" },
    { "seeds", 0, 0, G_OPTION_ARG_INT, &o->seeds, "How many draws of shots, numbered from 1 (3)",
      "N" },
    { "split", 0, 0, G_OPTION_ARG_FILENAME, &o->sources.split, "CoOp's split_zhou_*.json", "FILE" },
    { "images", 0, 0, G_OPTION_ARG_FILENAME, &o->sources.images,
      "Folder that paths in --split and lists are relative to", "DIR" },
    { "train-list", 0, 0, G_OPTION_ARG_FILENAME, &o->sources.train_list,
      "Lines of a path and a class name", "FILE" },
    { "val-list", 0, 0, G_OPTION_ARG_FILENAME, &o->sources.val_list, "The same, to validate on",
      "FILE" },
    { "test-list", 0, 0, G_OPTION_ARG_FILENAME, &o->sources.test_list, "The same, to test on",
      "FILE" },
    cli_boxes_entry (&o->sources.boxes),
    cli_boxes_least_entry (&o->sources.boxes),
    cli_boxes_category_entry (&o->sources.boxes),
    { "class-names", 0, 0, G_OPTION_ARG_FILENAME, &o->sources.class_names,
      "Lines of a folder and what its class is called", "FILE" },
    { "class-prompts", 0, 0, G_OPTION_ARG_FILENAME, &o->sources.class_prompts,
      "JSON object: a class's own prompt in the place of the templates", "FILE" },
    { "template", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o->templates,
      "Prompt with {} for the class name; several are averaged", "T" },
    { "prompts", 0, 0, G_OPTION_ARG_STRING, &o->prompts,
      "photo, pets, flowers, aircraft, food, texture, satellite, action, ensemble", "P" },
    { "views", 0, 0, G_OPTION_ARG_INT, &o->views, "Augmented views of each training picture (0)",
      "N" },
    { "literature", 0, 0, G_OPTION_ARG_STRING, &o->literature,
      "Add the figures published for this set (eurosat, dtd, …)", "SET" },
    { "keep-twins", 0, 0, G_OPTION_ARG_NONE, &o->keep_twins,
      "Leave near-duplicates on both sides of a split, as published splits may have them", NULL },
    { "labels", 0, 0, G_OPTION_ARG_STRING, &o->labels,
      "one class a picture (default), or any: mean average precision of zero-shot and one-vs-rest "
      "where a picture may have several labels, from all training pictures, or --shots a label",
      "L" },
    { "groups", 0, 0, G_OPTION_ARG_STRING, &o->groups,
      "What else is not parted: bursts of a camera, folders (below a class, and bursts), none",
      "G" },
    { "dump", 0, 0, G_OPTION_ARG_FILENAME, &o->dump,
      "Features, scores and learned tensors of the last run, as safetensors", "FILE" },
    { "shard", 0, 0, G_OPTION_ARG_STRING, &o->shard,
      "Only the I-th of N parts of methods × shots × seeds, or slurm: the job array's; the same "
      "command without it writes the table",
      "I/N" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &o->output,
      "Table to write: .csv, .md, .json (bench.csv)", "FILE" },
    G_OPTION_ENTRY_NULL,
  };
  return cli_parse (cli, argc, argv, "MODEL [DATA]", entries, 1, &o->arguments, status);
}

/* What is wrong with the options, NULL: nothing; error may own the sentence. */
static const char *
take_options (Bench *b, BenchOptions *o, const char *const **templates, GError **error)
{
  g_autofree char *usual = usual_methods ();
  const char *bad = cli_boxes_check (&o->sources.boxes);
  if (!bad && o->sources.boxes.boxes && (o->sources.split || o->sources.train_list))
    bad = "--boxes goes with DATA, not with --split or lists.";
  if (bad)
    return bad;
  if (o->templates)
    *templates = (const char *const *) o->templates;
  else
    *templates = find_preset (o->prompts ? o->prompts : "photo");
  for (guint i = 0; o->templates && o->templates[i]; i++)
    if (!strstr (o->templates[i], "{}"))
      return "--template has no {} for the class name.";
  if (!*templates)
    return "--prompts knows photo, pets, flowers, aircraft, food, texture, satellite, action and "
           "ensemble.";
  if (!cli_data_parse_labels (o->labels, &b->data.any))
    return "--labels knows one and any.";
  if (b->data.any && o->literature)
    return "--literature has accuracies of one class a picture; --labels any measures average "
           "precision, of which none are published for these sets.";
  if (b->data.any && (o->sources.split || o->sources.train_list))
    return "--labels any takes labels from DATA: a split or a list has one class a picture.";
  if (b->data.any && !o->shots)
    b->n_shots = 1; /* 0: all */
  else if (!parse_numbers (o->shots ? o->shots : "1,2,4,8,16", 100000, G_N_ELEMENTS (b->shots),
                           b->shots, &b->n_shots))
    return "--shots is a list of whole numbers, as 1,2,4.";
  if (!cli_data_parse_groups (o->groups ? o->groups : "bursts", &b->data.by))
    return "--groups knows bursts, folders and none.";
  if (o->seeds < 1 || o->seeds > (int) G_N_ELEMENTS (b->seeds))
    return "--seeds is a number from 1 to 100.";
  if (o->views < 0 || o->views > FEW_MAX_VIEWS)
    return "--views is a number from 0 to 100.";
  if (o->literature && !literature_find (o->literature, 0))
    return "--literature knows imagenet, caltech101, dtd, eurosat, fgvc-aircraft, flowers102, "
           "food101, oxford-pets, stanford-cars, sun397, ucf101.";
  const char *unnamed = b->data.any ? "zero-shot one-vs-rest" : usual;
  if (!parse_methods (b, o->methods ? o->methods : unnamed, error))
    return (*error)->message;
  const char *wrong = o->shard ? cli_take_shard (o->shard, &b->shard, &b->shards) : NULL;
  if (wrong)
    return wrong;
  for (b->n_seeds = 0; b->n_seeds < (guint) o->seeds; b->n_seeds++)
    b->seeds[b->n_seeds] = b->n_seeds + 1;
  b->views = (guint) o->views;
  b->most_views = MAX (b->most_views, b->views);
  b->keep_twins = o->keep_twins;
  b->dump = o->dump;
  return NULL;
}

/* The data's name in the table. */
static char *
choose_title (const BenchOptions *o)
{
  if (o->sources.split)
    return g_filename_display_basename (o->sources.split);
  if (o->arguments[1])
    return g_filename_display_basename (o->arguments[1]);
  return g_filename_display_basename (o->sources.train_list ? o->sources.train_list : "");
}

static gboolean
has_result (const Bench *b, const BenchTable *table, GError **error)
{
  for (guint i = 0; b->methods[i]; i++)
    for (guint j = 0; j < b->n_shots; j++)
      for (guint k = 0; k < b->n_seeds; k++)
        {
          const BenchRow *row =
              bench_table_find (table, b->methods[i], b->shots[j], (gint64) b->seeds[k]);
          if (row && !row->error && (row->several || isfinite (row->test.accuracy)))
            return TRUE;
        }
  g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT,
               "No method could be run; the table says why of each.");
  return FALSE;
}

static gboolean
run_to_table (Bench *b, const char *output, const char *title, const char *literature,
              GError **error)
{
  g_autofree char *what = bench_identity (b);
  g_autofree char *part =
      b->shards > 1 ? g_strdup_printf ("%u-of-%u", b->shard + 1, b->shards) : NULL;
  g_autoptr (BenchTable) table = bench_table_open (output, part, what, error);
  if (!table || !bench_run (b, table, error))
    return FALSE;
  if (part)
    return TRUE; /* the rows lie beside the output, for the run that writes the table */
  const FewModelInfo *info = few_model_info (b->model);
  BenchSummary summary = { (const char *const *) b->methods,
                           b->shots,
                           b->n_shots,
                           (const gint64 *) b->seeds,
                           b->n_seeds,
                           info->name,
                           title,
                           info->device,
                           literature,
                           b->data.any ? (const char *const *) b->data.classes : NULL };
  g_autofree char *markdown = b->data.any ? bench_several_markdown (table, &summary)
                                          : bench_table_markdown (table, &summary);
  if (!bench_table_finish (table, &summary, error) || !has_result (b, table, error))
    return FALSE;
  if (b->cli->json)
    {
      JsonBuilder *builder = cli_json_begin ();
      cli_json_string (builder, "output", output);
      cli_json_int (builder, "refused", b->data.refused);
      cli_json_int (builder, "duplicates", b->data.duplicates);
      cli_json_end (builder);
    }
  else
    g_print ("\n%s\n%s\n", markdown, output);
  return TRUE;
}

/* Of the usual methods, what a model that reads no texts cannot learn by. */
static void
leave_out_texts (Bench *b)
{
  guint kept = 0;
  if (few_model_info (b->model)->reads_texts)
    return;
  for (guint i = 0; b->methods[i]; i++)
    if (few_method_info_find (b->methods[i])->texts)
      g_free (b->methods[i]);
    else
      b->methods[kept++] = b->methods[i];
  b->methods[kept] = NULL;
}

int
cli_bench (Cli *cli, int argc, char **argv)
{
  g_auto (BenchOptions) o = { .seeds = 3 };
  g_auto (Bench) b = { .cli = cli };
  g_autoptr (GError) error = NULL;
  const char *const *templates;
  int status;
  if (!parse_options (cli, argc, argv, &o, &status))
    return status;
  const char *wrong = take_options (&b, &o, &templates, &error);
  if (wrong)
    {
      g_printerr ("fewshot-cli bench: %s\n", wrong);
      return CLI_USAGE;
    }
  g_autofree char *title = choose_title (&o);
  const char *output = o.output ? o.output : "bench.csv";
  if (few_file_check_output (output, &error))
    b.model = cli_open_model_with_texts (cli, o.arguments[0], &error);
  if (b.model && !o.methods)
    leave_out_texts (&b);
  if (!b.model || !bench_load (&b, &o.sources, o.arguments[1], templates, &error))
    return cli_fail (error);
  if (!run_to_table (&b, output, title, o.literature, &error))
    return cli_fail (error);
  return CLI_OK;
}
