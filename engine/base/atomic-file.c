/* SPDX-License-Identifier: MIT */
#include "base/atomic-file.h"
#include "base/error.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct FewAtomicFile
{
  char *path;
  char *temporary;
  int fd;
};

FewAtomicFile *
few_atomic_file_new (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *name = g_strdup_printf (".%s.XXXXXX", base);
  g_autofree char *temporary = g_build_filename (folder, name, NULL);
  int fd = g_mkstemp_full (temporary, O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0)
    {
      few_fail_errno (error, path, "written", errno);
      return NULL;
    }
  /* mkstemp keeps the file private; a finished file has the mode that any program's file has. */
  struct stat old;
  mode_t mode = stat (path, &old) == 0 ? old.st_mode & 0777 : 0644;
  if (fchmod (fd, mode) != 0)
    g_debug ("%s: fchmod: %s", temporary, g_strerror (errno));
  FewAtomicFile *file = g_new0 (FewAtomicFile, 1);
  file->path = g_strdup (path);
  file->temporary = g_steal_pointer (&temporary);
  file->fd = fd;
  return file;
}

gboolean
few_atomic_file_rewrite (FewAtomicFile *file, goffset offset, gconstpointer data, gsize size,
                         GError **error)
{
  for (const char *p = data; size > 0;)
    {
      gssize n = pwrite (file->fd, p, size, offset);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          few_fail_errno (error, file->path, "written", errno);
          return FALSE;
        }
      p += n;
      offset += n;
      size -= n;
    }
  return TRUE;
}

gboolean
few_atomic_file_write (FewAtomicFile *file, gconstpointer data, gsize size, GError **error)
{
  goffset end = lseek (file->fd, 0, SEEK_END);
  return few_atomic_file_rewrite (file, end, data, size, error);
}

gboolean
few_atomic_file_commit (FewAtomicFile *file, GError **error)
{
  if (fsync (file->fd) != 0 || g_rename (file->temporary, file->path) != 0)
    {
      few_fail_errno (error, file->path, "written", errno);
      return FALSE;
    }
  g_clear_pointer (&file->temporary, g_free);
  /* The rename itself must survive a power cut. */
  g_autofree char *folder = g_path_get_dirname (file->path);
  int fd = g_open (folder, O_RDONLY | O_CLOEXEC, 0);
  if (fd >= 0)
    {
      if (fsync (fd) != 0)
        g_debug ("%s: fsync: %s", folder, g_strerror (errno));
      close (fd);
    }
  return TRUE;
}

void
few_atomic_file_free (FewAtomicFile *file)
{
  if (file->temporary)
    g_unlink (file->temporary);
  close (file->fd);
  g_free (file->temporary);
  g_free (file->path);
  g_free (file);
}
