/* SPDX-License-Identifier: MIT */
/* Archives of pictures (zip, tar, plain or by gzip, bzip2, xz or zstd) become folders. What
 * is in one is taken for hostile: regular files alone, none outside the new folder, hidden or over
 * another; so many and so large as pictures are, and no more than a picture is packed. */
#pragma once
#include <fewshot/export.h>

G_BEGIN_DECLS

/* TRUE when the name ends like that of an archive (.zip .tar .tar.gz .tgz .tar.xz .txz .tar.bz2
 * .tbz2 .tar.zst, any case). */
FEW_API gboolean few_archive_is_name (const char *path);
/* Where it would be unpacked: beside it, without its ending. Free with g_free. */
FEW_API char *few_archive_folder (const char *path);

typedef struct
{
  guint files;
  guint64 bytes;
  guint left_out; /* links, devices, hidden files, names that lead elsewhere or are taken */
} FewUnpacked;

/* Into `folder`, which is not to be there and appears whole or not at all; where all of it lies in
 * one folder, that is what becomes it. progress (may be NULL) is told of bytes of the archive, from
 * this thread. What a killed run left goes at the next. Errors: FEW_ERROR_LIMIT where it is too
 * large, FEW_ERROR_UNSUPPORTED without libarchive or of an encrypted one. */
FEW_API gboolean few_archive_unpack (const char *path, const char *folder,
                                     void (*progress) (gpointer user, guint64 done, guint64 total),
                                     gpointer user, GCancellable *cancellable,
                                     FewUnpacked *unpacked, GError **error);

G_END_DECLS
