/* SPDX-License-Identifier: MIT */
/* Watches a folder: inotify says that something has changed, a walk finds what, a picture is taken
 * once it has been left alone for a second. What was answered is a line of a journal among the
 * user's state files; who is killed between an answer and its line gives that answer again. */
#include "cli/watch.h"
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
  SETTLED = G_USEC_PER_SEC,       /* nothing was written to it for so long */
  QUIET = 300 * 1000,             /* after the last change, before the folder is walked */
  ANYWAY = 30 * G_USEC_PER_SEC,   /* walked again, for what inotify does not see */
  STEP = 50 * 1000,
  RELEASED = 5 * G_USEC_PER_SEC,  /* a lock is waited for: that of who was just killed */
  MOST_JOURNAL = 1 << 28
};

struct CliWatch
{
  char *folder;
  gboolean recursive;
  GCancellable *cancellable;
  GHashTable *known;    /* path → stamp: given, now or before */
  GHashTable *monitors; /* folder → GFileMonitor */
  GQueue ready;         /* char * */
  gint64 due;           /* when the folder is walked */
  gboolean complained;  /* that it could not be, the last time */
  int journal;
};

/* ---- the journal: "STAMP PATH" a line, the path escaped */

static char *
place_journal (const char *folder, const char *what, GError **error)
{
  g_autofree char *state = g_build_filename (g_get_user_state_dir (), "fewshot", "watched", NULL);
  gsize size = 0;
  g_autofree char *bytes = few_file_read (what, MOST_JOURNAL, &size, error);
  if (!bytes)
    return NULL;
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_checksum_update (sum, (const guchar *) folder, (gssize) strlen (folder) + 1);
  g_checksum_update (sum, (const guchar *) bytes, (gssize) size);
  if (g_mkdir_with_parents (state, 0700) != 0)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
                   "%s could not be created: %s.", state, g_strerror (errno));
      return NULL;
    }
  return g_build_filename (state, g_checksum_get_string (sum), NULL);
}

static void
read_journal (CliWatch *watch, const char *path)
{
  g_autofree char *text = few_file_read (path, MOST_JOURNAL, NULL, NULL);
  char *line = text;
  char *end;
  while (line && (end = strchr (line, '\n'))) /* a line without an end was not finished */
    {
      *end = 0;
      char *space = strchr (line, ' ');
      if (space)
        {
          *space = 0;
          g_hash_table_replace (watch->known, g_strcompress (space + 1), g_strdup (line));
        }
      line = end + 1;
    }
}

static gboolean
fail_journal (GError **error)
{
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
               "What was answered could not be written down: %s.", g_strerror (errno));
  return FALSE;
}

/* The kernel may give the lock of a killed process back a moment after it has gone: whoever looks
 * into its open files at that time holds them, too. */
static gboolean
lock_journal (const CliWatch *watch)
{
  gint64 until = g_get_monotonic_time () + RELEASED;
  while (flock (watch->journal, LOCK_EX | LOCK_NB) != 0)
    {
      gboolean held = errno == EWOULDBLOCK || errno == EINTR;
      if (!held || g_get_monotonic_time () > until
          || g_cancellable_is_cancelled (watch->cancellable))
        return FALSE;
      g_usleep (STEP);
    }
  return TRUE;
}

static gboolean
open_journal (CliWatch *watch, const char *what, GError **error)
{
  g_autofree char *path = place_journal (watch->folder, what, error);
  if (!path)
    return FALSE;
  watch->journal = g_open (path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  int failed = errno;
  if (watch->journal >= 0 && lock_journal (watch))
    {
      read_journal (watch, path);
      /* the end of a line that was cut off */
      return lseek (watch->journal, 0, SEEK_END) == 0 || write (watch->journal, "\n", 1) == 1
             || fail_journal (error);
    }
  if (watch->journal >= 0)
    g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT,
                 "%s is watched by another fewshot-cli with the same classifier.", watch->folder);
  else
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (failed),
                 "%s could not be opened: %s.", path, g_strerror (failed));
  return FALSE;
}

gboolean
cli_watch_answered (CliWatch *watch, const char *path, GError **error)
{
  g_autofree char *escaped = g_strescape (path, NULL);
  g_autofree char *line =
      g_strdup_printf ("%s %s\n", (const char *) g_hash_table_lookup (watch->known, path), escaped);
  gssize length = (gssize) strlen (line);
  return write (watch->journal, line, (gsize) length) == length || fail_journal (error);
}

gboolean
cli_watch_done (CliWatch *watch, GError **error)
{
  return fdatasync (watch->journal) == 0 || fail_journal (error);
}

/* ---- the folder */

static void
changed_cb (GFileMonitor *monitor G_GNUC_UNUSED, GFile *file G_GNUC_UNUSED,
            GFile *other G_GNUC_UNUSED, GFileMonitorEvent event G_GNUC_UNUSED, gpointer user)
{
  CliWatch *watch = user;
  watch->due = MIN (watch->due, g_get_monotonic_time () + QUIET);
}

