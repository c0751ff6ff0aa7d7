/* SPDX-License-Identifier: MIT */
/* A file of features that embed wrote, read row by row: memory does not grow with it. */
#pragma once
#include "formats/safetensors.h"

typedef struct FewShardFile FewShardFile;

FewShardFile *few_shard_file_open (const char *path, GError **error);
void few_shard_file_free (FewShardFile *shard);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewShardFile, few_shard_file_free)
const FewSafetensors *few_shard_file_safetensors (const FewShardFile *shard);
guint64 few_shard_file_rows (const FewShardFile *shard);
guint few_shard_file_dim (const FewShardFile *shard);
guint64 few_shard_file_name_bytes (const FewShardFile *shard);
/* Rows are in the order of their names (few_walk_compare). */
gboolean few_shard_file_is_sorted (const FewShardFile *shard);

/* To the first row. FALSE with an error when the file cannot be read. */
gboolean few_shard_file_rewind (FewShardFile *shard, GError **error);
/* The name of the row that is at hand, until the shard moves on; NULL at the end. */
const char *few_shard_file_name (const FewShardFile *shard);
/* Its feature. */
gboolean few_shard_file_row (FewShardFile *shard, float *out, GError **error);
gboolean few_shard_file_advance (FewShardFile *shard, GError **error);
