/* SPDX-License-Identifier: MIT */
/* Journals of tags on a disk that is full, and with a line that nobody can read. */
#include "golden.h"
#include "metadata/journal.h"
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

static const char NOTHING[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/* As if a sidecar, which is empty now, had been made by the run. */
static gboolean
add (FewTagJournal *journal, const char *folder, const char *name, GError **error)
{
  FewJournalEntry entry = { .file = g_build_filename (folder, name, NULL),
                            .after = g_strdup (NOTHING) };
  g_assert_true (g_file_set_contents (entry.file, "", 0, NULL));
  gboolean ok = few_tag_journal_add (journal, &entry, error);
  few_journal_entry_clear (&entry);
  return ok;
}

static gboolean
is_there (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
limit_files (rlim_t bytes)
{
  struct rlimit limit;
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  limit.rlim_cur = MIN (bytes, limit.rlim_max);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
}

/* What was written of a line goes, and the next stands on one of its own. */
static void
test_full_disk (void)
{
  FewTagUndone undone;
  GStatBuf before, after;
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = scratch_folder ("full");
  g_autoptr (FewTagJournal) journal = few_tag_journal_new (folder, &error);
  g_assert_no_error (error);
  g_assert_true (add (journal, folder, "one.xmp", &error));
  g_assert_cmpint (g_stat (few_tag_journal_file (journal), &before), ==, 0);
  limit_files ((rlim_t) before.st_size + 20);
  g_assert_false (add (journal, folder, "two.xmp", &error));
  limit_files (RLIM_INFINITY);
  assert_says (&error, few_tag_journal_file (journal), NULL);
  g_assert_cmpint (g_stat (few_tag_journal_file (journal), &after), ==, 0);
  g_assert_cmpint (after.st_size, ==, before.st_size);
  g_assert_true (add (journal, folder, "three.xmp", &error));
  g_assert_true (few_tags_undo (few_tag_journal_file (journal), NULL, NULL, &undone, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (undone.restored, ==, 2);
  g_assert_cmpuint (undone.failed, ==, 0);
  g_assert_false (is_there (folder, "one.xmp") || is_there (folder, "three.xmp"));
  g_assert_true (is_there (folder, "two.xmp"));
}

/* Where its first line did not fit a journal begins anew with the next. */
static void
test_full_at_first (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = scratch_folder ("first");
  g_autoptr (FewTagJournal) journal = few_tag_journal_new (folder, &error);
  g_assert_no_error (error);
  limit_files (5);
  g_autofree char *file = g_build_filename (folder, "one.xmp", NULL);
  FewJournalEntry entry = { .file = file, .after = (char *) NOTHING };
  g_assert_false (few_tag_journal_add (journal, &entry, &error));
  limit_files (RLIM_INFINITY);
  assert_says (&error, ".jsonl", NULL);
  g_assert_null (few_tag_journal_file (journal));
  g_assert_true (add (journal, folder, "one.xmp", &error));
  g_autofree char *found = few_tag_journal_find (folder, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (found, ==, few_tag_journal_file (journal));
}

static void
note_sentence (gpointer user, const char *sentence)
{
  g_string_append (user, sentence);
}

/* Lines before and behind one that cannot be read are followed all the same. */
static void
test_bad_line (void)
{
  FewTagUndone undone;
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) said = g_string_new (NULL);
  g_autofree char *folder = scratch_folder ("bad");
  g_autofree char *text = NULL;
  g_autoptr (FewTagJournal) journal = few_tag_journal_new (folder, &error);
  g_assert_no_error (error);
  g_assert_true (add (journal, folder, "one.xmp", &error)
                 && add (journal, folder, "two.xmp", &error)
                 && add (journal, folder, "three.xmp", &error));
  const char *file = few_tag_journal_file (journal);
  g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
  *strstr (text, "two.xmp") = '"';
  g_assert_true (g_file_set_contents (file, text, -1, NULL));
  g_assert_true (few_tags_undo (file, note_sentence, said, &undone, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (undone.restored, ==, 2);
  g_assert_cmpuint (undone.failed, ==, 1);
  g_assert_nonnull (strstr (said->str, "skipped"));
  g_assert_nonnull (strstr (said->str, file));
  g_assert_false (is_there (folder, "one.xmp") || is_there (folder, "three.xmp"));
  g_assert_true (is_there (folder, "two.xmp") && g_file_test (file, G_FILE_TEST_EXISTS));
}

int
main (int argc, char **argv)
{
  g_autofree char *state = scratch_folder ("state");
  g_setenv ("XDG_STATE_HOME", state, TRUE);
  g_test_init (&argc, &argv, NULL);
  signal (SIGXFSZ, SIG_IGN);
  g_test_add_func ("/journal/full-disk", test_full_disk);
  g_test_add_func ("/journal/full-at-first", test_full_at_first);
  g_test_add_func ("/journal/bad-line", test_bad_line);
  return g_test_run ();
}
