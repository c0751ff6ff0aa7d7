/* SPDX-License-Identifier: MIT */
/* Watches a folder: inotify says that something has changed, a walk finds what, a picture is taken
 * once it has been left alone for a second. What was answered is a line of a journal among the
 * user's state files; who is killed between an answer and its line gives that answer again. */
#include "common/watch.h"
#include "common/append-line.h"
#include "common/seen.h"
#include "common/sorter.h"
#include <errno.h>
#include <fcntl.h>
#include <fewshot.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
  SETTLED = G_USEC_PER_SEC,       /* nothing was written to it for so long */
  QUIET = 300 * 1000,             /* after the last change, before the folder is walked */
  ANYWAY = 30 * G_USEC_PER_SEC,   /* walked again, for what inotify does not see */
  STEP = 50 * 1000,
  AGAIN = 5 * G_USEC_PER_SEC,     /* a folder that cannot be read is tried again */
  MOST_WHAT = 1 << 28
};

struct FewWatch
{
  char *folder;
  gboolean recursive;
  FewSeen *seen;        /* given, now or before */
  GHashTable *monitors; /* folder → GFileMonitor */
  GQueue ready;         /* Found * */
  GHashTable *taken;    /* path → stamp: not answered yet */
  gint64 due;           /* when the folder is walked */
  gboolean complained;  /* that it could not be, the last time */
  int journal;
  FewWatchFunc func;
  gpointer user;
};

typedef struct
{
  char *path, *stamp;
} Found;

static void
free_found (gpointer data)
{
  Found *found = data;
  g_free (found->path);
  g_free (found->stamp);
  g_free (found);
}

static void
tell (const FewWatch *watch, FewWatchNews news, const char *text)
{
  if (watch->func)
    watch->func (news, text, watch->user);
}

/* Size and time of the last change; NULL: it is no file. */
static char *
read_stamp (const char *path, gint64 *written)
{
  struct stat info;
  if (g_stat (path, &info) != 0 || !S_ISREG (info.st_mode))
    return NULL;
  *written = (gint64) info.st_mtim.tv_sec * G_USEC_PER_SEC + info.st_mtim.tv_nsec / 1000;
  return g_strdup_printf ("%" G_GINT64_FORMAT ":%" G_GINT64_FORMAT, (gint64) info.st_size,
                          *written);
}

/* ---- the journal: "STAMP PATH" a line, the path escaped */

static char *
place_journal (const char *folder, const char *what, GError **error)
{
  g_autofree char *state = g_build_filename (g_get_user_state_dir (), "fewshot", "watched", NULL);
  gsize size = 0;
  g_autofree char *bytes = few_file_read (what, MOST_WHAT, &size, error);
  if (!bytes)
    return NULL;
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_checksum_update (sum, (const guchar *) folder, (gssize) strlen (folder) + 1);
  g_checksum_update (sum, (const guchar *) bytes, (gssize) size);
  if (g_mkdir_with_parents (state, 0700) != 0)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
                   _ ("%s could not be created: %s."), state, g_strerror (errno));
      return NULL;
    }
  return g_build_filename (state, g_checksum_get_string (sum), NULL);
}

/* A line at a time: it may be of millions. */
static gboolean
read_journal (FewWatch *watch, GError **error)
{
  int copy = dup (watch->journal);
  FILE *file = copy >= 0 ? fdopen (copy, "r") : NULL;
  char *line = NULL;
  size_t room = 0;
  ssize_t length;
  gboolean ok = file != NULL;
  if (!file)
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
                 _ ("What was answered could not be read: %s."), g_strerror (errno));
  while (ok && (length = getline (&line, &room, file)) > 0)
    {
      char *space = strchr (line, ' ');
      if (line[length - 1] != '\n' || !space) /* a line without an end was not finished */
        continue;
      line[length - 1] = 0;
      *space = 0;
      g_autofree char *path = g_strcompress (space + 1);
      ok = few_seen_add (watch->seen, path, line, error);
    }
  free (line); /* getline's */
  if (file)
    fclose (file);
  else if (copy >= 0)
    close (copy);
  return ok;
}

static gboolean
fail_journal (GError **error)
{
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
               _ ("What was answered could not be written down: %s."), g_strerror (errno));
  return FALSE;
}

/* The kernel may give the lock of a killed process back a moment after it has gone: whoever looks
 * into its open files at that time holds them, too. */
