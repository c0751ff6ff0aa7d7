/* SPDX-License-Identifier: MIT */
/* A file copied beside others: whole or not at all, and never over one that is there. */
#include "base/error.h"
#include "base/file.h"
#include <fewshot/atomic-file.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 1 << 18 };

static gboolean
copy_bytes (const FewFile *source, FewAtomicFile *copy, GCancellable *cancellable, GError **error)
{
  guint64 size = few_file_size (source);
  g_autofree char *buffer = g_malloc (PIECE);
  for (guint64 at = 0; at < size; at += PIECE)
    {
      gsize n = (gsize) MIN (size - at, PIECE);
      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !few_file_read_at (source, buffer, n, at, error)
          || !few_atomic_file_write (copy, buffer, n, error))
        return FALSE;
    }
  return few_file_check_unchanged (source, error);
}

/* Programs sort pictures by it. Nothing is lost where a file system does not take it. */
static void
keep_time (const FewFile *source, const char *to)
{
  struct stat info;
  if (fstat (few_file_descriptor (source), &info) != 0)
    return;
  const struct timespec times[] = { { .tv_nsec = UTIME_NOW }, info.st_mtim };
  if (utimensat (AT_FDCWD, to, times, 0) != 0)
    g_debug ("%s: its time could not be set", to);
}

gboolean
few_file_copy (const char *from, const char *to, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (from != NULL && to != NULL, FALSE);
  g_autoptr (FewFile) source = few_file_open (from, G_MAXINT64, error);
  g_autoptr (FewAtomicFile) copy = source ? few_atomic_file_new_only (to, error) : NULL;
  if (!copy || !copy_bytes (source, copy, cancellable, error)
      || !few_atomic_file_commit (copy, error))
    return FALSE;
  keep_time (source, to);
  return TRUE;
}
