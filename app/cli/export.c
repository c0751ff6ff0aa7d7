/* SPDX-License-Identifier: MIT */
/* export: a folder with a model that runs without Fewshot; verify: one that is run. */
#include "cli/cli.h"
#include "cli/given.h"
#include "cli/sources.h"
#include "common/licence.h"

/* ---- export */

typedef struct
{
  CliGiven given;
  char *output, *reject, *sample;
  gboolean half, outside;
  double share;
} ExportOptions;

static void
clear_export (ExportOptions *o)
{
  cli_given_clear (&o->given);
  g_free (o->output);
  g_free (o->reject);
  g_free (o->sample);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ExportOptions, clear_export)

static gboolean
parse_export (Cli *cli, int argc, char **argv, ExportOptions *o, int *status)
{
  const GOptionEntry entries[] = {
    cli_given_model_entry (&o->given),
    cli_given_alpha_entry (&o->given),
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &o->output, "A new folder", "FOLDER" },
    { "f16", 0, 0, G_OPTION_ARG_NONE, &o->half, "Half the size, less exact", NULL },
    { "outside", 0, 0, G_OPTION_ARG_NONE, &o->outside,
      "The weights in a file beside the model, as above 2 GB", NULL },
    { "reject", 0, 0, G_OPTION_ARG_STRING, &o->reject,
      "Class −1 for what is as unlike the classes as that share of the pictures that tell",
      "SHARE" },
    { "sample", 0, 0, G_OPTION_ARG_FILENAME, &o->sample, "A picture to put in", "PICTURE" },
    G_OPTION_ENTRY_NULL,
  };
  return cli_parse (cli, argc, argv,
                    "CLASSIFIER --output FOLDER — model, labels, Python and what is to be known",
                    entries, 1, &o->given.arguments, status);
}

static void
show_written (gpointer user G_GNUC_UNUSED, guint64 done, guint64 total)
{
  cli_progress ("writing, MB", (guint) (done / 1000000), (guint) (total / 1000000), NULL);
}

int
cli_export (Cli *cli, int argc, char **argv)
{
  g_auto (ExportOptions) o = { 0 };
  g_autoptr (GError) error = NULL;
  int status;
  if (!parse_export (cli, argc, argv, &o, &status))
    return status;
  if (!o.output)
    {
      g_printerr ("fewshot-cli export: --output says where to.\n");
      return CLI_USAGE;
    }
  if (!cli_parse_number ("export", "reject", o.reject, 0, 1, &o.share))
    return CLI_USAGE;
  if (!cli_given_open (cli, "export", FALSE, &o.given, &status))
    return status;
  g_autofree char *licence = few_model_licence (few_model_info (o.given.model));
  const FewPortableFolder options = { .onnx = { .alpha = o.given.alpha,
                                                .reject_share = o.share,
                                                .half = o.half,
                                                .outside = o.outside },
                                      .licence = licence,
                                      .sample = o.sample };
  gboolean ok = few_portable_save_folder (o.given.model, o.given.classifier, &options, o.output,
                                          show_written, NULL, cli->cancellable, &error);
  cli_progress (NULL, 0, 0, NULL);
  return ok ? CLI_OK : cli_fail (error);
}

/* ---- verify */

typedef struct
{
  char *model, *classifier;
  char **arguments;
  char *onnx;
} VerifyOptions;

static void
clear_verify (VerifyOptions *o)
{
  g_free (o->model);
  g_free (o->classifier);
  g_free (o->onnx);
  g_strfreev (o->arguments);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VerifyOptions, clear_verify)

static gboolean
parse_verify (Cli *cli, int argc, char **argv, VerifyOptions *o, int *status)
{
  const GOptionEntry entries[] = {
    { "model", 0, 0, G_OPTION_ARG_FILENAME, &o->model,
      "The model (the one on this computer that the classifier was trained on)", "MODEL" },
    { "classifier", 0, 0, G_OPTION_ARG_FILENAME, &o->classifier,
      "What it was made of (classifier.safetensors beside it)", "CLASSIFIER" },
    G_OPTION_ENTRY_NULL,
  };
  return cli_parse (cli, argc, argv,
                    "FILE DATA — runs an exported ONNX model on pictures and compares it with the "
                    "classifier",
                    entries, 2, &o->arguments, status);
}

