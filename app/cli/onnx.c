/* SPDX-License-Identifier: MIT */
/* onnx: a classifier in the format that other programs read. */
#include "cli/cli.h"
#include "cli/given.h"

int
cli_onnx (Cli *cli, int argc, char **argv)
{
  g_autofree char *alpha_text = NULL;
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) arguments = NULL;
  double alpha;
  int status;
  const GOptionEntry entries[] = {
    { "alpha", 0, 0, G_OPTION_ARG_STRING, &alpha_text, "Residual ratio (the file's own)", "A" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "File to write", "F" },
    G_OPTION_ENTRY_NULL,
  };
  if (!cli_parse (cli, argc, argv, "ADAPTER --output F — an adapter as an ONNX model", entries, 1,
                  &arguments, &status))
    return status;
  g_autoptr (FewClassifier) classifier = few_classifier_load (arguments[0], &error);
  if (!classifier)
    return cli_fail (error);
  if (!output || !cli_parse_alpha (alpha_text, few_classifier_info (classifier)->alpha, &alpha))
    {
      g_printerr ("fewshot-cli onnx: %s\n",
                  output ? "--alpha is a number from 0 to 1." : "--output says where to.");
      return CLI_USAGE;
    }
  return few_classifier_save_onnx (classifier, alpha, output, &error) ? CLI_OK : cli_fail (error);
}
