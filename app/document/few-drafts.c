/* SPDX-License-Identifier: MIT */
/* The folder of drafts and its locks: a lock that can be had was left by a crash. */
#include "document/few-drafts.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <unistd.h>

static char *
get_folder (void)
{
  return g_build_filename (g_get_user_data_dir (), "fewshot", "drafts", NULL);
}

static char *
get_lock_path (const char *draft)
{
  return g_strconcat (draft, ".lock", NULL);
}

char *
few_draft_new_path (void)
{
  g_autofree char *folder = get_folder ();
  g_autofree char *uuid = g_uuid_string_random ();
  g_autofree char *name = g_strconcat (uuid, ".fewshot", NULL);
  g_mkdir_with_parents (folder, 0700);
  return g_build_filename (folder, name, NULL);
}

int
few_draft_lock (const char *draft)
{
  g_autofree char *path = get_lock_path (draft);
  int fd = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd >= 0 && flock (fd, LOCK_EX | LOCK_NB) != 0)
    {
      close (fd);
      return -1;
    }
  return fd;
}

void
few_draft_unlock (const char *draft, int fd)
{
  g_autofree char *path = get_lock_path (draft);
  if (fd < 0)
    return;
  g_unlink (path);
  close (fd);
}

gboolean
few_draft_is (const char *path)
{
  g_autofree char *folder = get_folder ();
  g_autofree char *own = g_path_get_dirname (path);
  return g_str_equal (folder, own);
}

char *
few_draft_set_aside (const char *draft)
{
  g_return_val_if_fail (draft, NULL);
  g_autofree char *folder = get_folder ();
  g_autofree char *aside = g_build_filename (folder, "damaged", NULL);
  g_autofree char *name = g_path_get_basename (draft);
  g_autofree char *lock = get_lock_path (draft);
  char *path = g_build_filename (aside, name, NULL);
  g_mkdir_with_parents (aside, 0700);
  if (g_rename (draft, path) != 0)
    g_clear_pointer (&path, g_free);
  g_unlink (lock);
  return path;
}

typedef struct
{
  char *path;
  gint64 when;
} Draft;

static int
compare_newest_first (gconstpointer a, gconstpointer b)
{
  const Draft *x = a;
  const Draft *y = b;
  return (x->when < y->when) - (x->when > y->when);
}

/* Those with a lock that its program left, or those without one. */
static char **
list_drafts (gboolean abandoned)
{
  g_autofree char *folder = get_folder ();
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autoptr (GArray) drafts = g_array_new (FALSE, FALSE, sizeof (Draft));
  g_autoptr (GStrvBuilder) paths = g_strv_builder_new ();
  const char *name;
  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *lock = get_lock_path (path);
      GStatBuf status;
      if (!g_str_has_suffix (name, ".fewshot") || g_stat (path, &status) != 0)
        continue;
      gboolean locked = g_file_test (lock, G_FILE_TEST_EXISTS);
      int fd = locked ? few_draft_lock (path) : -1;
      gboolean left = fd >= 0;
      if (fd >= 0)
        close (fd); /* the file stays: who opens the draft locks it */
      if (abandoned ? !left : locked)
        continue;
      Draft draft = { g_steal_pointer (&path), status.st_mtime };
      g_array_append_val (drafts, draft);
    }
  g_array_sort (drafts, compare_newest_first);
  for (guint i = 0; i < drafts->len; i++)
    {
      Draft *draft = &g_array_index (drafts, Draft, i);
      g_strv_builder_add (paths, draft->path);
      g_free (draft->path);
    }
  return g_strv_builder_end (paths);
}

char **
few_drafts_abandoned (void)
{
  return list_drafts (TRUE);
}

char **
few_drafts_closed (void)
{
  return list_drafts (FALSE);
}