/* A folder that was exported, or the model in it. */
static void
find_files (VerifyOptions *o)
{
  const char *file = o->arguments[0];
  gboolean folder = g_file_test (file, G_FILE_TEST_IS_DIR);
  g_autofree char *beside = folder ? g_strdup (file) : g_path_get_dirname (file);
  o->onnx = folder ? g_build_filename (file, "model.onnx", NULL) : g_strdup (file);
  if (!o->classifier)
    o->classifier = g_build_filename (beside, "classifier.safetensors", NULL);
}

/* Every picture that the arguments behind the first name. */
static GPtrArray *
list_pictures (Cli *cli, const VerifyOptions *o, GError **error)
{
  const CliSourceOptions wanted = { .arguments = (const char *const *) o->arguments + 1,
                                    .recursive = TRUE };
  g_autoptr (CliSources) sources = cli_sources_new (&wanted, cli->cancellable);
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  char *path;
  CliSource got;
  while ((got = cli_sources_next (sources, TRUE, &path, error)) == CLI_SOURCE_PATH)
    g_ptr_array_add (paths, path);
  return got == CLI_SOURCE_END ? g_steal_pointer (&paths) : NULL;
}

static void
show_compared (gpointer user G_GNUC_UNUSED, guint64 done, guint64 total)
{
  cli_progress ("compared", (guint) done, (guint) total, NULL);
}

static gboolean
is_same (const FewVerification *v)
{
  return v->n > 0 && v->alike == v->n && v->worst <= v->bound;
}

static const char *
judge (const FewVerification *v)
{
  if (is_same (v))
    return "";
  return v->half ? ": it is not the same; f16 may be too coarse for this classifier, f32 is not"
                 : ": it is not the same";
}

static int
print_verification (const Cli *cli, const FewVerification *v)
{
  char worst[G_ASCII_DTOSTR_BUF_SIZE];
  if (cli->json)
    {
      JsonBuilder *builder = cli_json_begin ();
      cli_json_string (builder, "runtime", v->runtime);
      cli_json_int (builder, "pictures", v->n);
      cli_json_int (builder, "alike", v->alike);
      cli_json_int (builder, "unread", v->unread);
      cli_json_number (builder, "worst", v->worst);
      cli_json_number (builder, "bound", v->bound);
      cli_json_end (builder);
    }
  else
    g_print ("%s: %u of %u predictions alike, probabilities within %s%s\n", v->runtime, v->alike,
             v->n, g_ascii_formatd (worst, sizeof worst, "%.1e", v->worst), judge (v));
  if (v->unread > 0)
    g_printerr ("fewshot-cli: %u pictures could not be read.\n", v->unread);
  return is_same (v) ? CLI_OK : CLI_FAILURE;
}

int
cli_verify (Cli *cli, int argc, char **argv)
{
  g_auto (VerifyOptions) o = { 0 };
  g_autoptr (GError) error = NULL;
  int status;
  FewVerification verification;
  if (!parse_verify (cli, argc, argv, &o, &status))
    return status;
  find_files (&o);
  g_autoptr (GPtrArray) paths = list_pictures (cli, &o, &error);
  if (!paths)
    return cli_fail (error);
  g_auto (CliGiven) given = { .model_name = g_steal_pointer (&o.model) };
  given.arguments = g_strdupv ((char *[]) { o.classifier, NULL });
  if (!cli_given_open (cli, "verify", FALSE, &given, &status))
    return status;
  gboolean ok = few_portable_verify (given.model, given.classifier, o.onnx,
                                     (const char *const *) paths->pdata, paths->len, &verification,
                                     show_compared, NULL, cli->cancellable, &error);
  cli_progress (NULL, 0, 0, NULL);
  return ok ? print_verification (cli, &verification) : cli_fail (error);
}
