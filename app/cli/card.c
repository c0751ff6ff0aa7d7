/* SPDX-License-Identifier: MIT */
/* card: what a classifier's file tells, as a model card. */
#include "cli/given.h"
#include "common/model-card.h"
#include <string.h>

int
cli_card (Cli *cli, int argc, char **argv)
{
  g_auto (GStrv) arguments = NULL;
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;
  int status;
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "The file to write (standard output)",
      "FILE" },
    G_OPTION_ENTRY_NULL,
  };
  if (!cli_parse (cli, argc, argv, "CLASSIFIER", entries, 1, &arguments, &status))
    return status;
  g_autoptr (FewClassifier) classifier =
      cli_given_check (arguments[0], &error) ? few_classifier_load (arguments[0], &error) : NULL;
  if (!classifier)
    return cli_fail (error);
  g_autofree char *base = g_path_get_basename (arguments[0]);
  g_autofree char *name = g_filename_display_name (base);
  g_autofree char *card = few_model_card (few_classifier_info (classifier), name);
  if (!output)
    g_print ("%s", card);
  else if (!few_file_write (output, card, strlen (card), &error))
    return cli_fail (error);
  return CLI_OK;
}
