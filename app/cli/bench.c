/* SPDX-License-Identifier: MIT */
/* CoOp's few-shot protocol for any methods on any labelled pictures: the same shots for every
 * method, settings chosen on min (K, 4) validation pictures a class, accuracy on the whole test
 * split, seeds averaged. */
#include "cli/bench-table.h"
#include "cli/data.h"
#include "cli/literature.h"
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

static const char *const default_methods =
    "zero-shot linear-probe clip-adapter tip-adapter tip-adapter-f gda clap lp++";

typedef struct
{
  Cli *cli;
  FewModel *model;
  CliData data;
  guint8 *pool;          /* [n] roles before shots are taken */
  float *text;           /* [K, D] */
  GStrv methods;
  FewMethodOptions *options;
  guint shots[32], n_shots, views;
  gint64 seeds[100];
  guint n_seeds;
  /* NULL, or where features, scores and learned tensors of the last run go */
  const char *dump;
} Bench;

/* ---- peak memory of one method (Linux): the high-water mark is set back before it */

static void
reset_peak (void)
{
  int fd = open ("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
  if (fd < 0)
    return;
  if (write (fd, "5", 1) != 1)
    g_debug ("the memory's high-water mark cannot be set back");
  close (fd);
}

static gint64
peak_bytes (void)
{
  g_autofree char *status = NULL;
  const char *line = g_file_get_contents ("/proc/self/status", &status, NULL, NULL)
                         ? strstr (status, "VmHWM:")
                         : NULL;
  return line ? g_ascii_strtoll (line + 6, NULL, 10) * 1024 : 0;
}

/* ---- one run */

static void
method_progress (gpointer user, guint done, guint total)
{
  cli_progress (user, done, total, NULL);
}

static void
views_progress (gpointer user G_GNUC_UNUSED, guint done, guint total)
{
  cli_progress ("views of pictures", done, total, NULL);
}

static gboolean
dump (const Bench *b, const FewTask *task, const FewMethodResult *result, GError **error)
{
  g_autoptr (GArray) tensors = g_array_new (FALSE, FALSE, sizeof (FewNamedTensor));
  guint n = task->n;
  guint k = task->n_classes;
  guint d = few_model_dim (b->model);
  g_autofree float *labels = g_new (float, n);
  g_autofree float *roles = g_new (float, n);
  for (guint i = 0; i < n; i++)
    {
      labels[i] = (float) task->labels[i];
      roles[i] = task->roles[i];
    }
  const FewNamedTensor fixed[] = {
    { "features", { n, d }, 2, task->features, NULL },
    { "text", { k, d }, 2, task->text_features, NULL },
    { "labels", { n }, 1, labels, NULL },
    { "roles", { n }, 1, roles, NULL },
    { "scores", { n, k }, 2, result->scores, NULL },
  };
  g_array_append_vals (tensors, fixed, G_N_ELEMENTS (fixed));
  guint n_train = 0;
  for (guint i = 0; i < n; i++)
    n_train += task->roles[i] == FEW_ROLE_TRAIN;
  if (task->views)
    {
      FewNamedTensor views = { "views", { n_train, task->n_views, d }, 3, task->views, NULL };
      g_array_append_val (tensors, views);
    }
  g_autofree float *losses = g_new (float, MAX (result->epochs, 1));
  for (guint i = 0; i < result->epochs; i++)
    losses[i] = result->history[i].loss;
  FewNamedTensor history = { "losses", { result->epochs }, 1, losses, NULL };
  if (result->epochs)
    g_array_append_val (tensors, history);
  for (guint i = 0; i < result->tensors->len; i++)
    {
      const FewLearned *learned = result->tensors->pdata[i];
      FewNamedTensor tensor = {
        learned->name, { learned->rows, learned->columns }, 2, learned->values, NULL
      };
      g_array_append_val (tensors, tensor);
    }
  g_autofree char *scale = g_strdup_printf ("%.9g", few_model_info (b->model)->logit_scale);
  const char *const metadata[] = { "chosen", result->chosen ? result->chosen : "", "logit_scale",
                                   scale, NULL };
  return few_tensor_file_save (b->dump, &g_array_index (tensors, FewNamedTensor, 0), tensors->len,
                               metadata, error);
}

/* FALSE only when the whole bench has to stop. */
static gboolean
run_one (Bench *b, BenchTable *table, const FewTask *task, guint method, guint shots, gint64 seed,
         GError **error)
{
  g_autoptr (GError) local = NULL;
  FewMethodOptions options = b->options[method];
  options.train.seed = (guint64) seed;
  guint n_test = 0;
  for (guint i = 0; i < task->n; i++)
    n_test += task->roles[i] == FEW_ROLE_TEST;
  g_autofree char *what =
      g_strdup_printf ("%s, %u shots, seed %" G_GINT64_FORMAT ":", b->methods[method], shots, seed);
  reset_peak ();
  g_autoptr (FewMethodResult) result =
      few_method_run (b->model, task, &options, method_progress, what, b->cli->cancellable, &local);
  cli_say_notice (b->model);
  cli_progress (NULL, 0, 0, NULL);
  if (!result && g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  BenchRow row = { .method = g_strdup (b->methods[method]),
                   .shots = shots,
                   .seed = seed,
                   .test_pictures = n_test,
                   .peak_bytes = peak_bytes (),
                   .test = NAN,
                   .low = NAN,
                   .high = NAN,
                   .validation = NAN };
  if (result)
    {
      row.test = result->accuracy[FEW_ROLE_TEST];
      row.low = result->low;
      row.high = result->high;
      row.validation = result->accuracy[FEW_ROLE_VALIDATION];
      row.seconds = result->seconds;
      row.parameters = (gint64) result->parameters;
      row.chosen = g_strdup (result->chosen);
      row.too_few = result->too_few;
    }
  else
    {
      cli_complain (what, local->message);
      row.error = g_strdup (local->message);
    }
  if (result && !b->cli->json)
    g_print ("%-20s %2u shots, seed %" G_GINT64_FORMAT ": %5.1f %% (%.1f–%.1f), %.2f s%s%s%s\n",
             row.method, shots, seed, 100 * row.test, 100 * row.low, 100 * row.high, row.seconds,
             row.chosen ? "  " : "", row.chosen ? row.chosen : "",
             row.too_few ? "  (too few validation pictures to choose)" : "");
  if (result && b->dump && !dump (b, task, result, error))
    return FALSE;
  return bench_table_add (table, &row, error);
}

static gboolean
is_done (const Bench *b, const BenchTable *table, guint shots, gint64 seed)
{
  for (guint i = 0; b->methods[i]; i++)
    if (!bench_table_find (table, b->methods[i], shots, seed))
      return FALSE;
  return TRUE;
}

/* All methods on one draw of shots. */
static gboolean
run_split (Bench *b, BenchTable *table, guint shots, gint64 seed, GError **error)
{
  const CliData *data = &b->data;
  if (is_done (b, table, shots, seed))
    return TRUE;
  g_autofree guint8 *roles = g_memdup2 (b->pool, data->n);
  g_autoptr (GPtrArray) trained = g_ptr_array_new ();
  g_autofree float *views = NULL;
  few_shot_split (data->labels, data->n, data->n_classes, shots, (guint64) seed, roles);
  for (guint i = 0; i < data->n; i++)
    if (roles[i] == FEW_ROLE_TRAIN)
      g_ptr_array_add (trained, data->paths[i]);
  if (b->views > 0)
    {
      g_autofree char *cache = cli_cache_folder (b->cli);
      views = g_new (float, (gsize) MAX (trained->len, 1) * b->views * few_model_dim (b->model));
      gboolean ok = few_model_encode_views (b->model, (const char *const *) trained->pdata,
                                            trained->len, b->views, (guint64) seed, cache, views,
                                            views_progress, NULL, b->cli->cancellable, error);
      cli_progress (NULL, 0, 0, NULL);
      if (!ok)
        return FALSE;
    }
  FewTask task = { .n = data->n,
                   .n_classes = data->n_classes,
                   .features = data->features,
                   .labels = data->labels,
                   .roles = roles,
                   .text_features = b->text,
                   .class_names = (const char *const *) data->classes,
                   .views = views,
                   .n_views = b->views,
                   .paths = (const char *const *) data->paths };
  for (guint i = 0; b->methods[i]; i++)
    if (!bench_table_find (table, b->methods[i], shots, seed)
        && !run_one (b, table, &task, i, shots, seed, error))
      return FALSE;
  return TRUE;
}

/* ---- the data */

typedef struct
{
  char *split, *images, *train_list, *val_list, *test_list, *class_names, *class_prompts;
} Sources;

static void
sources_clear (Sources *s)
{
  char *strings[] = { s->split,     s->images,      s->train_list,   s->val_list,
                      s->test_list, s->class_names, s->class_prompts };
  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    g_free (strings[i]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Sources, sources_clear)

static FewDataset *
open_dataset (const Sources *s, const char *folder, GError **error)
{
  g_autoptr (FewDataset) set = NULL;
  const char *images = s->images ? s->images : folder;
  if ((s->split || s->train_list) && !images)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 "--split and lists need the folder of pictures: DATA, or --images.");
  else if (s->split)
    set = few_dataset_load_split (s->split, images, error);
  else if (s->train_list)
    set = few_dataset_load_lists (s->train_list, s->val_list, s->test_list, images, error);
  else if (folder)
    set = few_dataset_scan (folder, error);
  else
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 "Name a folder of class folders, a --split or a --train-list.");
  if (!set || (s->class_names && !few_dataset_rename_classes (set, s->class_names, error)))
    return NULL;
  return g_steal_pointer (&set);
}

/* What a person should know before believing the table. */
static void
warn (const Bench *b)
{
  guint most = 0;
  g_autofree gint32 *ids = g_new (gint32, few_model_info (b->model)->context_length);
  for (guint i = 0; i < b->n_shots; i++)
    most = MAX (most, b->shots[i]);
  for (guint c = 0; c < b->data.n_classes; c++)
    {
      guint train = 0;
      guint test = 0;
      for (guint i = 0; i < b->data.n; i++)
        if (b->data.labels[i] == c)
          {
            train += b->pool[i] == FEW_ROLE_TRAIN;
            test += b->pool[i] == FEW_ROLE_TEST;
          }
      g_autofree char *name = few_text_shown (b->data.classes[c]);
      if (train < most)
        g_printerr ("“%s” has %u training picture%s, fewer than %u: all of them are used.\n", name,
                    train, train == 1 ? "" : "s", most);
      if (test == 0)
        g_printerr ("“%s” has no test picture.\n", name);
      g_autofree char *spoken = g_strdelimit (g_strdup (b->data.classes[c]), "_", ' ');
      if (few_model_tokenize (b->model, spoken, ids, NULL) <= 2)
        g_printerr (
            "“%s” holds no word that the model can read; its prompt says nothing about it.\n",
            name);
    }
}

enum { MAX_PROMPTS = 32 << 20 };

/* A JSON object of class names and the prompts that replace the templates for them → [K], NULL
 * where there is none. */
static gboolean
load_prompts (const Bench *b, const char *path, const char **prompts, JsonParser *parser,
              GError **error)
{
  gsize length;
  g_autofree char *text = few_file_read (path, MAX_PROMPTS, &length, error);
  if (!text || !few_json_check (text, length, path, error)
      || !json_parser_load_from_data (parser, text, (gssize) length, error))
    return FALSE;
  JsonNode *root = json_parser_get_root (parser);
  JsonObject *object = root && JSON_NODE_HOLDS_OBJECT (root) ? json_node_get_object (root) : NULL;
  for (guint c = 0; object && c < b->data.n_classes; c++)
    {
      JsonNode *node = json_object_get_member (object, b->data.classes[c]);
      if (!node)
        continue;
      if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
        object = NULL;
      else
        prompts[c] = json_node_get_string (node);
    }
  if (!object)
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                 "%s is to be a JSON object of class names and their prompts.", path);
  return object != NULL;
}

