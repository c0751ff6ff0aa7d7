/* SPDX-License-Identifier: MIT */
/* Read, not mapped: a file that is cut meanwhile is an error, and no signal. */
#include "common/file-sum.h"
#include <fewshot.h>

char *
few_file_sum (const char *path, GError **error)
{
  enum { MOST = 1 << 30 };
  gsize size;
  g_autofree char *bytes = few_file_read (path, MOST, &size, error);
  return bytes ? g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) bytes, size)
               : NULL;
}
