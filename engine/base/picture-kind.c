/* SPDX-License-Identifier: MIT */
/* Which files are pictures: by their names, else by the bytes that their formats begin with. */
#include "base/picture-kind.h"
#include <fewshot/picture.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

gboolean
few_name_ends_in (const char *name, const char *const *endings)
{
  const char *dot = strrchr (name, '.');
  for (; dot && *endings; endings++)
    if (g_ascii_strcasecmp (dot, *endings) == 0)
      return TRUE;
  return FALSE;
}

gboolean
few_is_video_name (const char *name)
{
  static const char *const endings[] = { ".mp4", ".m4v", ".mov", ".qt",  ".mkv",  ".webm",
                                         ".avi", ".ogv", ".ogm", ".mpg", ".mpeg", ".m2ts",
                                         ".mts", ".3gp", ".wmv", ".flv", NULL };
  return few_name_ends_in (name, endings);
}

gboolean
few_is_picture_name (const char *name)
{
  static const char *const endings[] = { ".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".png", ".apng",
                                         ".gif", ".webp", ".bmp", ".dib", ".tif", ".tiff", ".heic",
                                         ".heif", ".hif", ".avif", ".jxl",
                                         /* raw files with a preview */
                                         ".dng", ".nef", ".nrw", ".cr2", ".arw", ".sr2", ".pef",
                                         ".srw", ".rw2", ".raf", ".cr3", ".orf", ".ori", NULL };
  return few_name_ends_in (name, endings);
}

static gboolean
begins (const guint8 *data, gsize size, const char *with, gsize length)
{
  return size >= length && memcmp (data, with, length) == 0;
}

/* HEIC, AVIF and Canon's CR3, whose first brand says so, and JPEG XL in boxes. Without boxes it
 * begins with two bytes, which are too few: those need their name. */
static gboolean
is_boxed_picture (const guint8 *data, gsize size)
{
  static const char *const brands[] = { "heic", "heix", "heim", "heis", "hevc", "hevx",
                                        "mif1", "msf1", "avif", "avis", "crx " };
  if (begins (data, size, "\0\0\0\x0cJXL \r\n\x87\n", 12))
    return TRUE;
  if (size < 12 || memcmp (data + 4, "ftyp", 4) != 0)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (brands); i++)
    if (memcmp (data + 8, brands[i], 4) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_picture_data (const guint8 *data, gsize size)
{
  return begins (data, size, "\xff\xd8\xff", 3) || begins (data, size, "\x89PNG\r\n\x1a\n", 8)
         || begins (data, size, "GIF87a", 6) || begins (data, size, "GIF89a", 6)
         || begins (data, size, "II*\0", 4) || begins (data, size, "MM\0*", 4)
         || begins (data, size, "IIRO", 4) || begins (data, size, "IIRS", 4)
         || begins (data, size, "MMOR", 4) || begins (data, size, "IIU\0", 4)
         || begins (data, size, "FUJIFILMCCD-RAW ", 16) || begins (data, size, "II+\0", 4)
         || begins (data, size, "MM\0+", 4) || is_boxed_picture (data, size)
         || (begins (data, size, "RIFF", 4) && size >= 12 && memcmp (data + 8, "WEBP", 4) == 0)
         /* two letters are few: the size of the header behind them, too */
         || (begins (data, size, "BM", 2) && size >= 18 && data[14] >= 12 && data[14] <= 124
             && data[15] == 0 && data[16] == 0 && data[17] == 0);
}

gboolean
few_is_picture_at (int folder, const char *name)
{
  if (few_is_picture_name (name))
    return TRUE;
  guint8 data[18];
  struct stat info;
  gssize size = -1;
  int fd = openat (folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0)
    return FALSE;
  if (fstat (fd, &info) == 0 && S_ISREG (info.st_mode))
    do
      size = read (fd, data, sizeof data);
    while (size < 0 && errno == EINTR);
  close (fd);
  return size > 0 && is_picture_data (data, (gsize) size);
}

gboolean
few_is_picture_file (const char *path)
{
  return few_is_picture_at (AT_FDCWD, path);
}
