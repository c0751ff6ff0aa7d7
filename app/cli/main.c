/* SPDX-License-Identifier: MIT */
/* fewshot-cli: finds the command and waits for Ctrl-C. */
#include <config.h>
#include "cli/opened.h"
#include "cli/cli.h"
#include <libsoup/soup.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static const CliCommand commands[] = {
  { "info", "MODEL | CLASSIFIER — what a model or a classifier is", cli_info },
  { "embed", "MODEL (--image F… | --image-dir D | --text T…) --output F — features to safetensors",
    cli_embed },
  { "merge",
    "FILE… --output F — the files of all shards of embed or predict into one, or classifiers of "
    "one model",
    cli_merge },
  { "cache", "merge FOLDER… --output FOLDER — the feature caches of many tasks as one", cli_cache },
  { "train", "MODEL DATA — train an adapter on folders of pictures", cli_train },
  { "add", "CLASSIFIER DATA --output F — more classes, without the pictures of those it has",
    cli_add },
  { "bench", "MODEL DATA — few-shot methods side by side", cli_bench },
  { "eval", "CLASSIFIER DATA — accuracy of a classifier", cli_eval },
  { "predict", "CLASSIFIER (PICTURE | FOLDER | -)… — classes of pictures", cli_predict },
  { "labels",
    "DATA — classes and counts of a folder, a file of labels or keywords, and what cannot "
    "be read",
    cli_labels },
  { "unpack", "ARCHIVE — the pictures of a zip or tar file into a folder, which is then DATA",
    cli_unpack },
  { "tag", "CLASSIFIER FOLDER — classes into the metadata of pictures, or back out of it",
    cli_tag },
  { "check", "[MODEL] DATA — pictures whose label may be wrong, and near-duplicates", cli_check },
  { "label-next", "[MODEL] FOLDER — which unlabelled pictures are worth a label", cli_label_next },
  { "frames", "VIDEO FOLDER — pictures of a video, every so many seconds or where it changes",
    cli_frames },
  { "preprocess", "MODEL PICTURE --output F — the pixels that the tower sees", cli_preprocess },
  { "tokenize", "MODEL TEXT… — token ids", cli_tokenize },
  { "export", "CLASSIFIER --output FOLDER — a folder with a model that runs without Fewshot",
    cli_export },
  { "verify", "FILE DATA — runs an exported ONNX model and compares it", cli_verify },
  { "onnx", "CLASSIFIER --output F — a classifier as an ONNX model, alone or whole", cli_onnx },
  { "card", "CLASSIFIER — a model card in Markdown, of what its file tells", cli_card },
  { "snippet", "ADAPTER — Python that reads an adapter, safetensors or ONNX", cli_snippet },
  { "models", "— the catalogue, and what of it is on this computer", cli_models },
  { "pull", "NAME — fetch a model of the catalogue, or any repository ORG/NAME", cli_pull },
  { "remove", "NAME — remove a fetched model", cli_remove },
  { "devices", "— what can compute here, and why a GPU cannot", cli_devices },
  { "selftest", "[MODEL] — compare a device with the CPU: every op, then the model's features",
    cli_selftest },
  { "benchmark", "[MODEL] — speed of a device beside the CPU's, and its selftest, as one JSON",
    cli_benchmark },
  { "demo", "— the whole job on sample pictures with the built-in model", cli_demo },
  { "manual", "[man | bash | zsh | fish] — the manual page, or completions for a shell",
    cli_manual },
};

static void
print_usage (void)
{
  g_printerr ("Usage: fewshot-cli COMMAND …\n\nMODEL is a folder, the name of a fetched model, or "
              "“pocket” for the built-in one. DATA is a folder of class folders, one that\n"
              " holds train/, test/ and perhaps val/ of them, or a file of labels: CSV, TSV, JSON "
              "lines, COCO, CoOp's split.\n\n");
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    g_printerr ("  %-11s %s\n", commands[i].name, commands[i].help);
  g_printerr ("\nfewshot-cli COMMAND --help lists its options.\n");
}

/* With what a report of a fault wants to know. */
static void
print_version (void)
{
  g_print ("fewshot-cli %s\n", FEW_VERSION);
  g_print ("built: %s\n", FEW_BUILD);
  g_print ("GLib %u.%u.%u, libsoup %u.%u.%u\n", glib_major_version, glib_minor_version,
           glib_micro_version, soup_get_major_version (), soup_get_minor_version (),
           soup_get_micro_version ());
}

/* Signals are waited for in a thread of their own: a handler may not touch a GCancellable. Who asks
 * a second time waits for nothing more: files are written whole or not at all. */
static gpointer
wait_for_signal (gpointer data)
{
  sigset_t set;
  int number;
  sigemptyset (&set);
  sigaddset (&set, SIGINT);
  sigaddset (&set, SIGTERM);
  sigwait (&set, &number);
  g_cancellable_cancel (data);
  sigwait (&set, &number);
  _exit (128 + number);
}

static int
run (int argc, char **argv)
{
  sigset_t set;
  sigemptyset (&set);
  sigaddset (&set, SIGINT);
  sigaddset (&set, SIGTERM);
  pthread_sigmask (SIG_BLOCK, &set, NULL);
  if (argc < 2 || g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "-h"))
    {
      print_usage ();
      return argc < 2 ? CLI_USAGE : CLI_OK;
    }
  if (g_str_equal (argv[1], "--version"))
    {
      print_version ();
      return CLI_OK;
    }
  Cli cli = { .cancellable = g_cancellable_new (),
              .commands = commands,
              .n_commands = G_N_ELEMENTS (commands) };
  g_thread_unref (g_thread_new ("signals", wait_for_signal, cli.cancellable));
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (argv[1], commands[i].name))
      {
        int status = commands[i].run (&cli, argc - 1, argv + 1);
        cli_close_data (&cli);
        g_free (cli.device);
        g_free (cli.cache);
        g_free (cli.log);
        g_free (cli.precision);
        return status;
      }
  g_printerr ("fewshot-cli: there is no command “%s”.\n\n", argv[1]);
  print_usage ();
  return CLI_USAGE;
}

int
main (int argc, char **argv)
{
  cli_print_init ();
  return cli_print_finish (run (argc, argv));
}
