/* SPDX-License-Identifier: MIT */
/* Features on disk by content hash: one append-only pack per (model, preprocessing).
 *
 * Layout, little-endian: header "FEWFEAT1", u32 dim, u32 0; then records of 32 bytes SHA-256 of
 * the picture file, dim × f32 RAW feature, u32 CRC-32 of both. A record is written with one
 * write, so a killed process leaves at most a torn tail, which is cut off at the next open.
 * Several processes may share a pack: appends are serialised by flock. */
#pragma once
#include <glib.h>

enum { FEW_HASH_BYTES = 32 };

typedef struct FewFeatureCache FewFeatureCache;

/* `folder` is created; `key` names the pack (model hash and preprocessing version). Thread-safe
 * after opening. */
FewFeatureCache *few_feature_cache_open (const char *folder, const char *key, guint dim,
                                         GError **error);
void few_feature_cache_free (FewFeatureCache *cache);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewFeatureCache, few_feature_cache_free)
/* Copies the feature (dim floats) and returns TRUE, or FALSE when unknown. */
gboolean few_feature_cache_get (FewFeatureCache *cache, const guint8 hash[FEW_HASH_BYTES],
                                float *feature);
/* A failed append (full disk) is not fatal: the picture is encoded again next time. */
gboolean few_feature_cache_put (FewFeatureCache *cache, const guint8 hash[FEW_HASH_BYTES],
                                const float *feature, GError **error);
guint few_feature_cache_count (FewFeatureCache *cache);
/* Records thrown away at opening because they were torn or damaged. */
guint few_feature_cache_discarded (const FewFeatureCache *cache);
/* FALSE once its file was deleted. */
gboolean few_feature_cache_is_current (const FewFeatureCache *cache);
