/* SPDX-License-Identifier: MIT */
/* cache: the feature caches of many tasks as one. */
#include "cli/cli.h"

int
cli_cache (Cli *cli, int argc, char **argv)
{
  g_auto (GStrv) arguments = NULL;
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;
  FewCachesMerged merged;
  int status;
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "The folder of the cache to fill",
      "FOLDER" },
    G_OPTION_ENTRY_NULL,
  };
  if (!cli_parse (cli, argc, argv, "merge FOLDER… --output FOLDER", entries, 2, &arguments,
                  &status))
    return status;
  if (!g_str_equal (arguments[0], "merge") || !output)
    {
      g_printerr ("fewshot-cli cache: %s\n",
                  output ? "merge is what it does: cache merge FOLDER… --output FOLDER."
                         : "--output is missing.");
      return CLI_USAGE;
    }
  if (!few_embed_merge_caches ((const char *const *) arguments + 1, output, &merged,
                               cli->cancellable, &error))
    return cli_fail (error);
  if (cli->json)
    {
      JsonBuilder *builder = cli_json_begin ();
      cli_json_int (builder, "added", (gint64) merged.added);
      cli_json_int (builder, "known", (gint64) merged.known);
      cli_json_int (builder, "damaged", (gint64) merged.damaged);
      cli_json_end (builder);
    }
  else
    g_print ("%" G_GUINT64_FORMAT " features added, %" G_GUINT64_FORMAT
             " were there already, %" G_GUINT64_FORMAT " were damaged and left out.\n",
             merged.added, merged.known, merged.damaged);
  return CLI_OK;
}
