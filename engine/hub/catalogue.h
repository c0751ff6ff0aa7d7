/* SPDX-License-Identifier: MIT */
/* Making and checking catalogue entries. */
#pragma once
#include <fewshot/hub.h>

/* "org/name", "main", "a.json": parts of letters, digits and . _ - + that do not begin with a
 * dot, so that neither a path nor a URL can be made to lead elsewhere. */
gboolean few_hub_name_is_safe (const char *name);
/* Two such parts. */
gboolean few_hub_repository_is_valid (const char *repository);
FewCatalogueEntry *few_catalogue_entry_new (const char *name, const char *repository,
                                            const char *revision);
void few_catalogue_entry_add_file (FewCatalogueEntry *entry, const char *name, guint64 bytes,
                                   const char *sha256);
