/* SPDX-License-Identifier: MIT */
/* A cache's database into another one. */
#pragma once
#include "formats/feature-cache.h"
#include <gio/gio.h>

typedef struct
{
  guint64 added, known, damaged;
} FewCacheCount;

/* The width of the features there; 0: it is no such database, or another version's. */
guint few_feature_file_dim (const char *path);
/* What is in the file at `path`, which is only read, whether or not its file system has locks, goes
 * into the cache where that does not have it; the count is added to. */
gboolean few_feature_cache_take (FewFeatureCache *cache, const char *path, guint dim,
                                 FewCacheCount *count, GCancellable *cancellable, GError **error);
