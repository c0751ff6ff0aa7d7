/* SPDX-License-Identifier: MIT */
/* Journals: ~/.local/state/fewshot/tags/TIME-XXXXXXXX.jsonl. */
#include "metadata/journal.h"
#include "base/error.h"
#include "base/file.h"
#include <fewshot/atomic-file.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

enum { LONGEST_HEAD = 1 << 16, MOST_TRIES = 100 };
static const char EXTENSION[] = ".jsonl";

struct FewTagJournal
{
  char *folder; /* that the run is over */
  char *file;   /* NULL: nothing was written yet */
  int fd;
  GHashTable *swept; /* folders */
};

static char *
journals_folder (void)
{
  return g_build_filename (g_get_user_state_dir (), "fewshot", "tags", NULL);
}

FewTagJournal *
few_tag_journal_new (const char *folder, GError **error)
{
  g_return_val_if_fail (folder != NULL, NULL);
  g_autofree char *place = journals_folder ();
  if (g_mkdir_with_parents (place, 0700) != 0)
    {
      few_fail_errno (error, place, FEW_FILE_CREATED, errno);
      return NULL;
    }
  FewTagJournal *journal = g_new0 (FewTagJournal, 1);
  journal->folder = g_canonicalize_filename (folder, NULL);
  journal->fd = -1;
  journal->swept = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return journal;
}

void
few_tag_journal_free (FewTagJournal *journal)
{
  if (journal->fd >= 0)
    close (journal->fd);
  g_hash_table_unref (journal->swept);
  g_free (journal->folder);
  g_free (journal->file);
  g_free (journal);
}

void
few_tag_journal_sweep (FewTagJournal *journal, const char *file)
{
  g_autofree char *folder = g_path_get_dirname (file);
  if (g_hash_table_contains (journal->swept, folder))
    return;
  few_atomic_file_sweep_folder (folder);
  g_hash_table_add (journal->swept, g_steal_pointer (&folder));
}

const char *
few_tag_journal_file (const FewTagJournal *journal)
{
  g_return_val_if_fail (journal != NULL, NULL);
  return journal->file;
}

/* Half a line would spoil the next one, too: it is taken back. */
static void
cut_off (const FewTagJournal *journal, off_t end)
{
  if (end >= 0 && ftruncate (journal->fd, end) != 0)
    g_debug ("%s: a line is cut off: %s", journal->file, g_strerror (errno));
}

static gboolean
write_line (FewTagJournal *journal, const char *line, GError **error)
{
  g_autofree char *whole = g_strconcat (line, "\n", NULL);
  gsize left = strlen (whole);
  off_t end = lseek (journal->fd, 0, SEEK_END);
  for (const char *p = whole; left > 0;)
    {
      gssize n = write (journal->fd, p, left);
      if (n < 0 && errno != EINTR)
        break;
      p += MAX (n, 0);
      left -= (gsize) MAX (n, 0);
    }
  if (left == 0 && fsync (journal->fd) == 0)
    return TRUE;
  int failed = errno;
  cut_off (journal, end);
  few_fail_errno (error, journal->file, FEW_FILE_WRITTEN, failed);
  return FALSE;
}

/* A journal without its first line is found by nobody: the next entry begins one. */
static gboolean
write_head (FewTagJournal *journal, GError **error)
{
  g_autofree char *head = few_journal_head_to_line (journal->folder);
  if (write_line (journal, head, error))
    return TRUE;
  close (journal->fd);
  journal->fd = -1;
  g_unlink (journal->file);
  g_clear_pointer (&journal->file, g_free);
  return FALSE;
}

/* Names sort by time. */
static gboolean
begin (FewTagJournal *journal, GError **error)
{
  g_autofree char *place = journals_folder ();
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *time = g_date_time_format (now, "%Y%m%dT%H%M%S");
  for (guint i = 0; i < MOST_TRIES && journal->fd < 0; i++)
    {
      g_free (journal->file);
      journal->file =
          g_strdup_printf ("%s/%s.%06d-%08x%s", place, time, g_date_time_get_microsecond (now),
                           g_random_int (), EXTENSION);
      journal->fd =
          g_open (journal->file, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
      if (journal->fd < 0 && errno != EEXIST)
        break;
    }
  if (journal->fd < 0)
    {
      few_fail_errno (error, journal->file, FEW_FILE_WRITTEN, errno);
      g_clear_pointer (&journal->file, g_free);
      return FALSE;
    }
  return write_head (journal, error);
}

gboolean
few_tag_journal_add (FewTagJournal *journal, const FewJournalEntry *entry, GError **error)
{
  g_autofree char *line = few_journal_entry_to_line (entry);
  return (journal->fd >= 0 || begin (journal, error)) && write_line (journal, line, error);
}

/* ---- finding */

/* The folder that a journal is about; NULL: it cannot be read. */
static char *
read_folder (const char *path)
{
  char head[LONGEST_HEAD];
  g_autoptr (FewFile) file = few_file_open (path, G_MAXINT64, NULL);
  gsize size = file ? MIN (few_file_size (file), sizeof head) : 0;
  if (!file || !few_file_read_at (file, head, size, 0, NULL))
    return NULL;
  const char *end = memchr (head, '\n', size);
  return end ? few_journal_head_parse (head, (gsize) (end - head), path, NULL) : NULL;
}

char *
few_tag_journal_find (const char *folder, GError **error)
{
  g_return_val_if_fail (folder != NULL, NULL);
  g_autofree char *place = journals_folder ();
  g_autofree char *wanted = g_canonicalize_filename (folder, NULL);
  g_autoptr (GDir) dir = g_dir_open (place, 0, NULL);
  g_autofree char *newest = NULL;
  const char *name;
  while (dir && (name = g_dir_read_name (dir)))
    {
      if (!g_str_has_suffix (name, EXTENSION) || (newest && strcmp (name, newest) < 0))
        continue;
      g_autofree char *path = g_build_filename (place, name, NULL);
      g_autofree char *about = read_folder (path);
      if (!about || !g_str_equal (about, wanted))
        continue;
      g_free (newest);
      newest = g_strdup (name);
    }
  if (newest)
    return g_build_filename (place, newest, NULL);
  g_autofree char *shown = g_filename_display_name (folder);
  few_fail (error, INPUT, "There is no run of tags over %s to be undone.", shown);
  return NULL;
}
