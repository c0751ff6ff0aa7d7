/* SPDX-License-Identifier: MIT */
/* Files that appear whole or not at all: a temporary beside the target, fsync, rename. */
#define _GNU_SOURCE
#include <fewshot/atomic-file.h>
#include "base/error.h"
#include "base/file.h"
#include "base/words.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
  RANDOM_LETTERS = 6,
  MOST_TRIES = 100,
  MOST_LINKS = 40,
  LONGEST_STEM = 200, /* of the 255 bytes that a name may have */
  MOST_ENTRIES = 1 << 16 /* of a folder that are looked through for leftovers */
};

struct FewAtomicFile
{
  char *path;
  char *temporary;
  int fd;
  gboolean only; /* the name is not to be taken */
};

/* ---- names: .NAME.few-XXXXXX */

/* What the names of all temporaries of `path` begin with. */
static char *
temporary_stem (const char *path)
{
  g_autofree char *base = g_path_get_basename (path);
  if (strlen (base) <= LONGEST_STEM)
    return g_strdup_printf (".%s.few-", base);
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, base, -1);
  return g_strdup_printf (".%.*s.few-", 32, sum);
}

static char *
temporary_path (const char *path)
{
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *stem = temporary_stem (path);
  char random[RANDOM_LETTERS + 1] = { 0 };
  for (guint i = 0; i < RANDOM_LETTERS; i++)
    random[i] = letters[g_random_int_range (0, sizeof letters - 1)];
  g_autofree char *name = g_strconcat (stem, random, NULL);
  return g_build_filename (folder, name, NULL);
}

/* A leftover is whose writer has gone: a living one holds its lock. */
static void
remove_leftover (const char *path)
{
  struct stat info;
  if (g_lstat (path, &info) != 0 || !S_ISREG (info.st_mode))
    return;
  int fd = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW, 0);
  if (fd < 0)
    return;
  if (flock (fd, LOCK_EX | LOCK_NB) == 0)
    g_unlink (path);
  close (fd);
}

void
few_atomic_file_sweep (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *stem = temporary_stem (path);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  for (guint i = 0; dir && i < MOST_ENTRIES && (name = g_dir_read_name (dir)); i++)
    if (g_str_has_prefix (name, stem) && strlen (name) == strlen (stem) + RANDOM_LETTERS)
      {
        g_autofree char *leftover = g_build_filename (folder, name, NULL);
        remove_leftover (leftover);
      }
}

/* ".NAME.few-XXXXXX", whatever NAME */
static gboolean
is_temporary (const char *name)
{
  static const char MARK[] = ".few-";
  gsize length = strlen (name);
  gsize tail = strlen (MARK) + RANDOM_LETTERS;
  if (name[0] != '.' || length <= tail || !g_str_has_prefix (name + length - tail, MARK))
    return FALSE;
  for (const char *p = name + length - RANDOM_LETTERS; *p; p++)
    if (!g_ascii_isalnum (*p))
      return FALSE;
  return TRUE;
}

