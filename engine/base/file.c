/* SPDX-License-Identifier: MIT */
/* The one door to files that others wrote. */
#include "base/file.h"
#include "base/error.h"
#include "base/lfs-pointer.h"
#include "base/words.h"
#include <inttypes.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct FewFile
{
  int fd;
  guint64 size;
  struct stat info; /* when it was opened */
  char *shown;
};

const char *
few_file_kind (mode_t mode)
{
  if (S_ISDIR (mode))
    return _ ("a folder");
  if (S_ISFIFO (mode))
    return _ ("a pipe");
  return S_ISSOCK (mode) ? _ ("a socket") : _ ("a device");
}

static gboolean
fail_kind (const char *path, mode_t mode, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  const char *kind = few_file_kind (mode);
  few_fail (error, INPUT, "%s is %s where a file is wanted.", shown, kind);
  return FALSE;
}

/* Asked before it is opened, for opening a device can do something, and once more of what was
 * opened. O_NONBLOCK: a pipe that came between would wait for its writer. */
static int
open_regular (const char *path, int flags, int mode, struct stat *info, GError **error)
{
  if (stat (path, info) == 0 && !S_ISREG (info->st_mode))
    {
      fail_kind (path, info->st_mode, error);
      return -1;
    }
  int fd = g_open (path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, mode);
  if (fd < 0 || fstat (fd, info) != 0)
    few_fail_errno (error, path, FEW_FILE_OPENED, errno);
  else if (S_ISREG (info->st_mode))
    return fd;
  else
    fail_kind (path, info->st_mode, error);
  if (fd >= 0)
    close (fd);
  return -1;
}

static gboolean
check_content (const FewFile *file, GError **error)
{
  char start[FEW_LFS_POINTER_MOST];
  return file->size > sizeof start
         || (few_file_read_at (file, start, file->size, 0, error)
             && few_lfs_check (start, file->size, file->shown, error));
}

FewFile *
few_file_open (const char *path, guint64 most, GError **error)
{
  struct stat info;
  int fd = open_regular (path, O_RDONLY, 0, &info, error);
  if (fd < 0)
    return NULL;
  FewFile *file = g_new0 (FewFile, 1);
  file->fd = fd;
  file->size = (guint64) info.st_size;
  file->info = info;
  file->shown = g_filename_display_name (path);
  if (file->size > most)
    few_fail (error, LIMIT, "%s is too large: at most %" PRIu64 " MB are read of it.", file->shown,
              MAX (most >> 20, 1));
  else if (check_content (file, error))
    return file;
  few_file_free (file);
  return NULL;
}

void
few_file_free (FewFile *file)
{
  close (file->fd);
  g_free (file->shown);
  g_free (file);
}

guint64
few_file_size (const FewFile *file)
{
  return file->size;
}

const char *
few_file_shown (const FewFile *file)
{
  return file->shown;
}

int
few_file_descriptor (const FewFile *file)
{
  return file->fd;
}

static char *
stamp_of (const struct stat *info)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
                          " %" G_GINT64_FORMAT ".%09ld %" G_GINT64_FORMAT ".%09ld",
                          (guint64) info->st_dev, (guint64) info->st_ino, (guint64) info->st_size,
                          (gint64) info->st_mtim.tv_sec, info->st_mtim.tv_nsec,
                          (gint64) info->st_ctim.tv_sec, info->st_ctim.tv_nsec);
}

char *
few_file_state (const FewFile *file)
{
  return stamp_of (&file->info);
}

gboolean
few_file_check_unchanged (const FewFile *file, GError **error)
{
  struct stat now;
  if (fstat (file->fd, &now) != 0)
    {
      few_fail_errno (error, file->shown, FEW_FILE_READ, errno);
      return FALSE;
    }
  /* its name, links and rights may change */
  if (now.st_size == file->info.st_size && now.st_mtim.tv_sec == file->info.st_mtim.tv_sec
      && now.st_mtim.tv_nsec == file->info.st_mtim.tv_nsec)
    return TRUE;
  few_fail (error, INPUT, "%s changed while it was read. Is it still being copied?", file->shown);
  return FALSE;
}

gboolean
few_file_read_at (const FewFile *file, gpointer out, gsize size, guint64 offset, GError **error)
{
  for (char *to = out; size > 0;)
    {
      gssize n = pread (file->fd, to, size, (off_t) offset);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          few_fail_errno (error, file->shown, FEW_FILE_READ, errno);
          return FALSE;
        }
      if (n == 0)
        {
          few_fail (error, INPUT, "%s became shorter while it was read. Is it still being copied?",
                    file->shown);
          return FALSE;
        }
      to += n;
      offset += (guint64) n;
      size -= (gsize) n;
    }
  return TRUE;
}

char *
few_file_read (const char *path, gsize most, gsize *length, GError **error)
{
  g_autoptr (FewFile) file = few_file_open (path, most, error);
  g_autofree char *data = file ? g_try_malloc (file->size + 1) : NULL;
  if (file && !data)
    few_fail (error, MEMORY, "There is not enough memory to read %s.", file->shown);
  if (!data || !few_file_read_at (file, data, file->size, 0, error))
    return NULL;
  data[file->size] = 0;
  if (length)
    *length = file->size;
  return g_steal_pointer (&data);
}

gboolean
few_file_is_same (const char *a, const char *b)
{
  enum { PIECE = 1 << 18 };
  g_autoptr (FewFile) first = few_file_open (a, G_MAXUINT64, NULL);
  g_autoptr (FewFile) second = few_file_open (b, G_MAXUINT64, NULL);
  if (!first || !second || first->size != second->size)
    return FALSE;
  g_autofree char *left = g_malloc (PIECE);
  g_autofree char *right = g_malloc (PIECE);
  for (guint64 at = 0; at < first->size; at += PIECE)
    {
      gsize n = (gsize) MIN (first->size - at, PIECE);
      if (!few_file_read_at (first, left, n, at, NULL)
          || !few_file_read_at (second, right, n, at, NULL) || memcmp (left, right, n) != 0)
        return FALSE;
    }
  return TRUE;
}

int
few_file_open_to_write (const char *path, int flags, int mode, GError **error)
{
  struct stat info;
  return open_regular (path, flags, mode, &info, error);
}

gboolean
few_file_load_keys (GKeyFile *keys, const char *path, GError **error)
{
  gsize length;
  g_autofree char *text = few_file_read (path, FEW_SMALL_FILE, &length, error);
  return text && g_key_file_load_from_data (keys, text, length, G_KEY_FILE_NONE, error);
}
