/* SPDX-License-Identifier: MIT */
/* In the place of unpack.c where libarchive was not there when this was built. */
#include <fewshot/archive.h>
#include "base/error.h"

gboolean
few_archive_unpack (const char *path, const char *folder,
                    void (*progress) (gpointer user, guint64 done, guint64 total), gpointer user,
                    GCancellable *cancellable, FewUnpacked *unpacked, GError **error)
{
  few_fail (error, UNSUPPORTED,
            "This Fewshot was built without libarchive, which unpacks archives: install "
            "libarchive-dev and build it again, or unpack the archive yourself.");
  return FALSE;
}
