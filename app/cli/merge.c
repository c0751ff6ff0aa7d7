/* SPDX-License-Identifier: MIT */
/* merge: the files of all shards into the one that a single run would have written; or classifiers
 * of one model into one. */
#include "cli/merge-classifiers.h"
#include "cli/merge-lines.h"
#include <sys/resource.h>

/* A shard without pictures printed nothing. */
static gboolean
has_lines (const char *const *paths)
{
  for (; *paths; paths++)
    if (cli_lines_recognise (*paths))
      return TRUE;
  return FALSE;
}

/* As many are open as there are parts: the limit of who is logged in, 1,024 mostly, is raised to
 * the one that the system allows. */
static void
allow_many_files (void)
{
  struct rlimit files;
  if (getrlimit (RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= files.rlim_max)
    return;
  files.rlim_cur = files.rlim_max;
  if (setrlimit (RLIMIT_NOFILE, &files) != 0)
    g_debug ("the limit of open files stays");
}

static int
merge_shards (Cli *cli, const char *output, const char *const *paths)
{
  g_autoptr (GError) error = NULL;
  guint64 pictures = 0;
  guint n = g_strv_length ((char **) paths);
  gboolean (*join) (const char *const *, guint, const char *, guint64 *, GError **) =
      has_lines (paths) ? cli_lines_merge : few_embed_merge;
  allow_many_files ();
  if (!few_file_check_output (output, &error) || !join (paths, n, output, &pictures, &error))
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

int
cli_merge (Cli *cli, int argc, char **argv)
{
  g_auto (GStrv) arguments = NULL;
  g_auto (CliJoining) joining = { NULL };
  int status;
  const GOptionEntry entries[] = {
    cli_joining_output_entry (&joining),
    cli_joining_join_entry (&joining),
    cli_joining_as_entry (&joining),
    cli_joining_settings_entry (&joining),
    G_OPTION_ENTRY_NULL,
  };
  if (!cli_parse (cli, argc, argv, "FILE… --output F", entries, 1, &arguments, &status))
    return status;
  if (!joining.output)
    {
      g_printerr ("fewshot-cli merge: --output is missing.\n");
      return CLI_USAGE;
    }
  const char *const *paths = (const char *const *) arguments;
  g_autoptr (FewClassifier) classifier = few_classifier_load (paths[0], NULL);
  if (classifier)
    return cli_merge_classifiers (cli, &joining, paths);
  if (joining.join || joining.as || joining.settings)
    {
      g_printerr ("fewshot-cli merge: --join, --as and --settings are of classifiers.\n");
      return CLI_USAGE;
    }
  return merge_shards (cli, joining.output, paths);
}
