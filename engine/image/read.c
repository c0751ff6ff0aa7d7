/* SPDX-License-Identifier: MIT */
/* A picture's file in memory, and the sum of its bytes. */
#include "image/read.h"
#include "base/error.h"
#include <errno.h>
#include <fcntl.h>
#include <fewshot/crop.h>
#include <glib/gstdio.h>
#include <nettle/sha2.h>
#include <sys/stat.h>
#include <unistd.h>

static const gsize MAX_FILE_BYTES = (gsize) 1 << 30;
/* A larger one has memory of its own, which no lane holds on to. */
static const gsize MAX_KEPT_BYTES = 16 << 20;

/* The file, open, if it is one that may be a picture; −1. */
static int
open_file (const char *path, gsize *size, GError **error)
{
  int fd = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  struct stat info;
  if (fd < 0 || fstat (fd, &info) != 0)
    {
      few_fail_errno (error, path, FEW_FILE_OPENED, errno);
      if (fd >= 0)
        close (fd);
      return -1;
    }
  g_autofree char *shown = g_filename_display_name (path);
  *size = (gsize) info.st_size;
  if (!S_ISREG (info.st_mode))
    few_fail (error, INPUT, "%s is not a file.", shown);
  else if (info.st_size == 0)
    few_fail (error, INPUT, "%s is empty.", shown);
  else if ((guint64) info.st_size > MAX_FILE_BYTES)
    few_fail (error, LIMIT, "%s is larger than 1 GB.", shown);
  else
    return fd;
  close (fd);
  return -1;
}

/* data: NULL where there is no memory. Closes the file. */
static gboolean
read_all (int fd, const char *path, guint8 *data, gsize size, GError **error)
{
  gsize got = 0;
  while (data && got < size)
    {
      gssize n = read (fd, data + got, size - got);
      if (n < 0 && errno == EINTR)
        continue;
      if (n == 0)
        errno = 0; /* cut off meanwhile */
      if (n <= 0)
        break;
      got += (gsize) n;
    }
  int saved = data ? errno : ENOMEM;
  close (fd);
  if (got == size)
    return TRUE;
  few_fail_errno (error, path, FEW_FILE_READ, saved ? saved : EIO);
  return FALSE;
}

/* nettle's: GLib's takes three times as long, a tenth of a large picture's whole way */
static void
sum_up (const guint8 *data, gsize size, guint8 *hash)
{
  struct sha256_ctx context;
  sha256_init (&context);
  sha256_update (&context, size, data);
  sha256_digest (&context, SHA256_DIGEST_SIZE, hash);
}

/* Memory for `size` bytes: the buffer's, or, for the caller to free, some of its own. */
static guint8 *
make_room (FewReadBuffer *buffer, gsize size)
{
  if (!buffer || size > MAX_KEPT_BYTES)
    return g_try_malloc (size);
  if (buffer->size < size)
    {
      few_read_buffer_clear (buffer);
      buffer->data = g_try_malloc (size);
      buffer->size = buffer->data ? size : 0;
    }
  return buffer->data;
}

void
few_image_expect (const char *address)
{
  enum { AT_ONCE = 512 << 10 }; /* more is cut off by what a device takes in one request */
  g_autofree char *path = few_address_split (address, NULL);
  gsize size = 0;
  int fd = open_file (path, &size, NULL);
  gsize end = MIN (size, MAX_KEPT_BYTES);
  for (gsize at = 0; at < end && fd >= 0; at += AT_ONCE)
    posix_fadvise (fd, (off_t) at, AT_ONCE, POSIX_FADV_WILLNEED);
  if (fd >= 0)
    close (fd);
}

GBytes *
few_image_read_into (FewReadBuffer *buffer, const char *address, guint8 *hash, GError **error)
{
  g_autofree char *path = few_address_split (address, NULL);
  gsize size;
  int fd = open_file (path, &size, error);
  if (fd < 0)
    return NULL;
  guint8 *data = make_room (buffer, size);
  gboolean is_kept = buffer && data == buffer->data;
  gboolean ok = read_all (fd, path, data, size, error);
  if (ok && hash)
    sum_up (data, size, hash);
  if (ok)
    return is_kept ? g_bytes_new_static (data, size) : g_bytes_new_take (data, size);
  if (!is_kept)
    g_free (data);
  return NULL;
}

GBytes *
few_image_read (const char *address, guint8 *hash, GError **error)
{
  return few_image_read_into (NULL, address, hash, error);
}

void
few_read_buffer_clear (FewReadBuffer *buffer)
{
  g_free (buffer->data);
  *buffer = (FewReadBuffer) { NULL, 0 };
}