/* Without inotify, or with too many folders for it, the walks go on. */
static void
listen_to (CliWatch *watch, const char *folder)
{
  if (g_hash_table_contains (watch->monitors, folder))
    return;
  g_autoptr (GFile) file = g_file_new_for_path (folder);
  GFileMonitor *monitor = g_file_monitor_directory (file, G_FILE_MONITOR_NONE, NULL, NULL);
  if (!monitor)
    return;
  g_signal_connect (monitor, "changed", G_CALLBACK (changed_cb), watch);
  g_hash_table_insert (watch->monitors, g_strdup (folder), monitor);
}

/* Sub-folders without a picture are listened to as well: it may come. */
static void
listen_below (CliWatch *watch, const char *folder, guint depth)
{
  enum { DEEPEST = 32 };
  g_autoptr (GDir) dir = depth < DEEPEST ? g_dir_open (folder, 0, NULL) : NULL;
  const char *name;
  listen_to (watch, folder);
  while (watch->recursive && dir && (name = g_dir_read_name (dir)))
    {
      struct stat info;
      g_autofree char *path = g_build_filename (folder, name, NULL);
      if (name[0] != '.' && g_lstat (path, &info) == 0 && S_ISDIR (info.st_mode))
        listen_below (watch, path, depth + 1);
    }
}

/* NULL: it has gone, or is being written. */
static char *
stamp_picture (CliWatch *watch, const char *path)
{
  struct stat info;
  if (g_stat (path, &info) != 0 || !S_ISREG (info.st_mode))
    return NULL;
  gint64 written = (gint64) info.st_mtim.tv_sec * G_USEC_PER_SEC + info.st_mtim.tv_nsec / 1000;
  gint64 age = g_get_real_time () - written;
  if (age >= 0 && age < SETTLED)
    {
      watch->due = MIN (watch->due, g_get_monotonic_time () + SETTLED - age + STEP);
      return NULL;
    }
  return g_strdup_printf ("%" G_GINT64_FORMAT ":%" G_GINT64_FORMAT, (gint64) info.st_size, written);
}

/* A folder that cannot be read now, on a share that is away, say, is walked again later. */
static void
look_through (CliWatch *watch)
{
  g_autoptr (FewWalk) walk = few_walk_new (watch->folder, NULL);
  g_autoptr (GError) local = NULL;
  char *name;
  watch->due = g_get_monotonic_time () + ANYWAY;
  listen_below (watch, watch->folder, 0);
  if (!watch->recursive)
    few_walk_stay (walk);
  while ((name = few_walk_next (walk, &local)))
    {
      char *path = g_build_filename (watch->folder, name, NULL);
      char *stamp = stamp_picture (watch, path);
      g_free (name);
      if (stamp && g_strcmp0 (stamp, g_hash_table_lookup (watch->known, path)) != 0)
        {
          g_hash_table_replace (watch->known, g_strdup (path), g_steal_pointer (&stamp));
          cli_log (CLI_DEBUG, "found", path);
          g_queue_push_tail (&watch->ready, g_steal_pointer (&path));
        }
      g_free (stamp);
      g_free (path);
    }
  if (local && !watch->complained)
    cli_complain ("fewshot-cli:", local->message);
  watch->complained = local != NULL;
}

CliSource
cli_watch_next (CliWatch *watch, gboolean wait, char **path)
{
  for (;;)
    {
      if (g_cancellable_is_cancelled (watch->cancellable))
        return CLI_SOURCE_END;
      *path = g_queue_pop_head (&watch->ready);
      if (*path)
        return CLI_SOURCE_PATH;
      if (!wait)
        return CLI_SOURCE_LATER;
      while (g_main_context_iteration (NULL, FALSE))
        continue;
      if (g_get_monotonic_time () < watch->due)
        g_usleep (STEP);
      else
        look_through (watch);
    }
}

/* ---- life */

CliWatch *
cli_watch_new (const char *folder, gboolean recursive, const char *what, GCancellable *cancellable,
               GError **error)
{
  g_autoptr (CliWatch) watch = g_new0 (CliWatch, 1);
  watch->journal = -1;
  watch->folder = g_canonicalize_filename (folder, NULL);
  watch->recursive = recursive;
  watch->cancellable = cancellable;
  watch->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  watch->monitors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  g_queue_init (&watch->ready);
  if (!g_file_test (watch->folder, G_FILE_TEST_IS_DIR))
    {
      g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT, "%s is no folder.", watch->folder);
      return NULL;
    }
  return open_journal (watch, what, error) ? g_steal_pointer (&watch) : NULL;
}

void
cli_watch_free (CliWatch *watch)
{
  GHashTableIter iter;
  gpointer monitor;
  g_hash_table_iter_init (&iter, watch->monitors);
  while (g_hash_table_iter_next (&iter, NULL, &monitor))
    g_signal_handlers_disconnect_by_data (monitor, watch);
  g_hash_table_unref (watch->monitors);
  g_hash_table_unref (watch->known);
  g_queue_clear_full (&watch->ready, g_free);
  if (watch->journal >= 0)
    close (watch->journal);
  g_free (watch->folder);
  g_free (watch);
}
