/* SPDX-License-Identifier: MIT */
/* What the commands share: options, models, progress, JSON, encoding pictures. */
#include "common/paths.h"
#include "cli/cli.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Whether a word is an option of these whose value is the next word. */
static gboolean
takes_next (const GOptionEntry *entries, const char *word)
{
  for (const GOptionEntry *entry = entries; entry && entry->long_name; entry++)
    {
      gboolean is_long = g_str_has_prefix (word, "--") && g_str_equal (word + 2, entry->long_name);
      gboolean is_short =
          word[0] == '-' && entry->short_name && word[1] == entry->short_name && word[2] == '\0';
      if ((is_long || is_short) && entry->arg != G_OPTION_ARG_NONE)
        return TRUE;
    }
  return FALSE;
}

/* Where "--" ends the options; argc when it does not. GOption leaves it in its place before words
 * that begin with a dash, so that it never sees it here. */
static int
find_separator (const GOptionEntry *common, const GOptionEntry *entries, int argc, char **argv)
{
  for (int i = 1; i < argc; i++)
    if (g_str_equal (argv[i], "--"))
      return i;
    else if (takes_next (common, argv[i]) || takes_next (entries, argv[i]))
      i++;
  return argc;
}

static char **
copy_words (int n, char **argv)
{
  char **words = g_new0 (char *, (gsize) n + 1);
  for (int i = 0; i < n; i++)
    words[i] = g_strdup (argv[i]);
  return words;
}

/* What the parser left and what stands behind the separator, without the command itself. */
static char **
gather_arguments (char **words, int argc, char **argv, int separator)
{
  g_autoptr (GStrvBuilder) rest = g_strv_builder_new ();
  g_strv_builder_addv (rest, (const char **) words + (words[0] != NULL));
  g_strv_builder_addv (rest, (const char **) argv + MIN (separator + 1, argc));
  return g_strv_builder_end (rest);
}

static gboolean
check_common (const Cli *cli, GError **error)
{
  if (cli->log && !cli_log_set (cli->log))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "--log is error, warning, info or debug, not “%s”.", cli->log);
      return FALSE;
    }
  if (cli->threads >= 0 && cli->max_megapixels >= 0)
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s is not to be negative.",
               cli->threads < 0 ? "--threads" : "--max-megapixels");
  return FALSE;
}

gboolean
cli_parse (Cli *cli, int argc, char **argv, const char *usage, const GOptionEntry *entries,
           guint least_arguments, char ***arguments, int *status)
{
  gboolean help = FALSE;
  const GOptionEntry common[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &cli->json, "One JSON object on standard output", NULL },
    { "device", 0, 0, G_OPTION_ARG_STRING, &cli->device,
      "cpu, cuda:0 (embed: cuda:all), or auto (the default): a GPU that passes its check, or CPU",
      "DEVICE" },
    { "precision", 0, 0, G_OPTION_ARG_STRING, &cli->precision,
      "f32; on the CPU also bf16 and int8, faster, with slightly other features; on GPUs f16 (the "
      "default), f32, and from compute capability 8.0 on tf32 and bf16",
      "P" },
    { "threads", 0, 0, G_OPTION_ARG_INT, &cli->threads, "At most so many threads", "N" },
    { "exact", 0, 0, G_OPTION_ARG_NONE, &cli->exact,
      "Decode large JPEGs whole: four times slower, Pillow's pixels", NULL },
    { "cache", 0, 0, G_OPTION_ARG_FILENAME, &cli->cache,
      "The folder of the feature cache; cache merge joins several", "FOLDER" },
    { "no-cache", 0, 0, G_OPTION_ARG_NONE, &cli->no_cache, "Neither use nor fill the feature cache",
      NULL },
    { "max-megapixels", 0, 0, G_OPTION_ARG_INT, &cli->max_megapixels,
      "Refuse larger pictures (200)", "M" },
    { "log", 0, 0, G_OPTION_ARG_STRING, &cli->log,
      "Say what is an error, a warning, info (the default) or debug, and what is graver", "LEVEL" },
    { "help", 'h', 0, G_OPTION_ARG_NONE, &help, "Show this help", NULL },
    G_OPTION_ENTRY_NULL,
  };
  if (cli->describe)
    {
      cli->describe (common, entries, cli->describe_data);
      *status = CLI_OK;
      return FALSE;
    }
  g_autoptr (GOptionContext) context = g_option_context_new (usage);
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_add_main_entries (context, common, NULL);
  if (entries)
    g_option_context_add_main_entries (context, entries, NULL);
  g_autoptr (GError) error = NULL;
  int separator = find_separator (common, entries, argc, argv);
  g_auto (GStrv) words = copy_words (separator, argv); /* the parser reorders them */
  gboolean ok = g_option_context_parse_strv (context, &words, &error);
  g_autofree char *text = g_option_context_get_help (context, TRUE, NULL);
  *status = help ? CLI_OK : CLI_USAGE;
  if (help)
    {
      g_print ("%s", text);
      return FALSE;
    }
  g_auto (GStrv) all = gather_arguments (words, argc, argv, separator);
  ok = ok && check_common (cli, &error);
  if (!ok || g_strv_length (all) < least_arguments)
    {
      g_printerr ("fewshot-cli %s: %s\n\n%s", argv[0],
                  error ? error->message : "an argument is missing.", text);
      return FALSE;
    }
  *arguments = g_steal_pointer (&all);
  return TRUE;
}

