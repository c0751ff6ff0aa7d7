/* SPDX-License-Identifier: MIT */
/* The library's error domain, and sentences about files. */
#include "base/error.h"
#include <errno.h>

G_DEFINE_QUARK (few - error - quark, few_error)

void
few_fail_errno (GError **error, const char *path, const char *verb, int saved_errno)
{
  g_autofree char *shown = g_filename_display_name (path);
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (saved_errno),
               "%s could not be %s: %s.", shown, verb, g_strerror (saved_errno));
}
