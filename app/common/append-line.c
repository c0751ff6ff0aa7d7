/* SPDX-License-Identifier: MIT */
/* Lines at the end of a file. */
#include "common/append-line.h"
#include <errno.h>
#include <unistd.h>

gboolean
few_append_line (int fd, const char *line, gsize length)
{
  gssize written = write (fd, line, length);
  if (written == (gssize) length)
    return TRUE;
  int failed = written < 0 ? errno : ENOSPC;
  off_t end = lseek (fd, 0, SEEK_END);
  if (written > 0 && end >= written && ftruncate (fd, end - written) != 0)
    g_debug ("a line is cut off: %s", g_strerror (errno));
  errno = failed;
  return FALSE;
}