static gboolean
load (Bench *b, const Sources *sources, const char *folder, const char *const *templates,
      GError **error)
{
  g_autoptr (FewDataset) set = open_dataset (sources, folder, error);
  if (!set || !cli_data_encode (b->cli, b->model, set, &b->data, error))
    return FALSE;
  CliData *data = &b->data;
  if (data->n == 0)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                   "None of the %u pictures could be read.", set->pictures->len);
      return FALSE;
    }
  b->pool = g_memdup2 (data->roles, data->n);
  if (!set->has_roles)
    few_hold_out (data->labels, data->n, data->n_classes, 0, b->pool);
  b->text = g_new (float, (gsize) data->n_classes *few_model_dim (b->model));
  warn (b);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree const char **prompts = g_new0 (const char *, data->n_classes + 1);
  if (sources->class_prompts && !load_prompts (b, sources->class_prompts, prompts, parser, error))
    return FALSE;
  return few_model_encode_classes (b->model, (const char *const *) data->classes, prompts,
                                   data->n_classes, templates, b->text, b->cli->cancellable, error);
}

/* Everything that the numbers depend on but method, shots and seed. */
static char *
identity (const Bench *b)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize d = few_model_dim (b->model);
  g_checksum_update (sum, (const guint8 *) few_model_info (b->model)->sha256, -1);
  g_checksum_update (sum, (const guint8 *) b->data.features,
                     (gssize) (b->data.n * d * sizeof (float)));
  g_checksum_update (sum, (const guint8 *) b->data.labels, (gssize) (b->data.n * sizeof (guint32)));
  g_checksum_update (sum, b->pool, b->data.n);
  g_checksum_update (sum, (const guint8 *) &b->views, sizeof b->views);
  g_checksum_update (sum, (const guint8 *) b->text,
                     (gssize) (b->data.n_classes * d * sizeof (float)));
  for (guint c = 0; c < b->data.n_classes; c++) /* CoOp reads the names themselves */
    g_checksum_update (sum, (const guint8 *) b->data.classes[c],
                       (gssize) strlen (b->data.classes[c]) + 1);
  return g_strdup_printf ("{\"fewshot_bench\":1,\"identity\":\"%s\"}", g_checksum_get_string (sum));
}