gboolean
cli_parse_number (const char *command, const char *name, const char *text, double least,
                  double most, double *value)
{
  char *end = NULL;
  if (!text)
    return TRUE;
  *value = g_ascii_strtod (text, &end);
  if (end != text && !*end && isfinite (*value) && *value >= least && *value <= most)
    return TRUE;
  char from[G_ASCII_DTOSTR_BUF_SIZE];
  char to[G_ASCII_DTOSTR_BUF_SIZE];
  g_ascii_formatd (from, sizeof from, "%g", least);
  g_ascii_formatd (to, sizeof to, "%g", most);
  g_printerr ("fewshot-cli %s: --%s is a number from %s to %s, not “%s”.\n", command, name, from,
              to, text);
  return FALSE;
}

gboolean
cli_check_count (const char *command, const char *name, int value)
{
  if (value >= 0 || value == CLI_NOT_GIVEN)
    return TRUE;
  g_printerr ("fewshot-cli %s: --%s is not to be negative.\n", command, name);
  return FALSE;
}

gpointer
cli_try_values (gsize n, gsize size, GError **error)
{
  gpointer memory = n < G_MAXSIZE ? g_try_malloc0_n (n + 1, size) : NULL;
  if (!memory)
    g_set_error (error, FEW_ERROR, FEW_ERROR_MEMORY,
                 "There is not enough memory for %" G_GSIZE_FORMAT " pictures.", n);
  return memory;
}

float *
cli_try_floats (gsize rows, gsize columns, GError **error)
{
  gsize n = 0;
  gboolean fits = g_size_checked_mul (&n, rows, columns);
  float *memory = fits ? g_try_new (float, MAX (n, 1)) : NULL;
  if (!memory)
    g_set_error (error, FEW_ERROR, FEW_ERROR_MEMORY,
                 "There is not enough memory for %" G_GSIZE_FORMAT " × %" G_GSIZE_FORMAT
                 " numbers.",
                 rows, columns);
  return memory;
}

int
cli_fail (const GError *error)
{
  cli_progress (NULL, 0, 0, NULL);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    cli_log (CLI_INFO, "fewshot-cli:", "stopped.");
  else
    cli_log (CLI_ERROR, "fewshot-cli:", error->message);
  return CLI_FAILURE;
}

void
cli_progress (const char *what, guint done, guint total, const char *detail)
{
  if (!isatty (STDERR_FILENO))
    return;
  const char *gap = detail ? "  " : "";
  const char *shown = detail ? detail : "";
  g_autofree char *line = NULL;
  if (total == 0)
    line = g_strdup ("");
  else
    line = g_strdup_printf ("%s %u of %u%s%s", what, done, total, gap, shown);
  cli_put_progress (line);
}

gboolean
cli_begin (Cli *cli, int argc, char **argv, const char *usage, const GOptionEntry *entries,
           guint least_arguments, CliModel *m, int *status)
{
  g_autoptr (GError) error = NULL;
  if (!cli_parse (cli, argc, argv, usage, entries, least_arguments, &m->arguments, status))
    return FALSE;
  m->model = cli_open_model (cli, m->arguments[0], &error);
  if (!m->model)
    *status = cli_fail (error);
  return m->model != NULL;
}

void
cli_model_clear (CliModel *m)
{
  g_strfreev (m->arguments);
  g_clear_pointer (&m->model, few_model_unref);
}

/* Of a GPU's ways those that the CPU has not */
static gboolean
is_of_gpu (const char *precision)
{
  return g_str_equal (precision, "f16") || g_str_equal (precision, "tf32");
}