static gboolean
lock_journal (const FewWatch *watch, GCancellable *waits)
{
  gint64 until = waits ? g_get_monotonic_time () + FEW_WATCH_RELEASED : 0;
  while (flock (watch->journal, LOCK_EX | LOCK_NB) != 0)
    {
      gboolean held = errno == EWOULDBLOCK || errno == EINTR;
      if (!held || g_get_monotonic_time () > until || g_cancellable_is_cancelled (waits))
        return FALSE;
      g_usleep (STEP);
    }
  return TRUE;
}

static gboolean
open_journal (FewWatch *watch, const char *what, GCancellable *waits, GError **error)
{
  g_autofree char *path = place_journal (watch->folder, what, error);
  if (!path)
    return FALSE;
  watch->journal = g_open (path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  int failed = errno;
  if (watch->journal >= 0 && lock_journal (watch, waits))
    {
      /* the end of a line that was cut off */
      gboolean ended =
          lseek (watch->journal, 0, SEEK_END) == 0 || write (watch->journal, "\n", 1) == 1;
      if (!ended)
        return fail_journal (error);
      return lseek (watch->journal, 0, SEEK_SET) == 0 && read_journal (watch, error);
    }
  if (watch->journal >= 0)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY,
                 _ ("%s is watched by another program with the same classifier."), watch->folder);
  else
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (failed),
                 _ ("%s could not be opened: %s."), path, g_strerror (failed));
  return FALSE;
}

static gboolean
write_line (FewWatch *watch, const char *stamp, const char *path, GError **error)
{
  g_autofree char *escaped = g_strescape (path, NULL);
  g_autofree char *line = g_strdup_printf ("%s %s\n", stamp, escaped);
  return few_append_line (watch->journal, line, strlen (line)) || fail_journal (error);
}

gboolean
few_watch_answered (FewWatch *watch, const char *path, GError **error)
{
  const char *stamp = g_hash_table_lookup (watch->taken, path);
  g_return_val_if_fail (stamp != NULL, FALSE);
  if (!write_line (watch, stamp, path, error))
    return FALSE;
  g_hash_table_remove (watch->taken, path);
  return TRUE;
}

gboolean
few_watch_recall (FewWatch *watch, const char *path, gint64 then, GError **error)
{
  gint64 written = 0;
  g_autofree char *stamp = read_stamp (path, &written);
  if (!stamp || written > then || few_seen_has (watch->seen, path, stamp))
    return TRUE;
  return few_seen_add (watch->seen, path, stamp, error) && write_line (watch, stamp, path, error);
}

gboolean
few_watch_done (FewWatch *watch, GError **error)
{
  return fdatasync (watch->journal) == 0 || fail_journal (error);
}

/* ---- the folder */

static void
changed_cb (GFileMonitor *monitor G_GNUC_UNUSED, GFile *file G_GNUC_UNUSED,
            GFile *other G_GNUC_UNUSED, GFileMonitorEvent event G_GNUC_UNUSED, gpointer user)
{
  FewWatch *watch = user;
  watch->due = MIN (watch->due, g_get_monotonic_time () + QUIET);
}

/* Without inotify, or with too many folders for it, the walks go on. */
static void
listen_to (FewWatch *watch, const char *folder)
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
listen_below (FewWatch *watch, const char *folder, guint depth)
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
stamp_picture (FewWatch *watch, const char *path)
{
  gint64 written = 0;
  g_autofree char *stamp = read_stamp (path, &written);
  gint64 age = g_get_real_time () - written;
  if (!stamp || age < 0 || age >= SETTLED)
    return g_steal_pointer (&stamp);
  watch->due = MIN (watch->due, g_get_monotonic_time () + SETTLED - age + STEP);
  return NULL;
}

static gboolean
look_at (FewWatch *watch, const char *path, GError **error)
{
  g_autofree char *stamp = stamp_picture (watch, path);
  if (!stamp || few_seen_has (watch->seen, path, stamp))
    return TRUE;
  if (!few_seen_add (watch->seen, path, stamp, error))
    return FALSE;
  Found *found = g_new (Found, 1);
  *found = (Found) { g_strdup (path), g_steal_pointer (&stamp) };
  g_queue_push_tail (&watch->ready, found);
  tell (watch, FEW_WATCH_FOUND, path);
  return TRUE;
}

