/* SPDX-License-Identifier: MIT */
/* The entries of a zip archive, as far as PyTorch needs them: those that are stored; compressed
 * ones are passed over. Sizes may be zip64. */
#pragma once
#include "base/file.h"

typedef struct
{
  char *name; /* valid UTF-8 */
  guint64 offset; /* of its bytes in the file */
  guint64 size;
} FewZipEntry;

typedef struct FewZip FewZip;

FewZip *few_zip_read (const FewFile *file, GError **error);
void few_zip_free (FewZip *zip);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewZip, few_zip_free)
const FewZipEntry *few_zip_find (const FewZip *zip, const char *name);
/* The first entry whose name ends so, or NULL. */
const FewZipEntry *few_zip_find_suffix (const FewZip *zip, const char *suffix);