void
few_atomic_file_sweep_folder (const char *folder)
{
  g_return_if_fail (folder != NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  while (dir && (name = g_dir_read_name (dir)))
    if (is_temporary (name))
      {
        g_autofree char *leftover = g_build_filename (folder, name, NULL);
        remove_leftover (leftover);
      }
}

/* ---- opening */

/* Where a chain of links leads, whether something is there or not: it is written through them. */
static char *
follow_links (const char *path)
{
  char *at = g_strdup (path);
  for (guint i = 0; i < MOST_LINKS; i++)
    {
      g_autofree char *target = g_file_read_link (at, NULL);
      if (!target)
        break;
      g_autofree char *folder = g_path_get_dirname (at);
      g_free (at);
      at =
          g_path_is_absolute (target) ? g_strdup (target) : g_build_filename (folder, target, NULL);
    }
  return at;
}

/* Locked, so that nobody takes it for a leftover (a file system without locks has no sweepers
 * either); the umask is respected. −1 with errno. */
static int
create_temporary (const char *path, char **temporary)
{
  for (guint i = 0; i < MOST_TRIES; i++)
    {
      g_autofree char *name = temporary_path (path);
      struct stat info;
      int fd = g_open (name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
      if (fd < 0 && errno != EEXIST)
        return -1;
      if (fd < 0)
        continue;
      gboolean swept = flock (fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
      if (!swept && fstat (fd, &info) == 0 && info.st_nlink > 0)
        {
          *temporary = g_steal_pointer (&name);
          return fd;
        }
      g_unlink (name); /* somebody took it for a leftover before it was locked */
      close (fd);
    }
  errno = EEXIST;
  return -1;
}

/* FALSE for what is no file and therefore not replaced. */
static gboolean
may_replace (const char *path, const struct stat *old, GError **error)
{
  if (S_ISREG (old->st_mode))
    return TRUE;
  g_autofree char *shown = g_filename_display_name (path);
  few_fail (error, INPUT, "%s is %s: it is not replaced. Choose another name.", shown,
            few_file_kind (old->st_mode));
  return FALSE;
}

gboolean
few_file_check_output (const char *path, GError **error)
{
  g_autofree char *target = follow_links (path);
  g_autofree char *folder = g_path_get_dirname (target);
  struct stat old;
  /* the link itself first: where /dev/stdout leads is no path */
  if ((stat (path, &old) == 0 || stat (target, &old) == 0) && !may_replace (path, &old, error))
    return FALSE;
  if (g_access (folder, W_OK | X_OK) == 0)
    return TRUE;
  few_fail_errno (error, path, FEW_FILE_WRITTEN, errno);
  return FALSE;
}

FewAtomicFile *
few_atomic_file_new (const char *path, GError **error)
{
  g_autofree char *target = follow_links (path);
  g_autofree char *temporary = NULL;
  struct stat old = { 0 };
  gboolean exists = stat (path, &old) == 0 || stat (target, &old) == 0;
  if (exists && !may_replace (path, &old, error))
    return NULL;
  few_atomic_file_sweep (target);
  int fd = create_temporary (target, &temporary);
  if (fd < 0)
    {
      few_fail_errno (error, path, FEW_FILE_WRITTEN, errno);
      return NULL;
    }
  if (exists && fchmod (fd, old.st_mode & 0777) != 0)
    g_debug ("%s: fchmod: %s", temporary, g_strerror (errno));
  FewAtomicFile *file = g_new0 (FewAtomicFile, 1);
  file->path = g_steal_pointer (&target);
  file->temporary = g_steal_pointer (&temporary);
  file->fd = fd;
  return file;
}

FewAtomicFile *
few_atomic_file_new_only (const char *path, GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);
  g_autofree char *temporary = NULL;
  int fd = create_temporary (path, &temporary);
  if (fd < 0)
    {
      few_fail_errno (error, path, FEW_FILE_WRITTEN, errno);
      return NULL;
    }
  FewAtomicFile *file = g_new0 (FewAtomicFile, 1);
  file->path = g_strdup (path);
  file->temporary = g_steal_pointer (&temporary);
  file->fd = fd;
  file->only = TRUE;
  return file;
}

/* ---- writing */

static gboolean
write_at (FewAtomicFile *file, goffset offset, gconstpointer data, gsize size, GError **error)
{
  for (const char *p = data; size > 0;)
    {
      gssize n = pwrite (file->fd, p, size, offset);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          few_fail_errno (error, file->path, FEW_FILE_WRITTEN, errno);
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
  return write_at (file, end, data, size, error);
}

const char *
few_atomic_file_temporary (const FewAtomicFile *file)
{
  return file->temporary;
}

/* Gives the temporary its name. Where that is not to be replaced, a file system knows a rename for
 * it, or hard links. */
static gboolean
put_in_place (const FewAtomicFile *file)
{
  if (!file->only)
    return g_rename (file->temporary, file->path) == 0;
  if (renameat2 (AT_FDCWD, file->temporary, AT_FDCWD, file->path, RENAME_NOREPLACE) == 0)
    return TRUE;
  if (errno != EINVAL && errno != ENOSYS)
    return FALSE;
  return link (file->temporary, file->path) == 0 && g_unlink (file->temporary) == 0;
}

gboolean
few_atomic_file_commit (FewAtomicFile *file, GError **error)
{
  if (fsync (file->fd) != 0 || !put_in_place (file))
    {
      int failed = errno;
      g_autofree char *shown = g_filename_display_name (file->path);
      if (file->only && failed == EEXIST)
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS, _ ("%s is there already."), shown);
      else
        few_fail_errno (error, file->path, FEW_FILE_WRITTEN, failed);
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

/* ---- whole files */

gboolean
few_file_write (const char *path, const char *data, gsize size, GError **error)
{
  g_autoptr (FewAtomicFile) file = few_atomic_file_new (path, error);
  return file && few_atomic_file_write (file, data, size, error)
         && few_atomic_file_commit (file, error);
}

gboolean
few_file_save_keys (GKeyFile *keys, const char *path, GError **error)
{
  gsize size;
  g_autofree char *text = g_key_file_to_data (keys, &size, NULL);
  return few_file_write (path, text, size, error);
}
