/* SPDX-License-Identifier: MIT */
/* A journal backwards: the last file that was written is the first that is put back. */
#include "base/error.h"
#include "base/file.h"
#include "base/words.h"
#include "metadata/inside.h"
#include "metadata/journal.h"
#include "metadata/sidecar.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

enum { BLOCK = 1 << 16, LONGEST_LINE = 32 << 20 };

typedef struct
{
  guint64 start, length;
} Line;

/* The lines that have an end: the last may have been cut off by a kill, before its file was
 * touched. */
static GArray *
find_lines (const FewFile *file, GError **error)
{
  g_autoptr (GArray) lines = g_array_new (FALSE, FALSE, sizeof (Line));
  guint64 size = few_file_size (file);
  char block[BLOCK];
  Line line = { 0, 0 };
  for (guint64 at = 0; at < size; at += BLOCK)
    {
      gsize n = (gsize) MIN (BLOCK, size - at);
      if (!few_file_read_at (file, block, n, at, error))
        return NULL;
      for (gsize i = 0; i < n; i++)
        {
          if (block[i] != '\n')
            continue;
          line.length = at + i - line.start;
          g_array_append_val (lines, line);
          line.start = at + i + 1;
        }
    }
  return g_steal_pointer (&lines);
}

static gboolean
read_entry (const FewFile *file, const Line *line, FewJournalEntry *entry, GError **error)
{
  if (line->length > LONGEST_LINE)
    {
      few_fail (error, LIMIT, "%s: a line has more than %d MB.", few_file_shown (file),
                LONGEST_LINE >> 20);
      return FALSE;
    }
  g_autofree char *text = g_malloc (line->length + 1);
  text[line->length] = '\0';
  return few_file_read_at (file, text, line->length, line->start, error)
         && few_journal_entry_parse (text, line->length, few_file_shown (file), entry, error);
}

/* ---- one file */

static gboolean
restore_sidecar (const FewJournalEntry *entry, GError **error)
{
  if (entry->text)
    return few_file_write (entry->file, entry->text, entry->length, error);
  if (g_unlink (entry->file) == 0)
    return TRUE;
  const char *reason = g_strerror (errno);
  g_autofree char *shown = g_filename_display_name (entry->file);
  few_fail (
      error, INPUT,
      "%s could not be removed: %s. See that its folder can be written to, then take the tags "
      "back again.",
      shown, reason);
  return FALSE;
}

static gboolean
restore_picture (const FewJournalEntry *entry, GError **error)
{
  g_autoptr (FewXmp) xmp = few_xmp_open (entry->file, error);
  g_autoptr (FewKeywords) now = xmp ? few_keywords_read (xmp, error) : NULL;
  if (!now || !few_keywords_write (entry->keywords, now, xmp, error))
    return FALSE;
  g_autoptr (FewInside) made = few_inside_new (entry->file, xmp, error);
  return made && few_inside_commit (made, error);
}

/* It is as it was: it was never written, or put back before. A picture that was put back is not the
 * same byte by byte. */
static gboolean
is_untouched (const FewJournalEntry *entry, const char *sum)
{
  if (g_strcmp0 (entry->was, sum) == 0 || !entry->inside || g_strcmp0 (entry->after, sum) == 0)
    return g_strcmp0 (entry->was, sum) == 0;
  g_autoptr (FewXmp) xmp = few_xmp_open (entry->file, NULL);
  g_autoptr (FewKeywords) now = xmp ? few_keywords_read (xmp, NULL) : NULL;
  return now && few_keywords_equal (now, entry->keywords);
}

typedef struct
{
  FewTagUndoFunc func;
  gpointer user;
  FewTagUndone *undone;
} Undo;

static void
tell (const Undo *undo, const char *sentence)
{
  if (undo->func)
    undo->func (undo->user, sentence);
}

static void
undo_entry (const Undo *undo, const FewJournalEntry *entry)
{
  g_autoptr (GMutexLocker) turn G_GNUC_UNUSED = g_mutex_locker_new (few_xmp_turn ());
  g_autoptr (GError) error = NULL;
  g_autofree char *sum = NULL;
  GStatBuf info;
  if (g_lstat (entry->file, &info) == 0)
    sum = few_inside_sum (entry->file, &error);
  if (!error && is_untouched (entry, sum))
    return;
  if (!error && g_strcmp0 (entry->after, sum) != 0)
    {
      g_autofree char *shown = g_filename_display_name (entry->file);
      g_autofree char *sentence = g_strdup_printf (
          _ ("%s was changed since it was tagged, or is gone: it is left as it is."), shown);
      undo->undone->changed++;
      tell (undo, sentence);
      return;
    }
  if (!error && (entry->inside ? restore_picture (entry, &error) : restore_sidecar (entry, &error)))
    {
      undo->undone->restored++;
      return;
    }
  undo->undone->failed++;
  tell (undo, error->message);
}

/* A line that cannot be read says nothing of the files of others. */
static void
undo_line (const Undo *undo, const FewFile *file, const Line *line)
{
  g_autoptr (GError) error = NULL;
  g_auto (FewJournalEntry) entry = { 0 };
  if (read_entry (file, line, &entry, &error))
    {
      undo_entry (undo, &entry);
      return;
    }
  g_autofree char *sentence =
      g_strdup_printf (_ ("A line of the journal is skipped. %s"), error->message);
  undo->undone->failed++;
  tell (undo, sentence);
}

gboolean
few_tags_undo (const char *journal, FewTagUndoFunc func, gpointer user, FewTagUndone *undone,
               GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (journal != NULL && undone != NULL, FALSE);
  const Undo undo = { func, user, undone };
  *undone = (FewTagUndone) { 0 };
  g_autoptr (FewFile) file = few_file_open (journal, G_MAXINT64, error);
  g_autoptr (GArray) lines = file ? find_lines (file, error) : NULL;
  if (!lines)
    return FALSE;
  for (guint i = lines->len; i-- > 1;)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      undo_line (&undo, file, &g_array_index (lines, Line, i));
    }
  if (undone->failed == 0)
    g_unlink (journal);
  return TRUE;
}
