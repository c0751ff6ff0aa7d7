/* SPDX-License-Identifier: MIT */
/* onnx: a classifier in the format that other programs read, alone or with its model. */
#include "cli/cli.h"
#include "cli/given.h"

typedef struct
{
  CliGiven given;
  char *output, *reject;
  gboolean whole, half, outside;
  double share;
} OnnxOptions;

static void
clear_options (OnnxOptions *o)
{
  cli_given_clear (&o->given);
  g_free (o->output);
  g_free (o->reject);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OnnxOptions, clear_options)

static gboolean
parse_options (Cli *cli, int argc, char **argv, OnnxOptions *o, int *status)
{
  const GOptionEntry entries[] = {
    cli_given_model_entry (&o->given),
    cli_given_alpha_entry (&o->given),
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &o->output, "File to write", "F" },
    { "whole", 0, 0, G_OPTION_ARG_NONE, &o->whole, "The model, too: a picture in, its class out",
      NULL },
    { "f16", 0, 0, G_OPTION_ARG_NONE, &o->half, "With --whole: half the size, less exact", NULL },
    { "outside", 0, 0, G_OPTION_ARG_NONE, &o->outside,
      "With --whole: the weights in a file beside F, as above 2 GB", NULL },
    { "reject", 0, 0, G_OPTION_ARG_STRING, &o->reject,
      "With --whole: class −1 for what is as unlike the classes as that share of the pictures that "
      "were held out in training",
      "SHARE" },
    G_OPTION_ENTRY_NULL,
  };
  return cli_parse (cli, argc, argv, "CLASSIFIER --output F — a classifier as an ONNX model",
                    entries, 1, &o->given.arguments, status);
}

static void
show_progress (gpointer user G_GNUC_UNUSED, guint64 done, guint64 total)
{
  cli_progress ("writing, MB", (guint) (done / 1000000), (guint) (total / 1000000), NULL);
}

static int
write_whole (Cli *cli, OnnxOptions *o)
{
  g_autoptr (GError) error = NULL;
  int status;
  if (!cli_given_open (cli, "onnx", FALSE, &o->given, &status))
    return status;
  const FewPortableOptions options = {
    .alpha = o->given.alpha, .reject_share = o->share, .half = o->half, .outside = o->outside
  };
  gboolean ok = few_portable_save_onnx (o->given.model, o->given.classifier, &options, o->output,
                                        show_progress, NULL, cli->cancellable, &error);
  cli_progress (NULL, 0, 0, NULL);
  return ok ? CLI_OK : cli_fail (error);
}

static int
write_head (const OnnxOptions *o)
{
  g_autoptr (GError) error = NULL;
  double alpha;
  const char *path = o->given.arguments[0];
  g_autoptr (FewClassifier) classifier =
      cli_given_check (path, &error) ? few_classifier_load (path, &error) : NULL;
  if (!classifier)
    return cli_fail (error);
  if (!cli_parse_alpha (o->given.alpha_text, few_classifier_info (classifier)->alpha, &alpha))
    {
      g_printerr ("fewshot-cli onnx: --alpha is a number from 0 to 1.\n");
      return CLI_USAGE;
    }
  return few_classifier_save_onnx (classifier, alpha, o->output, &error) ? CLI_OK
                                                                         : cli_fail (error);
}

int
cli_onnx (Cli *cli, int argc, char **argv)
{
  g_auto (OnnxOptions) o = { 0 };
  int status;
  if (!parse_options (cli, argc, argv, &o, &status))
    return status;
  if (!o.output || (!o.whole && (o.half || o.outside || o.reject)))
    {
      g_printerr ("fewshot-cli onnx: %s\n", o.output
                                                ? "--f16, --outside and --reject go with --whole."
                                                : "--output says where to.");
      return CLI_USAGE;
    }
  if (!cli_parse_number ("onnx", "reject", o.reject, 0, 1, &o.share))
    return CLI_USAGE;
  return o.whole ? write_whole (cli, &o) : write_head (&o);
}
