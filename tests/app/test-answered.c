/* SPDX-License-Identifier: MIT */
/* What a watch writes down: on a disk that is full, nothing is lost and nothing is spoilt. Folders
 * that somebody else watches, and what systemd is told of folders. */
#include "common/watch.h"
#include "watch/few-watch-job.h"
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

/* ---- a folder that another program watches */

static double
measure_step (FewWatchJob *job, gboolean *busy)
{
  gint64 began = g_get_monotonic_time ();
  *busy = few_watch_job_step (job);
  return (double) (g_get_monotonic_time () - began) / G_USEC_PER_SEC;
}

static char *
report_problem (FewWatchJob *job)
{
  FewWatchReport *report = few_watch_job_report (job);
  char *problem = report ? g_steal_pointer (&report->problem) : NULL;
  g_clear_pointer (&report, few_watch_report_free);
  return problem;
}

static char *
export_classifier (void)
{
  World *w = world_new ();
  char *path = g_build_filename (g_get_user_data_dir (), "held.safetensors", NULL);
  world_import (w);
  world_learn (w, "zero-shot");
  WAIT (world_enabled (w, "export-to"));
  world_act (w, "export-to", "s", path);
  WAIT (w->exported > 0);
  world_free (w);
  return path;
}

/* The one that is held waits without holding up the other, says why after a while, and goes on. */
static void
test_held (void)
{
  g_autofree char *held = g_dir_make_tmp ("few-held-XXXXXX", NULL);
  g_autofree char *other = g_dir_make_tmp ("few-free-XXXXXX", NULL);
  g_autofree char *kept = export_classifier ();
  g_autofree char *one = g_build_filename (held, "one.png", NULL);
  g_autofree char *two = g_build_filename (other, "two.png", NULL);
  g_autoptr (GHashTable) models =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) few_model_unref);
  const FewWatchShared shared = { models, (char *) "cpu", (char *) "Fewshot", NULL };
  FewWatched members[] = { { .folder = held, .classifier = kept, .on = TRUE },
                           { .folder = other, .classifier = kept, .on = TRUE } };
  g_autoptr (FewWatched) first = few_watched_new (&members[0]);
  g_autoptr (FewWatched) second = few_watched_new (&members[1]);
  FewWatch *somebody = few_watch_new (held, FALSE, kept, NULL, NULL);
  FewWatchJob *jobs[] = { few_watch_job_new (first, &shared), few_watch_job_new (second, &shared) };
  g_autoptr (GError) error = NULL;
  gboolean busy = FALSE;
  g_assert_nonnull (somebody);
  g_assert_null (few_watch_new (held, FALSE, kept, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_free (write_picture (held, "one.png"));
  g_free (write_picture (other, "two.png"));
  measure_step (jobs[0], &busy); /* the model is opened */
  g_assert_false (busy);
  g_assert_null (report_problem (jobs[0])); /* who was just killed holds it for a moment */
  gint64 began = g_get_monotonic_time ();
  double longest = 0;
  gboolean answered = FALSE;
  g_autofree char *problem = NULL;
  while (!problem && g_get_monotonic_time () - began < 2 * FEW_WATCH_RELEASED)
    {
      double seconds = measure_step (jobs[0], &busy);
      longest = MAX (longest, seconds);
      problem = report_problem (jobs[0]);
      few_watch_job_step (jobs[1]);
      FewWatchReport *report = few_watch_job_report (jobs[1]);
      answered |= report && report->labels->len == 1;
      g_clear_pointer (&report, few_watch_report_free);
      g_usleep (20 * 1000);
    }
  g_assert_true (answered);
  g_assert_cmpfloat (longest, <, .5 * FEW_WATCH_RELEASED / G_USEC_PER_SEC);
  g_assert_nonnull (strstr (problem, "is watched by another program"));
  few_watch_free (somebody);
  WAIT (few_watch_job_step (jobs[0])); /* it goes on */
  g_assert_null (report_problem (jobs[0]));
  for (guint i = 0; i < G_N_ELEMENTS (jobs); i++)
    few_watch_job_free (jobs[i]);
  g_unlink (one);
  g_unlink (two);
  g_rmdir (held);
  g_rmdir (other);
  g_unlink (kept);
}

/* ---- systemd */

/* The lines run by a shell, with a systemctl that says what it was asked. */
static char *
run_lines (const char *lines, const char *home)
{
  g_autofree char *script = g_strdup_printf (
      "HOME='%s'; systemctl () { echo \"systemctl $*\"; }\n%s"
      "for file in \"$HOME\"/.config/fewshot/watch/*.conf; do\n"
      "  . \"$file\"; eval \"set -- $OPTIONS\"\n" /* as systemd takes words apart */
      "  printf '<%%s>' \"$CLASSIFIER\" \"$FOLDER\" \"$@\"; echo\ndone\n",
      home, lines);
  const char *argv[] = { "/bin/sh", "-c", script, NULL };
  char *said = NULL;
  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &said, NULL,
                               NULL, NULL));
  return said;
}

static void
test_units (void)
{
  FewWatched members[] = {
    { .folder = (char *) "/in/a \"b\" $c",
      .classifier = (char *) "/k.safetensors",
      .target = (char *) "/out/it's \\",
      .action = FEW_WATCH_SORT,
      .recursive = TRUE,
      .on = TRUE },
    { .folder = (char *) "/in/tags",
      .classifier = (char *) "/k.safetensors",
      .action = FEW_WATCH_TAGS,
      .on = TRUE },
    { .folder = (char *) "/in/off",
      .classifier = (char *) "/k.safetensors",
      .action = FEW_WATCH_TAGS },
    { .folder = (char *) "/in/nowhere",
      .classifier = (char *) "/k.safetensors",
      .action = FEW_WATCH_SORT,
      .on = TRUE },
  };
  g_autoptr (GPtrArray) folders =
      g_ptr_array_new_with_free_func ((GDestroyNotify) few_watched_unref);
  g_autofree char *home = g_dir_make_tmp ("few-units-XXXXXX", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    g_ptr_array_add (folders, few_watched_new (&members[i]));
  g_autofree char *lines = few_watched_units (folders, "My Tags");
  g_autofree char *said = run_lines (lines, home);
  const char *const wanted[] = {
    "</k.safetensors></in/a \"b\" $c><--reject><auto><--recursive><--sort></out/it's \\>\n",
    "</k.safetensors></in/tags><--reject><auto><--tags><My Tags>\n",
    "systemctl --user enable fewshot-watch@tags_",
    "systemctl --user restart fewshot-watch@tags_",
    "systemctl --user disable --now fewshot-watch@off_",
    "/in/off is not watched: It is switched off.\n",
    "systemctl --user disable --now fewshot-watch@nowhere_",
    "/in/nowhere is not watched: Choose the folder",
    "Pause, notifications",
  };
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    if (!strstr (said, wanted[i]))
      g_error ("no “%s” in %s", wanted[i], said);
  g_assert_null (strstr (said, "enable fewshot-watch@off"));
  g_assert_null (strstr (said, "</in/off>"));
}

int
main (int argc, char **argv)
{
  signal (SIGXFSZ, SIG_IGN);
  world_begin (&argc, &argv);
  g_test_add_func ("/answered/journal", test_journal);
  g_test_add_func ("/answered/log", test_log);
  g_test_add_func ("/answered/held", test_held);
  g_test_add_func ("/answered/units", test_units);
  return g_test_run ();
}
