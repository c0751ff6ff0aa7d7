/* SPDX-License-Identifier: MIT */
/* What a watch writes down: on a disk that is full, nothing is lost and nothing is spoilt. */
#include "common/watch.h"
#include "watch/few-watch-log.h"
#include "world.h"
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <utime.h>

/* Of files that are written to: nothing behind so many bytes, as if the disk were full there. */
static void
set_room (rlim_t bytes)
{
  struct rlimit room;
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &room), ==, 0);
  room.rlim_cur = MIN (bytes, room.rlim_max);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &room), ==, 0);
}

static char *
write_picture (const char *folder, const char *name)
{
  const struct utimbuf then = { 1000000000, 1000000000 };
  char *path = g_build_filename (folder, name, NULL);
  g_assert_true (g_file_set_contents (path, name, -1, NULL));
  g_assert_cmpint (utime (path, &then), ==, 0);
  return path;
}

static void
answer_without_room (FewWatch *watch)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = few_watch_take (watch, TRUE);
  g_assert_nonnull (path);
  set_room (7); /* bytes: the beginning of a line */
  g_assert_false (few_watch_answered (watch, path, &error));
  set_room (RLIM_INFINITY);
  g_assert_nonnull (error);
  few_watch_give_back (watch, path);
}

static guint
answer_all (FewWatch *watch)
{
  guint n = 0;
  for (char *path = few_watch_take (watch, TRUE); path; path = few_watch_take (watch, TRUE), n++)
    {
      g_assert_true (few_watch_answered (watch, path, NULL));
      g_free (path);
    }
  return n;
}

static void
test_journal (void)
{
  g_autofree char *folder = g_dir_make_tmp ("few-answered-XXXXXX", NULL);
  g_autofree char *one = write_picture (folder, "one.png");
  g_autofree char *two = write_picture (folder, "two.png");
  g_autoptr (FewWatch) watch = few_watch_new (folder, FALSE, one, NULL, NULL);
  g_assert_nonnull (watch);
  answer_without_room (watch);
  g_assert_cmpuint (answer_all (watch), ==, 2);
  g_clear_pointer (&watch, few_watch_free);
  watch = few_watch_new (folder, FALSE, one, NULL, NULL);
  g_assert_null (few_watch_take (watch, TRUE)); /* each line was whole */
  g_unlink (one);
  g_unlink (two);
  g_rmdir (folder);
}

static void
test_log (void)
{
  g_autoptr (FewWatchLog) log = few_watch_log_new ("/answered", NULL);
  g_autofree char *path = few_watch_log_path ("/answered");
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  set_room (20);
  g_assert_false (few_watch_log_add (log, "/answered/one.png", "owl", .5, NULL, &error));
  set_room (RLIM_INFINITY);
  g_assert_nonnull (error);
  g_assert_true (few_watch_log_add (log, "/answered/two.png", "owl", .5, NULL, NULL));
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 2); /* the second one is empty */
  g_assert_null (g_strstr_len (text, -1, "one.png"));
  g_auto (GStrv) fields = g_strsplit (lines[0], "\t", -1);
  g_assert_cmpuint (g_strv_length (fields), ==, 5);
}

int
main (int argc, char **argv)
{
  signal (SIGXFSZ, SIG_IGN);
  world_begin (&argc, &argv);
  g_test_add_func ("/answered/journal", test_journal);
  g_test_add_func ("/answered/log", test_log);
  return g_test_run ();
}
