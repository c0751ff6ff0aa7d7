/* SPDX-License-Identifier: MIT */
/* The entries of a zip archive in memory, as far as PyTorch needs them: those that are stored;
 * compressed ones are passed over. Sizes may be zip64. */
#pragma once
#include <glib.h>

typedef struct
{
  char *name; /* valid UTF-8 */
  const guint8 *data;
  gsize size;
} FewZipEntry;

typedef struct FewZip FewZip;

/* `data` must outlive the result. `shown` names the file in errors. */
FewZip *few_zip_parse (const guint8 *data, gsize size, const char *shown, GError **error);
void few_zip_free (FewZip *zip);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewZip, few_zip_free)
const FewZipEntry *few_zip_find (const FewZip *zip, const char *name);
/* The first entry whose name ends so, or NULL. */
const FewZipEntry *few_zip_find_suffix (const FewZip *zip, const char *suffix);
