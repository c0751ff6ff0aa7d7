/* SPDX-License-Identifier: MIT */
/* Which model it is: what its features depend on, as a sum. */
#pragma once
#include "clip/clip-config.h"
#include "clip/weights.h"
#include "text/tokenizer.h"
#include <gio/gio.h>

/* Of the weights' content: 64 hex digits, free with g_free. One file: its digest. Shards: the
 * digest of theirs. It is of the very files that `weights` read; one that has changed since is an
 * error. */
char *few_weights_sha256 (const FewWeights *weights, GCancellable *cancellable, GError **error);

/* Of all that a picture's feature depends on but the precision of the device and how JPEGs are
 * decoded: the weights and every setting of config and preprocessing. 64 hex digits, free with
 * g_free. */
char *few_fingerprint_images (const FewClipConfig *config, const char *weights_sha256);
/* The same, and what a text's feature depends on: the tokenizer, too. */
char *few_fingerprint_model (const FewClipConfig *config, const char *weights_sha256,
                             const FewTokenizer *tokenizer);
