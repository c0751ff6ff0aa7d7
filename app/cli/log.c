/* SPDX-License-Identifier: MIT */
/* What is said on standard error has a level, and the journal is told it. */
#include "cli/log.h"
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct
{
  const char *name;
  char syslog; /* what systemd-journald reads between < and > at the head of a line */
} levels[] = {
  [CLI_ERROR] = { "error", '3' },
  [CLI_WARNING] = { "warning", '4' },
  [CLI_INFO] = { "info", '6' },
  [CLI_DEBUG] = { "debug", '7' },
};

static CliLevel most = CLI_INFO;

gboolean
cli_log_set (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (levels); i++)
    if (g_str_equal (name, levels[i].name))
      {
        most = i;
        return TRUE;
      }
  return FALSE;
}

gboolean
cli_logs (CliLevel level)
{
  return level <= most;
}

/* As systemd.exec(5) says: JOURNAL_STREAM is the device and the inode of the stream, and a program
 * may have been given another since. */
static gboolean
is_journal (void)
{
  struct stat info;
  guint64 device, inode;
  const char *stream = g_getenv ("JOURNAL_STREAM");
  g_auto (GStrv) numbers = g_strsplit (stream ? stream : "", ":", 2);
  return g_strv_length (numbers) == 2
         && g_ascii_string_to_unsigned (numbers[0], 10, 0, G_MAXUINT64, &device, NULL)
         && g_ascii_string_to_unsigned (numbers[1], 10, 0, G_MAXUINT64, &inode, NULL)
         && fstat (STDERR_FILENO, &info) == 0 && info.st_dev == device && info.st_ino == inode;
}

void
cli_log (CliLevel level, const char *what, const char *sentence)
{
  if (!cli_logs (level))
    return;
  g_autofree char *shown = few_text_shown (sentence);
  if (is_journal ())
    g_printerr ("<%c>%s %s\n", levels[level].syslog, what, shown);
  else
    g_printerr ("%s %s\n", what, shown);
}

void
cli_complain (const char *what, const char *sentence)
{
  cli_log (CLI_WARNING, what, sentence);
}