static gboolean
check_precision (const Cli *cli, GError **error)
{
  static const char *const known[] = { "f32", "tf32", "f16", "bf16", "int8", NULL };
  const char *precision = cli->precision;
  gboolean gpu = cli->device && g_str_has_prefix (cli->device, "cuda:");
  if (!precision)
    return TRUE;
  if (!g_strv_contains (known, precision))
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 "--precision is f32, bf16 or int8, on a GPU f32, tf32, f16 or bf16, not “%s”.",
                 precision);
  else if (gpu && g_str_equal (precision, "int8"))
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 "GPUs multiply in f16, f32, tf32 or bf16; %s is the CPU's.", precision);
  else if (cli->device && g_str_has_prefix (cli->device, "cpu") && is_of_gpu (precision))
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 "The CPU multiplies in f32, bf16 or int8; %s is a GPU's.", precision);
  else
    return TRUE;
  return FALSE;
}

/* The one that is named, or that has the precision. */
static const char *
choose_device (const Cli *cli)
{
  if (cli->device || !cli->precision)
    return cli->device ? cli->device : "auto";
  return is_of_gpu (cli->precision) ? "cuda:0" : "cpu";
}

FewModel *
cli_open_model (Cli *cli, const char *name, GError **error)
{
  g_autofree char *folder = few_model_folder (name);
  if (!check_precision (cli, error))
    return NULL;
  g_autoptr (GString) device = g_string_new (choose_device (cli));
  gboolean default_of_cpu =
      g_strcmp0 (cli->precision, "f32") == 0 && g_str_has_prefix (device->str, "cpu");
  if (cli->precision && !default_of_cpu)
    g_string_append_printf (device, ":%s", cli->precision);
  if (cli->threads > 0)
    g_string_append_printf (device, ",threads=%d", cli->threads);
  FewModel *model = few_model_open (folder, device->str, cli->cancellable, error);
  if (model)
    {
      few_model_set_exact (model, cli->exact);
      cli_say_notice (model);
    }
  if (model && cli->max_megapixels > 0)
    few_model_set_max_pixels (model, (guint64) cli->max_megapixels * 1000000);
  return model;
}

FewModel *
cli_open_model_with_texts (Cli *cli, const char *name, GError **error)
{
  g_autoptr (FewModel) model = cli_open_model (cli, name, error);
  if (!model || !few_model_load_text (model, error))
    return NULL;
  cli_say_notice (model);
  return g_steal_pointer (&model);
}

void
cli_say_notice (FewModel *model)
{
  g_autofree char *notice = few_model_take_notice (model);
  if (notice)
    cli_complain ("fewshot-cli: The CPU is used instead of the GPU:", notice);
}

void
cli_json_end (JsonBuilder *builder)
{
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = json_to_string (root, TRUE);
  cli_put_json (text);
  g_object_unref (builder);
}

char *
cli_cache_folder (Cli *cli)
{
  if (cli->no_cache)
    return NULL;
  return cli->cache ? g_strdup (cli->cache) : few_default_cache_folder ();
}

typedef struct
{
  float *features;
  guint8 *known, *hashes;
  guint dim, done, n, refused, cached;
  gint64 started;
} Encoding;

static void
encoded (gpointer user, guint index, const float *feature, const guint8 *hash, gboolean from_cache,
         const GError *error)
{
  Encoding *e = user;
  e->done++;
  e->cached += from_cache;
  e->known[index] = feature != NULL;
  if (feature && e->hashes)
    memcpy (e->hashes + (gsize) index * 32, hash, 32);
  if (feature)
    memcpy (e->features + (gsize) index * e->dim, feature, e->dim * sizeof (float));
  else
    {
      e->refused++;
      cli_progress (NULL, 0, 0, NULL);
      cli_complain ("refused:", error->message);
    }
  double seconds = (double) (g_get_monotonic_time () - e->started) / G_USEC_PER_SEC;
  double rate = e->done / MAX (seconds, 1e-3);
  g_autofree char *detail =
      g_strdup_printf ("%.0f pictures/s, %.0f s left", rate, (e->n - e->done) / rate);
  cli_progress ("encoding", e->done, e->n, detail);
}

gboolean
cli_encode (Cli *cli, FewModel *model, const char *const *paths, guint n, float *features,
            guint8 *known, guint8 *hashes, guint *refused, guint *cached, GError **error)
{
  g_autofree char *cache = cli_cache_folder (cli);
  Encoding e = { .features = features,
                 .known = known,
                 .hashes = hashes,
                 .dim = few_model_dim (model),
                 .n = n,
                 .started = g_get_monotonic_time () };
  gboolean ok =
      few_model_encode_files (model, paths, n, cache, encoded, &e, cli->cancellable, error);
  cli_progress (NULL, 0, 0, NULL);
  cli_say_notice (model);
  *refused = e.refused;
  if (cached)
    *cached = e.cached;
  return ok;
}
