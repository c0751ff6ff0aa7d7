/* SPDX-License-Identifier: MIT */
/* Lock files named by the sum of the project's own path, however it is written. */
#include "document/few-project-lock.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_LINKS = 8 };

/* NULL: it is not there. */
static char *
resolve_whole (const char *path)
{
  char *resolved = realpath (path, NULL);
  char *copy = g_strdup (resolved);
  free (resolved);
  return copy;
}

/* A file that is not there yet has the name that it will have: its folder's own, and where a
 * symbolic link that leads nowhere so far will lead. */
static char *
resolve (const char *path)
{
  g_autofree char *at = g_strdup (path);
  for (guint i = 0; i < MOST_LINKS; i++)
    {
      char *there = resolve_whole (at);
      g_autofree char *folder = there ? NULL : g_path_get_dirname (at);
      g_autofree char *own = there ? NULL : resolve_whole (folder);
      if (!own)
        return there ? there : g_steal_pointer (&at);
      g_autofree char *name = g_path_get_basename (at);
      g_autofree char *whole = g_build_filename (own, name, NULL);
      g_autofree char *link = g_file_read_link (whole, NULL);
      if (!link)
        return g_steal_pointer (&whole);
      g_free (at);
      at = g_canonicalize_filename (link, own);
    }
  return g_steal_pointer (&at);
}

static char *
get_lock_path (const char *path)
{
  g_autofree char *resolved = resolve (path);
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, resolved, -1);
  g_autofree char *folder = g_build_filename (g_get_user_data_dir (), "fewshot", "locks", NULL);
  g_mkdir_with_parents (folder, 0700);
  return g_build_filename (folder, sum, NULL);
}

/* Whoever lets go takes the file away: one that was taken away in between locks nothing. */
int
few_project_lock (const char *path)
{
  g_return_val_if_fail (path, -1);
  g_autofree char *lock = get_lock_path (path);
  for (;;)
    {
      struct stat info;
      int fd = g_open (lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
      if (fd < 0)
        return g_open ("/dev/null", O_RDWR | O_CLOEXEC, 0); /* nowhere to lock: as without locks */
      if (flock (fd, LOCK_EX | LOCK_NB) != 0)
        {
          close (fd);
          return -1;
        }
      if (fstat (fd, &info) == 0 && info.st_nlink > 0)
        return fd;
      close (fd);
    }
}

void
few_project_unlock (const char *path, int fd)
{
  g_return_if_fail (path);
  if (fd < 0)
    return;
  g_autofree char *lock = get_lock_path (path);
  struct stat own;
  struct stat named;
  /* the path may lead to another file by now, whose lock is somebody else's */
  if (fstat (fd, &own) == 0 && stat (lock, &named) == 0 && own.st_dev == named.st_dev
      && own.st_ino == named.st_ino)
    g_unlink (lock);
  close (fd);
}
