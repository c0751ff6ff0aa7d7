/* SPDX-License-Identifier: MIT */
/* Which model it is. */
#pragma once
#include "clip/weights.h"
#include <gio/gio.h>

/* 64 hex digits, free with g_free. One file: its digest. Shards: the digest of theirs. */
char *few_weights_sha256 (const FewWeights *weights, GCancellable *cancellable, GError **error);
