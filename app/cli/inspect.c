/* SPDX-License-Identifier: MIT */
/* info, tokenize, preprocess: looking at what the engine does. */
#include "common/snippet.h"
#include "cli/boxes.h"
#include "cli/facts.h"
#include "cli/given.h"

static void
print_model (const Cli *cli, const FewModelInfo *info)
{
  if (cli->json)
    {
      JsonBuilder *builder = cli_json_begin ();
      cli_json_string (builder, "name", info->name);
      cli_json_string (builder, "folder", info->folder);
      cli_json_string (builder, "architecture", info->architecture);
      cli_json_string (builder, "sha256", info->sha256);
      cli_json_string (builder, "fingerprint", info->fingerprint);
      cli_json_string (builder, "device", info->device);
      cli_json_int (builder, "dim", info->dim);
      cli_json_int (builder, "image_size", info->preprocess.size);
      cli_json_int (builder, "context_length", info->context_length);
      cli_json_int (builder, "vocab_size", info->vocab_size);
      cli_json_int (builder, "parameters", (gint64) info->parameters);
      cli_json_number (builder, "logit_scale", info->logit_scale);
      cli_json_end (builder);
    }
  else
    g_print ("name          %s\narchitecture  %s\nparameters    %" G_GUINT64_FORMAT
             "\njoint width   %u\ntext          %u tokens of %u\n"
             "logit scale   %.2f\nsha256        %s\ndevice        %s\n",
             info->name, info->architecture, info->parameters, info->dim, info->context_length,
             info->vocab_size, info->logit_scale, info->sha256, info->device);
}

int
cli_info (Cli *cli, int argc, char **argv)
{
  g_auto (GStrv) arguments = NULL;
  g_autoptr (GError) error = NULL;
  int status;
  if (!cli_parse (cli, argc, argv, "MODEL | CLASSIFIER", NULL, 1, &arguments, &status))
    return status;
  gboolean file = g_file_test (arguments[0], G_FILE_TEST_IS_REGULAR);
  g_autoptr (FewClassifier) classifier = file ? few_classifier_load (arguments[0], NULL) : NULL;
  if (classifier)
    {
      cli_facts_print (cli, classifier);
      return CLI_OK;
    }
  g_autoptr (FewModel) model = cli_given_check_either (arguments[0], &error)
                                   ? cli_open_model (cli, arguments[0], &error)
                                   : NULL;
  if (!model)
    return cli_fail (error);
  print_model (cli, few_model_info (model));
  return CLI_OK;
}

int
cli_tokenize (Cli *cli, int argc, char **argv)
{
  g_auto (CliModel) given = { NULL };
  int status;
  if (!cli_begin (cli, argc, argv, "MODEL TEXT…", NULL, 2, &given, &status))
    return status;
  FewModel *model = given.model;
  char **arguments = given.arguments;
  if (!few_model_info (model)->reads_texts)
    {
      g_printerr ("fewshot-cli: %s knows pictures alone and reads no texts.\n",
                  few_model_info (model)->name);
      return CLI_FAILURE;
    }
  g_autofree gint32 *ids = g_new (gint32, few_model_info (model)->context_length);
  g_autoptr (GString) out = g_string_new ("[");
  for (char **text = arguments + 1; *text; text++)
    {
      gboolean cut;
      guint n = few_model_tokenize (model, *text, ids, &cut);
      g_autofree char *shown = few_text_shown (*text);
      if (cut)
        g_printerr ("“%s” is longer than %u tokens and was cut.\n", shown,
                    few_model_info (model)->context_length);
      g_string_append (out, text == arguments + 1 ? "[" : ", [");
      for (guint i = 0; i < n; i++)
        g_string_append_printf (out, "%s%d", i ? ", " : "", ids[i]);
      g_string_append_c (out, ']');
    }
  g_print ("%s]\n", out->str);
  return CLI_OK;
}

int
cli_preprocess (Cli *cli, int argc, char **argv)
{
  g_auto (GStrv) arguments = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;
  g_autofree char *box = NULL;
  FewCrop crop = { 0 };
  int status;
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
      "Where to write pixels [3,R,R] and resized [R,R,3]", "FILE" },
    { "box", 0, 0, G_OPTION_ARG_STRING, &box,
      "Of that part of the picture alone: shares of its sides, 0 to 1", "X,Y,WIDTH,HEIGHT" },
    G_OPTION_ENTRY_NULL,
  };
  if (!cli_parse (cli, argc, argv, "MODEL PICTURE --output FILE", entries, 2, &arguments, &status))
    return status;
  if (!output)
    {
      g_printerr ("fewshot-cli preprocess: --output is missing.\n");
      return CLI_USAGE;
    }
  if (box && !cli_box_parse (box, &crop))
    {
      g_printerr ("fewshot-cli preprocess: --box is x,y,width,height, inside the picture whose "
                  "sides are 1.\n");
      return CLI_USAGE;
    }
  g_autofree char *address = few_address_new (arguments[1], &crop);
  g_autoptr (FewModel) model =
      few_file_check_output (output, &error) ? cli_open_model (cli, arguments[0], &error) : NULL;
  if (!model)
    return cli_fail (error);
  const FewPreprocess *preprocess = &few_model_info (model)->preprocess;
  gsize r = preprocess->size;
  /* both in one: the bytes behind the floats */
  g_autofree float *pixels = cli_try_floats (4 * r, r, &error);
  if (!pixels)
    return cli_fail (error);
  guint8 *resized = (guint8 *) (pixels + 3 * r * r);
  const FewNamedTensor tensors[] = {
    { "pixels", { 3, r, r }, 3, pixels, NULL },
    { "resized", { r, r, 3 }, 3, NULL, resized },
  };
  if (!few_preprocess_file (preprocess, address, resized, pixels, NULL, &error)
      || !few_tensor_file_save (output, tensors, G_N_ELEMENTS (tensors), NULL, &error))
    return cli_fail (error);
  return CLI_OK;
}

int
cli_snippet (Cli *cli, int argc, char **argv)
{
  g_auto (GStrv) arguments = NULL;
  g_autoptr (GError) error = NULL;
  int status;
  if (!cli_parse (cli, argc, argv, "ADAPTER", NULL, 1, &arguments, &status))
    return status;
  if (!g_str_has_suffix (arguments[0], ".onnx"))
    {
      g_autoptr (FewClassifier) classifier = cli_given_check (arguments[0], &error)
                                                 ? few_classifier_load (arguments[0], &error)
                                                 : NULL;
      if (!classifier)
        return cli_fail (error);
    }
  g_autofree char *absolute = g_canonicalize_filename (arguments[0], NULL);
  g_autofree char *code = few_python_snippet (absolute);
  g_print ("%s", code);
  return CLI_OK;
}