/* A folder that cannot be read now, on a share that is away, say, is walked again later; what comes
 * back in its place is another folder to listen to. */
static void
settle (FewWatch *watch, const GError *error)
{
  if (error && !watch->complained)
    tell (watch, FEW_WATCH_FAILED, error->message);
  if (!error && watch->complained)
    tell (watch, FEW_WATCH_WELL, NULL);
  watch->complained = error != NULL;
  if (!error)
    return;
  watch->due = MIN (watch->due, g_get_monotonic_time () + AGAIN);
  g_hash_table_remove_all (watch->monitors);
}

static void
look_through (FewWatch *watch)
{
  g_autoptr (FewWalk) walk = few_walk_new (watch->folder, NULL);
  g_autoptr (GError) error = NULL;
  gboolean ok = TRUE;
  char *name;
  watch->due = g_get_monotonic_time () + ANYWAY;
  listen_below (watch, watch->folder, 0);
  if (!watch->recursive)
    few_walk_stay (walk);
  while (ok && (name = few_walk_next (walk, &error)))
    {
      g_autofree char *path = g_build_filename (watch->folder, name, NULL);
      ok = look_at (watch, path, &error);
      g_free (name);
    }
  settle (watch, error);
}

void
few_watch_set_func (FewWatch *watch, FewWatchFunc func, gpointer user)
{
  watch->func = func;
  watch->user = user;
}

char *
few_watch_take (FewWatch *watch, gboolean look)
{
  if (look && g_queue_is_empty (&watch->ready) && g_get_monotonic_time () >= watch->due)
    look_through (watch);
  Found *found = g_queue_pop_head (&watch->ready);
  if (!found)
    return NULL;
  char *path = g_steal_pointer (&found->path);
  g_hash_table_replace (watch->taken, g_strdup (path), g_steal_pointer (&found->stamp));
  free_found (found);
  return path;
}

void
few_watch_give_back (FewWatch *watch, const char *path)
{
  const char *stamp = g_hash_table_lookup (watch->taken, path);
  g_return_if_fail (stamp != NULL);
  Found *found = g_new (Found, 1);
  *found = (Found) { g_strdup (path), g_strdup (stamp) };
  g_queue_push_head (&watch->ready, found);
  g_hash_table_remove (watch->taken, path);
}

/* ---- what is wrong of all pictures */

gboolean
few_watch_is_of_all (const GError *error)
{
  return g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOSPC)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

gboolean
few_watch_check_writable (const char *folder, GError **error)
{
  if (!g_file_test (folder, G_FILE_TEST_IS_DIR))
    return few_folder_prepare (folder, error);
  if (g_access (folder, W_OK) == 0)
    return TRUE;
  g_autofree char *shown = g_filename_display_name (folder);
  g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT,
               /* Translators: a folder */
               _ ("%s cannot be written to. Change its permissions, or choose another folder."),
               shown);
  return FALSE;
}

/* ---- life */

static void
free_monitor (gpointer monitor)
{
  g_signal_handlers_disconnect_matched (monitor, G_SIGNAL_MATCH_FUNC, 0, 0, NULL,
                                        G_CALLBACK (changed_cb), NULL);
  g_file_monitor_cancel (monitor);
  g_object_unref (monitor);
}

FewWatch *
few_watch_new (const char *folder, gboolean recursive, const char *what, GCancellable *waits,
               GError **error)
{
  g_autoptr (FewWatch) watch = g_new0 (FewWatch, 1);
  watch->journal = -1;
  watch->folder = g_canonicalize_filename (folder, NULL);
  watch->recursive = recursive;
  watch->seen = few_seen_new ();
  watch->taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  watch->monitors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_monitor);
  g_queue_init (&watch->ready);
  if (!g_file_test (watch->folder, G_FILE_TEST_IS_DIR))
    {
      g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT, _ ("%s is no folder."), watch->folder);
      return NULL;
    }
  return open_journal (watch, what, waits, error) ? g_steal_pointer (&watch) : NULL;
}

void
few_watch_free (FewWatch *watch)
{
  g_hash_table_unref (watch->monitors);
  g_hash_table_unref (watch->taken);
  few_seen_free (watch->seen);
  g_queue_clear_full (&watch->ready, free_found);
  if (watch->journal >= 0)
    close (watch->journal);
  g_free (watch->folder);
  g_free (watch);
}
