/* SPDX-License-Identifier: MIT */
/* Features on disk by content hash: one SQLite database per (model, preprocessing), in WAL mode, so
 * that several processes read and write it at once and a killed one leaves it whole. What SQLite
 * does not see, a flipped bit, a sum over hash and feature does. Packs of version 0.2 (*.features)
 * are not read and go: nothing tells which settings their features were made with. */
#pragma once
#include <glib.h>

enum { FEW_HASH_BYTES = 32 };

typedef struct FewFeatureCache FewFeatureCache;

/* `folder` is created; `key` names the database (fingerprint and preprocessing). A database that is
 * damaged or is none is begun anew, one of another width or version refused. Thread-safe after
 * opening. */
FewFeatureCache *few_feature_cache_open (const char *folder, const char *key, guint dim,
                                         GError **error);
void few_feature_cache_free (FewFeatureCache *cache);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewFeatureCache, few_feature_cache_free)
/* Copies the feature (dim floats) and returns TRUE, or FALSE when unknown. */
gboolean few_feature_cache_get (FewFeatureCache *cache, const guint8 hash[FEW_HASH_BYTES],
                                float *feature);
/* A failed put (full disk) is not fatal: the picture is encoded again next time. */
gboolean few_feature_cache_put (FewFeatureCache *cache, const guint8 hash[FEW_HASH_BYTES],
                                const float *feature, GError **error);
/* What is put between the two is written at once, or, where it is not to be kept, not at all. */
gboolean few_feature_cache_begin (FewFeatureCache *cache, GError **error);
gboolean few_feature_cache_end (FewFeatureCache *cache, gboolean keep, GError **error);
/* By what marks a database; 0: it is none of this version. */
guint few_feature_cache_dim_of (gint64 application, gint64 version);
/* How many there are; walks through all of them. */
guint64 few_feature_cache_count (FewFeatureCache *cache);
/* FALSE once its file was deleted or replaced. */
gboolean few_feature_cache_is_current (const FewFeatureCache *cache);
