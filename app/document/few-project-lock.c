/* SPDX-License-Identifier: MIT */
/* Lock files named by the sum of the project's own path. */
#include "document/few-project-lock.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static char *
get_lock_path (const char *path)
{
  char *resolved = realpath (path, NULL);
  g_autofree char *sum =
      g_compute_checksum_for_string (G_CHECKSUM_SHA256, resolved ? resolved : path, -1);
  g_autofree char *folder = g_build_filename (g_get_user_data_dir (), "fewshot", "locks", NULL);
  free (resolved);
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
  g_unlink (lock);
  close (fd);
}
