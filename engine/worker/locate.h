/* SPDX-License-Identifier: MIT */
/* Pictures that moved, found again by their content. */
#pragma once
#include <fewshot/method.h>

/* FewFound *, class_name the SHA-256: the first file below `folders` with each of the contents,
 * 64 hex digits each. */
GPtrArray *few_locate (const char *const *folders, const char *const *hashes, guint n,
                       FewMethodProgress progress, gpointer user, GCancellable *cancellable);
