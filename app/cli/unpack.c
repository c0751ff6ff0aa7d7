/* SPDX-License-Identifier: MIT */
/* unpack: an archive of pictures into a folder, which is then DATA. */
#include "cli/cli.h"

static void
show_progress (gpointer user G_GNUC_UNUSED, guint64 done, guint64 total)
{
  cli_progress ("unpacking: MB", (guint) (done >> 20), (guint) (total >> 20) + 1, NULL);
}

int
cli_unpack (Cli *cli, int argc, char **argv)
{
  g_auto (GStrv) arguments = NULL;
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;
  FewUnpacked unpacked;
  int status;
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
      "A new folder (beside the archive, named as it is without its ending)", "FOLDER" },
    G_OPTION_ENTRY_NULL,
  };
  if (!cli_parse (cli, argc, argv, "ARCHIVE", entries, 1, &arguments, &status))
    return status;
  if (!output)
    output = few_archive_folder (arguments[0]);
  gboolean ok = few_archive_unpack (arguments[0], output, show_progress, NULL, cli->cancellable,
                                    &unpacked, &error);
  cli_progress (NULL, 0, 0, NULL);
  if (!ok)
    return cli_fail (error);
  if (cli->json)
    {
      JsonBuilder *builder = cli_json_begin ();
      cli_json_int (builder, "files", unpacked.files);
      cli_json_int (builder, "bytes", (gint64) unpacked.bytes);
      cli_json_int (builder, "left_out", unpacked.left_out);
      cli_json_string (builder, "output", output);
      cli_json_end (builder);
      return CLI_OK;
    }
  g_autofree char *shown = few_text_shown (output);
  g_print ("%u files in %s; %u left out: links, hidden files, names that lead elsewhere or are "
           "there twice\n",
           unpacked.files, shown, unpacked.left_out);
  return CLI_OK;
}