/* ---- the command line */

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
        {
          gboolean setting = piece > pieces && strchr (*piece, '=') && !strchr (*piece, ':');
          if (setting && found->len > 0)
            {
              char *old = found->pdata[found->len - 1];
              found->pdata[found->len - 1] = g_strconcat (old, ",", *piece, NULL);
              g_free (old);
            }
          else if (**piece)
            g_ptr_array_add (found, g_strdup (*piece));
        }
    }
  if (found->len == 0)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--methods names none.");
      return FALSE;
    }
  b->options = g_new0 (FewMethodOptions, found->len);
  for (guint i = 0; i < found->len; i++)
    if (!few_method_parse (found->pdata[i], &b->options[i], error))
      return FALSE;
  g_ptr_array_add (found, NULL);
  g_ptr_array_set_free_func (found, NULL);
  b->methods = (GStrv) g_ptr_array_free (g_steal_pointer (&found), FALSE);
  return TRUE;
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

static void
bench_clear (Bench *b)
{
  cli_data_clear (&b->data);
  g_clear_pointer (&b->model, few_model_unref);
  g_strfreev (b->methods);
  g_free (b->options);
  g_free (b->pool);
  g_free (b->text);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Bench, bench_clear)

static gboolean
run (Bench *b, const char *output, const char *title, const char *literature, GError **error)
{
  g_autofree char *what = identity (b);
  g_autoptr (BenchTable) table = bench_table_open (output, what, error);
  if (!table)
    return FALSE;
  for (guint i = 0; i < b->n_shots; i++)
    for (guint j = 0; j < b->n_seeds; j++)
      if (!run_split (b, table, b->shots[i], b->seeds[j], error))
        return FALSE;
  const FewModelInfo *info = few_model_info (b->model);
  BenchSummary summary = { (const char *const *) b->methods,
                           b->shots,
                           b->n_shots,
                           b->seeds,
                           b->n_seeds,
                           info->name,
                           title,
                           info->device,
                           literature };
  g_autofree char *markdown = bench_table_markdown (table, &summary);
  if (!bench_table_finish (table, &summary, error))
    return FALSE;
  if (b->cli->json)
    {
      JsonBuilder *builder = cli_json_begin ();
      cli_json_string (builder, "output", output);
      cli_json_int (builder, "refused", b->data.refused);
      cli_json_end (builder);
    }
  else
    g_print ("\n%s\n%s\n", markdown, output);
  return TRUE;
}

