/* SPDX-License-Identifier: MIT */
/* A log that is added to, with its last lines at hand. */
#include "watch/few-watch-log.h"
#include "common/append-line.h"
#include "common/sorter.h"
#include <errno.h>
#include <fcntl.h>
#include <fewshot.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SHOWN = 5, MOST_BYTES = 16 << 20, TAIL_BYTES = 32 << 10 };
enum { TIME, LABEL, PROBABILITY, PATH, PROBLEM, FIELDS };

struct FewWatchLog
{
  char *path;
  int file;
  gint64 bytes;
  GQueue tail; /* char *: the last lines, the newest first */
};

char *
few_watch_log_path (const char *folder)
{
  enum { DIGITS = 8 };
  g_autofree char *base = g_path_get_basename (folder);
  g_autofree char *shown = few_text_shown (base);
  g_autofree char *name = few_folder_name (shown);
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, folder, -1);
  g_autofree char *file = g_strdup_printf ("%s (%.*s).log", name, DIGITS, sum);
  return g_build_filename (g_get_user_state_dir (), "fewshot", "watched", file, NULL);
}

static gboolean
fail (const FewWatchLog *log, GError **error)
{
  int failed = errno;
  g_autofree char *shown = g_filename_display_name (log->path);
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (failed),
               /* Translators: a file; then why */
               _ ("The log %s could not be written: %s."), shown, g_strerror (failed));
  return FALSE;
}

static void
keep_line (FewWatchLog *log, const char *line)
{
  g_queue_push_head (&log->tail, g_strdup (line));
  while (g_queue_get_length (&log->tail) > SHOWN)
    g_free (g_queue_pop_tail (&log->tail));
}

/* What a kill or a full disk cut off gets its end, so that the next line stands alone. */
static gboolean
end_last_line (FewWatchLog *log)
{
  char last = '\n';
  if (log->bytes > 0 && pread (log->file, &last, 1, log->bytes - 1) != 1)
    return FALSE;
  if (last == '\n')
    return TRUE;
  log->bytes++;
  return write (log->file, "\n", 1) == 1;
}

static void
read_tail (FewWatchLog *log)
{
  gint64 from = MAX (log->bytes - TAIL_BYTES, 0);
  g_autofree char *text = g_malloc0 (TAIL_BYTES + 1);
  gssize length = pread (log->file, text, TAIL_BYTES, from);
  g_auto (GStrv) lines = g_strsplit (length > 0 ? text : "", "\n", -1);
  for (guint i = from > 0 ? 1 : 0; lines[i]; i++)
    if (*lines[i])
      keep_line (log, lines[i]);
}

static gboolean
open_file (FewWatchLog *log, GError **error)
{
  struct stat info;
  log->file = g_open (log->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (log->file < 0 || fstat (log->file, &info) != 0)
    return fail (log, error);
  log->bytes = info.st_size;
  return end_last_line (log) || fail (log, error);
}

FewWatchLog *
few_watch_log_new (const char *folder, GError **error)
{
  g_return_val_if_fail (folder, NULL);
  g_autoptr (FewWatchLog) log = g_new0 (FewWatchLog, 1);
  g_queue_init (&log->tail);
  log->file = -1;
  log->path = few_watch_log_path (folder);
  g_autofree char *state = g_path_get_dirname (log->path);
  if (g_mkdir_with_parents (state, 0700) != 0)
    {
      fail (log, error);
      return NULL;
    }
  if (!open_file (log, error))
    return NULL;
  read_tail (log);
  return g_steal_pointer (&log);
}

void
few_watch_log_free (FewWatchLog *log)
{
  g_queue_clear_full (&log->tail, g_free);
  if (log->file >= 0)
    close (log->file);
  g_free (log->path);
  g_free (log);
}

static gboolean
turn_over (FewWatchLog *log, GError **error)
{
  g_autofree char *older = g_strconcat (log->path, ".old", NULL);
  if (log->bytes < MOST_BYTES)
    return TRUE;
  close (log->file);
  if (g_rename (log->path, older) != 0)
    g_debug ("%s: %s", older, g_strerror (errno));
  return open_file (log, error);
}

/* What is UTF-8 stays readable; tabs and line ends do not stay. */
static char *
escape (const char *text)
{
  char high[129];
  for (guint i = 0; i < 128; i++)
    high[i] = (char) (128 + i);
  high[128] = 0;
  return g_strescape (text, g_utf8_validate (text, -1, NULL) ? high : NULL);
}

gboolean
few_watch_log_add (FewWatchLog *log, const char *path, const char *label, double probability,
                   const char *problem, GError **error)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *time = g_date_time_format (now, "%Y-%m-%dT%H:%M:%S.%fZ");
  g_autofree char *number = label ? g_strdup_printf ("%.4f", probability) : g_strdup ("");
  g_autofree char *class_name = escape (label ? label : "");
  g_autofree char *shown = escape (path);
  g_autofree char *why = problem ? escape (problem) : g_strdup ("");
  g_autofree char *line =
      g_strdup_printf ("%s\t%s\t%s\t%s\t%s\n", time, class_name, number, shown, why);
  gsize length = strlen (line);
  if (!turn_over (log, error))
    return FALSE;
  if (!few_append_line (log->file, line, length))
    {
      fail (log, error);
      log->bytes = MAX (log->bytes, lseek (log->file, 0, SEEK_END)); /* what could not be cut off */
      return FALSE;
    }
  log->bytes += (gint64) length;
  line[length - 1] = 0;
  keep_line (log, line);
  return TRUE;
}

char *
few_watch_log_last (const FewWatchLog *log, gint64 *time)
{
  const char *line = g_queue_peek_head ((GQueue *) &log->tail);
  g_auto (GStrv) fields = g_strsplit (line ? line : "", "\t", FIELDS);
  if (g_strv_length (fields) < FIELDS)
    return NULL;
  g_autoptr (GDateTime) when = g_date_time_new_from_iso8601 (fields[TIME], NULL);
  if (!when)
    return NULL;
  *time = g_date_time_to_unix (when) * G_USEC_PER_SEC + g_date_time_get_microsecond (when);
  return g_strcompress (fields[PATH]);
}

static void
describe_line (GString *text, const char *line)
{
  g_auto (GStrv) fields = g_strsplit (line, "\t", FIELDS);
  if (g_strv_length (fields) < FIELDS)
    return;
  g_autoptr (GDateTime) when = g_date_time_new_from_iso8601 (fields[TIME], NULL);
  g_autoptr (GDateTime) here = when ? g_date_time_to_local (when) : NULL;
  g_autofree char *time = here ? g_date_time_format (here, "%H:%M") : g_strdup ("");
  g_autofree char *path = g_strcompress (fields[PATH]);
  g_autofree char *name = g_filename_display_basename (path);
  g_autofree char *label = g_strcompress (fields[LABEL]);
  g_string_append_printf (text, "%s%s  %s  %s", text->len ? "\n" : "", time,
                          *label ? label : _ ("not read"), name);
}

char *
few_watch_log_tail (const FewWatchLog *log)
{
  GString *text = g_string_new (NULL);
  for (const GList *l = log->tail.head; l; l = l->next)
    describe_line (text, l->data);
  return g_string_free (text, FALSE);
}
