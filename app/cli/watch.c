/* SPDX-License-Identifier: MIT */
/* Waits for the pictures of a folder. */
#include "cli/watch.h"

static void
tell (FewWatchNews news, const char *text, gpointer user G_GNUC_UNUSED)
{
  if (news == FEW_WATCH_FOUND)
    cli_log (CLI_DEBUG, "found", text);
  else if (news == FEW_WATCH_FAILED)
    cli_complain ("fewshot-cli:", text);
}

FewWatch *
cli_watch_new (const char *folder, gboolean recursive, const char *what, GCancellable *cancellable,
               GError **error)
{
  FewWatch *watch = few_watch_new (folder, recursive, what, cancellable, error);
  if (watch)
    few_watch_set_func (watch, tell, NULL);
  return watch;
}

CliSource
cli_watch_next (FewWatch *watch, gint64 patience, GCancellable *cancellable, char **path)
{
  enum { STEP = 50 * 1000 };
  gint64 until = patience == CLI_WATCH_EVER ? G_MAXINT64 : g_get_monotonic_time () + patience;
  while (!g_cancellable_is_cancelled (cancellable))
    {
      *path = few_watch_take (watch, patience != 0);
      if (*path)
        return CLI_SOURCE_PATH;
      if (g_get_monotonic_time () >= until)
        return CLI_SOURCE_LATER;
      while (g_main_context_iteration (NULL, FALSE))
        continue;
      g_usleep (STEP);
    }
  return CLI_SOURCE_END;
}