int
cli_bench (Cli *cli, int argc, char **argv)
{
  g_auto (GStrv) arguments = NULL;
  g_auto (GStrv) templates = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *methods = NULL;
  g_autofree char *shots = NULL;
  g_autofree char *prompts = NULL;
  g_autofree char *output = NULL;
  g_autofree char *literature = NULL;
  g_autofree char *dump_path = NULL;
  g_auto (Sources) s = { NULL };
  int seeds = 3;
  int views = 0;
  int status;
  g_auto (Bench) b = { .cli = cli };
  const GOptionEntry entries[] = {
    { "methods", 0, 0, G_OPTION_ARG_STRING, &methods, "Methods, each NAME or NAME:key=value,…",
      "M,…" },
    { "shots", 0, 0, G_OPTION_ARG_STRING, &shots, "Training pictures a class (1,2,4,8,16)", "K,…" },
    { "seeds", 0, 0, G_OPTION_ARG_INT, &seeds, "How many draws of shots, numbered from 1 (3)",
      "N" },
    { "split", 0, 0, G_OPTION_ARG_FILENAME, &s.split, "CoOp's split_zhou_*.json", "FILE" },
    { "images", 0, 0, G_OPTION_ARG_FILENAME, &s.images,
      "Folder that paths in --split and lists are relative to", "DIR" },
    { "train-list", 0, 0, G_OPTION_ARG_FILENAME, &s.train_list, "Lines of a path and a class name",
      "FILE" },
    { "val-list", 0, 0, G_OPTION_ARG_FILENAME, &s.val_list, "The same, to validate on", "FILE" },
    { "test-list", 0, 0, G_OPTION_ARG_FILENAME, &s.test_list, "The same, to test on", "FILE" },
    { "class-names", 0, 0, G_OPTION_ARG_FILENAME, &s.class_names,
      "Lines of a folder and what its class is called", "FILE" },
    { "class-prompts", 0, 0, G_OPTION_ARG_FILENAME, &s.class_prompts,
      "JSON object: a class's own prompt in the place of the templates", "FILE" },
    { "template", 0, 0, G_OPTION_ARG_STRING_ARRAY, &templates,
      "Prompt with {} for the class name; several are averaged", "T" },
    { "prompts", 0, 0, G_OPTION_ARG_STRING, &prompts,
      "photo, pets, flowers, aircraft, food, texture, satellite, action, ensemble", "P" },
    { "views", 0, 0, G_OPTION_ARG_INT, &views, "Augmented views of each training picture (0)",
      "N" },
    { "literature", 0, 0, G_OPTION_ARG_STRING, &literature,
      "Add the figures published for this set (eurosat, dtd, …)", "SET" },
    { "dump", 0, 0, G_OPTION_ARG_FILENAME, &dump_path,
      "Features, scores and learned tensors of the last run, as safetensors", "FILE" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
      "Table to write: .csv, .md, .json (bench.csv)", "FILE" },
    G_OPTION_ENTRY_NULL,
  };
  if (!cli_parse (cli, argc, argv, "MODEL [DATA]", entries, 1, &arguments, &status))
    return status;
  const char *wrong = NULL;
  const char *const *used =
      templates ? (const char *const *) templates : find_preset (prompts ? prompts : "photo");
  for (guint i = 0; templates && templates[i]; i++)
    if (!strstr (templates[i], "{}"))
      wrong = "--template has no {} for the class name.";
  if (!used)
    wrong = "--prompts knows photo, pets, flowers, aircraft, food, texture, satellite, action and "
            "ensemble.";
  else if (!parse_numbers (shots ? shots : "1,2,4,8,16", 100000, G_N_ELEMENTS (b.shots), b.shots,
                           &b.n_shots))
    wrong = "--shots is a list of whole numbers, as 1,2,4.";
  else if (seeds < 1 || seeds > (int) G_N_ELEMENTS (b.seeds))
    wrong = "--seeds is a number from 1 to 100.";
  else if (views < 0 || views > FEW_MAX_VIEWS)
    wrong = "--views is a number from 0 to 100.";
  else if (literature && !literature_find (literature, 0))
    wrong = "--literature knows imagenet, caltech101, dtd, eurosat, fgvc-aircraft, flowers102, "
            "food101, oxford-pets, stanford-cars, sun397, ucf101.";
  if (!wrong && !parse_methods (&b, methods ? methods : default_methods, &error))
    wrong = error->message;
  if (wrong)
    {
      g_printerr ("fewshot-cli bench: %s\n", wrong);
      return CLI_USAGE;
    }
  for (b.n_seeds = 0; b.n_seeds < (guint) seeds; b.n_seeds++)
    b.seeds[b.n_seeds] = b.n_seeds + 1;
  b.views = (guint) views;
  b.dump = dump_path;
  b.model = cli_open_model (cli, arguments[0], &error);
  g_autofree char *title = g_path_get_basename (s.split        ? s.split
                                                : arguments[1] ? arguments[1]
                                                : s.train_list ? s.train_list
                                                               : "");
  if (!b.model || !load (&b, &s, arguments[1], used, &error)
      || !run (&b, output ? output : "bench.csv", title, literature, &error))
    return cli_fail (error);
  return CLI_OK;
}
