/* SPDX-License-Identifier: MIT */
/* demo: sample pictures, an adapter trained on them, what it is worth. */
#include "common/samples.h"
#include "cli/cli.h"
#include <errno.h>
#include <glib/gstdio.h>

enum { PICTURES_PER_CLASS = 40, SHOTS = 8 };

int
cli_demo (Cli *cli, int argc, char **argv)
{
  g_auto (GStrv) arguments = NULL;
  g_autofree char *output = NULL;
  g_autofree char *pictures = NULL;
  g_autoptr (GError) error = NULL;
  int status;
  int shots = SHOTS;
  gint64 seed = 1;
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "Adapter to write", "FILE" },
    { "pictures", 0, 0, G_OPTION_ARG_FILENAME, &pictures, "Where to keep the sample pictures",
      "FOLDER" },
    { "shots", 0, 0, G_OPTION_ARG_INT, &shots, "Training pictures a class", "K" },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &seed, "Seed of the split", "S" },
    G_OPTION_ENTRY_NULL,
  };
  if (!cli_parse (cli, argc, argv, "", entries, 0, &arguments, &status))
    return status;
  if (!cli_check_count ("demo", "shots", shots))
    return CLI_USAGE;
  g_autofree char *base = g_build_filename (g_get_user_data_dir (), "fewshot", "demo", NULL);
  if (!pictures)
    pictures = g_build_filename (base, "pictures", NULL);
  if (!output)
    output = g_build_filename (base, "classifier.safetensors", NULL);
  g_autofree char *folder = g_path_get_dirname (output);
  if (g_mkdir_with_parents (folder, 0755) != 0)
    {
      g_printerr ("fewshot-cli: %s could not be created: %s.\n", folder, g_strerror (errno));
      return CLI_FAILURE;
    }
  g_autoptr (FewModel) model = cli_open_model (cli, "pocket", &error);
  if (!model || !few_samples_write (pictures, PICTURES_PER_CLASS, 7, cli->cancellable, &error))
    return cli_fail (error);
  CliTrainJob job = { .method = "automatic",
                      .shots = (guint) MAX (shots, 1),
                      .template_text = "a photo of a {}.",
                      .output = output };
  few_train_options_init (&job.options);
  job.options.seed = (guint64) seed;
  return cli_train_folder (cli, model, pictures, &job);
}
