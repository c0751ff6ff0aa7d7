/* SPDX-License-Identifier: MIT */
/* merge: the files of all shards into the one that a single run would have written. */
#include "cli/merge-lines.h"

/* A shard without pictures printed nothing. */
static gboolean
has_lines (const char *const *paths)
{
  for (; *paths; paths++)
    if (cli_lines_recognise (*paths))
      return TRUE;
  return FALSE;
}

int
cli_merge (Cli *cli, int argc, char **argv)
{
  g_auto (GStrv) arguments = NULL;
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;
  int status;
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "The file to write", "FILE" },
    G_OPTION_ENTRY_NULL,
  };
  if (!cli_parse (cli, argc, argv, "FILE… --output F", entries, 1, &arguments, &status))
    return status;
  if (!output)
    {
      g_printerr ("fewshot-cli merge: --output is missing.\n");
      return CLI_USAGE;
    }
  guint64 pictures = 0;
  guint n = g_strv_length (arguments);
  gboolean (*join) (const char *const *, guint, const char *, guint64 *, GError **) =
      has_lines ((const char *const *) arguments) ? cli_lines_merge : few_embed_merge;
  if (!few_file_check_output (output, &error)
      || !join ((const char *const *) arguments, n, output, &pictures, &error))
    return cli_fail (error);
  if (cli->json)
    {
      JsonBuilder *builder = cli_json_begin ();
      cli_json_int (builder, "images", (gint64) pictures);
      cli_json_string (builder, "output", output);
      cli_json_end (builder);
    }
  return CLI_OK;
}
