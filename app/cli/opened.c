/* SPDX-License-Identifier: MIT */
/* Archives are unpacked among the caches, in a folder of this process, which goes with it. */
#include "cli/opened.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static void
remove_folder (const char *path)
{
  int left = few_folder_remove (path);
  if (left == 0)
    return;
  g_autofree char *shown = few_text_shown (path);
  g_printerr ("fewshot-cli: %s could not be removed: %s.\n", shown, g_strerror (left));
}

/* Of processes that were killed; a cache may be shared with other computers, of whose processes
 * nothing is known here. */
static void
remove_others (const char *place)
{
  g_autoptr (GDir) dir = g_dir_open (place, 0, NULL);
  const char *host = g_get_host_name ();
  const char *name;
  while (dir && (name = g_dir_read_name (dir)))
    {
      gint64 pid = 0;
      const char *number = strrchr (name, '-');
      gsize length = number ? (gsize) (number - name) : 0;
      g_autofree char *path = g_build_filename (place, name, NULL);
      if (length == strlen (host) && strncmp (name, host, length) == 0
          && g_ascii_string_to_signed (number + 1, 10, 1, G_MAXINT, &pid, NULL)
          && kill ((pid_t) pid, 0) != 0 && errno == ESRCH)
        remove_folder (path);
    }
}

static void
show_progress (gpointer user G_GNUC_UNUSED, guint64 done, guint64 total)
{
  cli_progress ("unpacking: MB", (guint) (done >> 20), (guint) (total >> 20) + 1, NULL);
}

/* Two archives of one command lie beside each other. */
static char *
unpack (Cli *cli, const char *path, GError **error)
{
  g_autofree char *place = g_build_filename (g_get_user_cache_dir (), "fewshot", "unpacked", NULL);
  g_autofree char *own = g_strdup_printf ("%s/%s-%d", place, g_get_host_name (), (int) getpid ());
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, path, -1);
  g_autofree char *folder = g_build_filename (own, sum, NULL);
  g_autofree char *quoted = g_shell_quote (path);
  FewUnpacked unpacked;
  if (!cli->unpacked)
    remove_folder (own); /* of one that was killed and had this number */
  else if (g_file_test (folder, G_FILE_TEST_IS_DIR))
    return g_steal_pointer (&folder);
  if (g_mkdir_with_parents (own, 0700) != 0)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
                   "%s could not be created: %s.", own, g_strerror (errno));
      return NULL;
    }
  remove_others (place);
  if (!cli->unpacked)
    cli->unpacked = g_strdup (own);
  gboolean ok =
      few_archive_unpack (path, folder, show_progress, NULL, cli->cancellable, &unpacked, error);
  cli_progress (NULL, 0, 0, NULL);
  if (!ok)
    return NULL;
  g_autofree char *note = g_strdup_printf (
      "%u files of the archive were unpacked for this run. To do it once: fewshot-cli unpack %s",
      unpacked.files, quoted);
  cli_complain ("note:", note);
  return g_steal_pointer (&folder);
}

char *
cli_open_folder (Cli *cli, const char *path, GError **error)
{
  gboolean archive = few_archive_is_name (path) && g_file_test (path, G_FILE_TEST_IS_REGULAR);
  return archive ? unpack (cli, path, error) : g_strdup (path);
}

void
cli_close_data (Cli *cli)
{
  if (cli->unpacked)
    remove_folder (cli->unpacked);
  g_clear_pointer (&cli->unpacked, g_free);
}
