/* SPDX-License-Identifier: MIT */
/* SHA-256 beside the network: one thread hashes what is handed to it, in order, so that a fetch
 * is as fast as without. */
#pragma once
#include <glib.h>

typedef struct FewHasher FewHasher;
typedef struct FewHash FewHash;

FewHasher *few_hasher_new (void);
void few_hasher_free (FewHasher *hasher);
/* A sum under way. Its functions are called from one thread. */
FewHash *few_hash_new (FewHasher *hasher);
void few_hash_free (FewHash *hash); /* waits for its own pieces */
/* Copies; waits when too much is waiting. */
void few_hash_update (FewHash *hash, const void *data, gsize size);
/* From the beginning again. */
void few_hash_restart (FewHash *hash);
/* Waits; 64 hex digits, free with g_free. The sum begins again. */
char *few_hash_finish (FewHash *hash);
