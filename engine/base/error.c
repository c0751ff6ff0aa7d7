/* SPDX-License-Identifier: MIT */
/* The library's error domain, and sentences about files. */
#include "base/error.h"
#include "base/words.h"
#include <errno.h>

G_DEFINE_QUARK (few - error - quark, few_error)

void
few_fail_with (GError **error, FewError code, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  GError *made = g_error_new_valist (FEW_ERROR, (int) code, _ (format), args);
  va_end (args);
  g_propagate_error (error, made);
}

char *
few_file_sentence (FewFileVerb verb, const char *shown, const char *reason)
{
  switch (verb)
    {
    case FEW_FILE_CREATED:
      return g_strdup_printf (_ ("%s could not be created: %s."), shown, reason);
    case FEW_FILE_LISTED:
      return g_strdup_printf (_ ("%s could not be listed: %s."), shown, reason);
    case FEW_FILE_LOCKED:
      return g_strdup_printf (_ ("%s could not be locked: %s."), shown, reason);
    case FEW_FILE_OPENED:
      return g_strdup_printf (_ ("%s could not be opened: %s."), shown, reason);
    case FEW_FILE_READ:
      return g_strdup_printf (_ ("%s could not be read: %s."), shown, reason);
    case FEW_FILE_REMOVED:
      return g_strdup_printf (_ ("%s could not be removed: %s."), shown, reason);
    case FEW_FILE_WRITTEN:
    default:
      return g_strdup_printf (_ ("%s could not be written: %s."), shown, reason);
    }
}

gboolean
few_error_is_of_device (const GError *error)
{
  return g_error_matches (error, FEW_ERROR, FEW_ERROR_DEVICE)
         || g_error_matches (error, FEW_ERROR, FEW_ERROR_MEMORY);
}

void
few_fail_errno (GError **error, const char *path, FewFileVerb verb, int saved_errno)
{
  g_autofree char *shown = g_filename_display_name (path);
  g_autofree char *sentence = few_file_sentence (verb, shown, g_strerror (saved_errno));
  g_set_error_literal (error, G_FILE_ERROR, g_file_error_from_errno (saved_errno), sentence);
}
